"""What the X-ray page asks when it is opened: of its four views as they are at first sight, and a little beyond."""

from __future__ import annotations

from core.record.answers import Request
from core.spec import NetSpec
from core.web.xray import nets, stacks


def opened() -> dict[str, list[Request]]:
    """By file of assets/xray: the three nets at each depth of their slider, and both choices of views that have two."""
    first, second = stacks.ACTIVATIONS["ReLU"], stacks.INITS["PyTorch default"]
    layered = stacks.layered(depth=stacks.LAYERS, width=stacks.UNITS, activation=first, init=second)
    return {
        nets.THREE: [
            nets.request(NetSpec(depth=depth, norm="batch" if bn else "none", skip=skip), nets.IMAGES, 0)
            for depth in nets.depths_offered()
            for _, bn, skip in nets.DEFAULTS
        ],
        nets.DEPTHS: [
            nets.request(net, nets.SWEEP_IMAGES, 0)
            for init in nets.DRAWN
            for group in nets.swept(init)
            for net in group
        ],
        stacks.LINEAR: [stacks.request(spec) for spec in layered],
        stacks.BLOCKWISE: [
            stacks.request(spec)
            for kind in stacks.BEYOND.values()
            for spec in stacks.blocked(kind, stacks.BLOCKS, stacks.CHANNELS)
        ],
    }
