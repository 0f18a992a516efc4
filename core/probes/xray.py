"""The X-ray: what a net does to signal and gradient at initialisation, before any training step, in train mode.

Works for every net and stack that lists its ``layers`` and ``blocks``. All norms are L2 norms over the whole batch.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core.check import Check, never
from core.nets import Layer, Net
from core.nets.stacks import Stack
from core.probes import quantities
from core.probes.quantities import Pass
from core.probes.taps import tap
from core.probes.watch import unchanged
from core.record.answers import XRay
from core.record.payloads import Measured
from core.vocabulary.quantities import INITIAL

# Gradients travel multiplied by this power of two, so that those of 110 shrinking layers are not lost to float32, nor
# slowed by its denormals; norms are taken and divided by it, exactly, in float64.
SCALE = 2.0**64
FAINT = 2.0**-110  # a scaled gradient whose entries are this small on average loses some of them to float32


def xray(
    net: Net | Stack, images: Tensor, labels: Tensor, check: Check = never, seed: int = 0, room: Check = never
) -> XRay:
    """One forward and one backward pass; the net is afterwards as before.

    L layers, B residual branches, S points of the stream (the ends of the blocks; without blocks each layer's ReLU):
    ``layers`` and ``blocks`` names; ``mean``, ``std`` of the responses (L,); ``weight_grad``, ``signal_grad`` norms
    (L,); ``dead`` share of the ReLU's channels that are 0 everywhere (L,), NaN without one; ``branch_ratio``
    ‖F(x)‖/‖x‖ (B,); ``stream_at`` number of the layer where each point lies, from 1 (S,), ``stream_squared_mean`` and
    ``stream_variance`` (S,): mean over channels of the squared mean and of the variance over pictures and positions
    (Brock 2021, section 3); ``branch_at``, ``branch_variance`` (B,); ``loss``. Arrays are on the CPU, float64 but for
    ``dead``.

    The net computes in float32. Where that is too narrow, for the gradient of 200 sigmoids (1e-160) or a stream that
    grows beyond 1e38, both passes are repeated in float64; ``room`` is called before, to refuse it where there is none.
    """
    found, narrow = _measured(net, images, labels, check, seed)
    if narrow:
        room()
        found, _ = _measured(copy.deepcopy(net).double(), images.double(), labels, check, seed)
    return found


def _measured(net: Net | Stack, images: Tensor, labels: Tensor, check: Check, seed: int) -> tuple[XRay, bool]:
    """What is found, and whether some of it left the range of float32."""
    layers, blocks = net.layers, net.blocks
    ends = _block_ends(net)
    modules = [layer.signal for layer in layers] + [layer.relu for layer in layers if layer.relu]
    modules += [part for block in blocks for part in (block.branch, block.shortcut)]
    weights: list[Tensor] = [layer.module.weight for layer in layers]

    def again(part: slice) -> list[Tensor]:
        with torch.enable_grad(), tap(modules, check):
            loss = functional.cross_entropy(net(images[part]), labels[part])
            return list(torch.autograd.grad(loss * SCALE, weights))

    with unchanged(net), torch.enable_grad():
        torch.default_generator.manual_seed(seed)  # dropout and stochastic depth draw; the state is restored
        with tap(modules, check) as outputs:
            loss = functional.cross_entropy(net(images), labels)
        signals = [outputs[layer.signal] for layer in layers]
        gradients = torch.autograd.grad(loss * SCALE, weights + signals)
        check()
        seen = Pass(
            net=net,
            signals=[signal.detach() for signal in signals],
            activations=[],
            branches=[(outputs[block.branch].detach(), outputs[block.shortcut].detach()) for block in blocks],
            weight_gradients=list(gradients[: len(layers)]),
            signal_gradients=list(gradients[len(layers) :]),
            again=again,
            scale=SCALE,
        )
        with torch.no_grad():
            stream_at, stream = _stream(net, outputs, ends)
            check()
            squared_mean, variance = _moments(stream)
            check()
            found = cast(
                Measured,
                {
                    "mean": quantities.mean(seen),
                    "std": quantities.std(seen),
                    **{name: quantities.QUANTITIES[name](seen) for name in INITIAL},
                    "dead": _dead(layers, outputs),
                    "branch_ratio": quantities.branch_ratio(seen),
                },
            )
            branch_variance = _moments([outputs[block.branch] for block in blocks])[1]
    narrow = _left_float32(found, loss.item(), gradients)
    return {
        "layers": [layer.name for layer in layers],
        "blocks": [block.name for block in blocks],
        **found,
        "branch_variance": branch_variance,
        "stream_at": np.asarray(stream_at, np.int32),
        "stream_squared_mean": squared_mean,
        "stream_variance": variance,
        "branch_at": np.asarray([at for at, _ in ends], np.int32),
        "loss": loss.item(),
        "images": len(images),
        "step": 0,
        "mode": "train",
    }, narrow


def _left_float32(found: Measured, loss: float, gradients: Sequence[Tensor]) -> bool:
    """Whether numbers overflowed, or a gradient went faint on its way; one that is exactly 0 has a cause of its own."""
    norms = np.concatenate([found["weight_grad"], found["signal_grad"]])
    entries = SCALE * norms / np.sqrt([gradient.numel() for gradient in gradients])
    overflowed = not (math.isfinite(loss) and np.isfinite(norms).all() and np.isfinite(found["std"]).all())
    return overflowed or bool(((entries > 0) & (entries < FAINT)).any())


def _block_ends(net: Net | Stack) -> list[tuple[int, Layer]]:
    """Of each block the number of its last weighted layer, from 1, and that layer."""
    ends = []
    for block in net.blocks:
        inside = set(block.branch.modules())
        ends.append(
            max(
                ((at, layer) for at, layer in enumerate(net.layers, 1) if layer.module in inside),
                key=lambda found: found[0],
            )
        )
    return ends


def _stream(
    net: Net | Stack, outputs: dict[Any, Tensor], ends: list[tuple[int, Layer]]
) -> tuple[list[int], list[Tensor]]:
    """Where the stream is read, and what it holds: behind each block, or without blocks behind each layer's ReLU."""
    if not net.blocks:
        read = [(at, outputs[layer.relu or layer.signal]) for at, layer in enumerate(net.layers[:-1], 1)]
        return [at for at, _ in read], [values for _, values in read]
    stream = []
    for block, (_, last) in zip(net.blocks, ends, strict=True):
        # a ReLU of the last layer that is not part of the branch comes after the addition and ends the block
        if last.relu is not None and last.relu not in set(block.branch.modules()):
            stream.append(outputs[last.relu])
        else:
            stream.append(outputs[block.shortcut] + outputs[block.branch])
    return [at for at, _ in ends], stream


def _moments(maps: list[Tensor]) -> tuple[np.ndarray, np.ndarray]:
    """Mean over channels of the squared mean, and of the variance, of each of the maps; float64."""
    if not maps:
        return np.empty(0), np.empty(0)
    variances, means = zip(*(_of_channels(values) for values in maps), strict=True)
    squared = [mean.square().mean() for mean in means]
    return _numbers(squared), _numbers([variance.mean() for variance in variances])


def _of_channels(values: Tensor) -> tuple[Tensor, Tensor]:
    """Variance and mean of each channel, float64."""
    channels = _channels(values).double()
    mean = channels.mean(0)
    return (channels - mean).square().mean(0), mean


def _dead(layers: list[Layer], outputs: dict[Any, Tensor]) -> np.ndarray:
    shares = [
        (_channels(outputs[layer.relu]).amax(0) <= 0).float().mean() if layer.relu else torch.tensor(math.nan)
        for layer in layers
    ]
    return _numbers(shares).astype(np.float32)


def _channels(values: Tensor) -> Tensor:
    """(B, C, H, W), (B, T, C) or (B, C) -> (samples, C), without gradient."""
    values = values.detach()
    return (values.movedim(1, -1) if values.dim() == 4 else values).flatten(0, -2)


def _numbers(scalars: list[Tensor]) -> np.ndarray:
    return torch.stack(scalars).double().cpu().numpy()
