"""Parameters, MACs, shapes, receptive field and memory of a net, from its spec alone: plain Python, no torch.

A second witness beside :mod:`core.nets`: it shares no code with it, and the tests hold the two together. One MAC is
one multiply-add of a convolution or of a linear layer, the papers' "FLOPs"; norms, activations and additions count
none.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from core.arith.densenet import walk_densenet
from core.arith.resnet import expected_blocks, walk_resnet
from core.arith.rows import Description, Row, RowKind
from core.arith.vgg import walk_vgg
from core.arith.walk import Walk
from core.spec import NetSpec

__all__ = ["Description", "Row", "RowKind", "describe", "expected_blocks", "training_bytes", "xray_bytes"]


# Channels along the net, by family, while the rows are written down.
WALKS: dict[str, Callable[[Walk], tuple[int, ...]]] = {
    "resnet": walk_resnet,
    "wide": walk_resnet,
    "densenet": walk_densenet,
    "vgg": walk_vgg,
}


@lru_cache(maxsize=64)
def describe(spec: NetSpec, image_size: int | None = None) -> Description:
    """All counts of a net for pictures of that many pixels a side; by default those it is made for."""
    walk = Walk(spec, image_size or spec.image_size)
    channels = WALKS[spec.family](walk)
    rows = walk.rows
    return Description(
        spec=spec,
        rows=tuple(rows),
        channels=channels,
        params=sum(row.params for row in rows),
        norm_params=sum(row.params for row in rows if row.kind == "norm"),
        macs=sum(row.macs for row in rows),
        kept=sum(row.kept for row in rows),
        positions=sum(row.positions for row in rows),
        receptive_field=walk.field,
    )


def training_bytes(spec: NetSpec, batch_size: int, bytes_per_activation: int = 4, image_size: int | None = None) -> int:
    """Memory that a training step of SGD with momentum needs, in bytes: an estimate from below.

    Weights, gradients and momentum in float32, and what autograd keeps of a minibatch: the input of each convolution,
    norm and pooling and the result of each ReLU, each map once (4 bytes a number in float32; 2 under bf16 autocast,
    which keeps a copy of the weights as well), and where each maximum of a pooling was, 8 bytes each. The step's
    scratch memory, a few of the largest maps, comes on top.
    """
    found = describe(spec, image_size)
    weights = 3 * 4 * found.params
    if bytes_per_activation < 4:
        weights += bytes_per_activation * found.params
    positions = 2 * (4 - bytes_per_activation) * found.positions  # what bf16 does not halve
    return weights + batch_size * (bytes_per_activation * found.kept + positions)


def xray_bytes(spec: NetSpec, images: int, bytes_per_number: int = 4) -> int:
    """Memory that an X-ray needs, in bytes: an estimate from above. Float64, 8 bytes a number, has the net twice.

    Beside what autograd keeps, all responses and their gradients are held and averaged, also while each half of the
    pictures passes again; a test measures that two and a half times the former and four times the responses cover the
    peak. The weights' gradients are held three times, those of all pictures and of each half, and of one layer at a
    time two in float64.
    """
    found = describe(spec)
    responses = sum(math.prod(row.shape) for row in found.rows if row.kind in ("conv", "projection", "linear"))
    held = 5 * found.kept // 2 + 4 * responses
    largest = max(row.params for row in found.rows)
    return bytes_per_number * (5 * found.params + 4 * largest + images * held)
