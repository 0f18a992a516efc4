"""DenseNets: Huang 2017, section 3."""

from __future__ import annotations

import math

from core.arith.resnet import walk_stem
from core.arith.walk import Walk


def walk_densenet(walk: Walk) -> tuple[int, ...]:
    """Channels of the stem, then after each block and each transition. Each layer is BN-ReLU-conv."""
    spec = walk.spec
    doubled = spec.form == "imagenet" or (spec.bottleneck and spec.compression < 1)
    width = 2 * spec.growth_rate if doubled else 16
    walk_stem(walk, width, norm="stem_norm" if spec.form == "imagenet" else None)
    channels = [width]
    for block, layers in enumerate(spec.stages, 1):
        for layer in range(1, layers + 1):
            _dense_layer(walk, f"block{block}.layer{layer}", width)
            width = width + spec.growth_rate if spec.skip else spec.growth_rate
        channels.append(width)
        if block < len(spec.stages):
            width = _transition(walk, f"transition{block}", width)
            channels.append(width)
    walk.norm("norm", width)
    walk.classifier(width)
    return tuple(channels)


def _dense_layer(walk: Walk, name: str, width: int) -> None:
    k = walk.spec.growth_rate
    if not walk.spec.bottleneck:
        walk.norm(f"{name}.norm", width)
        walk.conv(f"{name}.conv", width, k, 3)
        return
    walk.norm(f"{name}.norm1", width)
    walk.conv(f"{name}.conv1", width, 4 * k, 1)
    walk.norm(f"{name}.norm2", 4 * k)
    walk.conv(f"{name}.conv2", 4 * k, k, 3)


def _transition(walk: Walk, name: str, width: int) -> int:
    """Channels that it keeps."""
    channels = max(1, math.floor(width * walk.spec.compression))
    walk.norm(f"{name}.norm", width)
    walk.conv(name, width, channels, 1, also_kept=channels * walk.size**2)  # the pooling reads its result
    walk.pool2x2()
    return channels
