"""Networks that were made so that something reads 0, and what a measurement of them says."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from core.nets import Layer, Net, build
from core.probes.watch import Watcher
from core.spec import NetSpec, ProbeSpec

IMAGES, LABELS = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(1)), torch.arange(4)
PLAIN = NetSpec(depth=8, width=4, skip=False, norm="none")
VANISHED = NetSpec(depth=110, skip=False, norm="none", init="default")


def payloads(net: Net, precision: str = "float32", step: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a net's first measurement says: ``started`` and ``probe``; with ``step`` around an update that is none."""

    def autocast() -> AbstractContextManager[Any]:
        return torch.autocast("cpu", torch.bfloat16) if precision == "bf16" else nullcontext()

    watcher = Watcher(net, IMAGES, LABELS, ProbeSpec(), autocast)
    probe = watcher.observe()
    if step:
        probe |= watcher.after_update()
    started = {
        "spec": {"net": net.spec.model_dump()},
        "precision": precision,
        "layers": [layer.name for layer in net.layers],
        "blocks": [block.name for block in net.blocks],
        "ledger": [{"name": row.name, "sources": []} for row in net.ledger],
    }
    return started, probe


def bias_of(layer: Layer) -> torch.Tensor:
    """What is added last before the ReLU."""
    bias = layer.module.bias if layer.module.bias is not None else layer.signal.bias
    assert isinstance(bias, torch.Tensor)
    return bias


def with_dead_layer(spec: NetSpec, number: int) -> Net:
    """The ReLU of that layer, from 1, answers 0 to everything: the bias before it is far below."""
    net = build(spec)
    with torch.no_grad():
        for layer in net.layers[number:]:
            bias_of(layer).fill_(0.1)  # so that the layers behind it answer something
        bias_of(net.layers[number - 1]).fill_(-1e6)
    return net
