"""Plain and residual nets: He 2015 and 2016, Zagoruyko 2016, Xie 2017, Hu 2018."""

from __future__ import annotations

from collections.abc import Iterator

from core.arith.walk import Walk
from core.spec import NetSpec


def walk_resnet(walk: Walk) -> tuple[int, ...]:
    """Channels of the stem and of each stage."""
    spec = walk.spec
    order = spec.activation_order
    walk_stem(walk, spec.width, norm=None if order == "pre" else "norm")
    channels = [spec.width]
    for stage, blocks in enumerate(spec.stages, 1):
        planes = spec.width * spec.width_multiplier * 2 ** (stage - 1)
        outputs = 4 * planes if spec.bottleneck else planes
        for block in range(1, blocks + 1):
            stride = 2 if stage > 1 and block == 1 else 1
            _block(walk, f"stage{stage}.block{block}", channels[-1] if block == 1 else outputs, planes, stride)
        channels.append(outputs)
    if order == "pre":
        walk.norm("norm", channels[-1])
    if spec.init == "fixup":
        walk.pooled_scalar("fc_bias", channels[-1])
    walk.classifier(channels[-1], keeps_map=order != "relu-before-add")
    return tuple(channels)


def walk_stem(walk: Walk, outputs: int, norm: str | None) -> None:
    """3x3, or 7x7/2 and max-pooling, which keeps what it reads and where the maxima were."""
    if walk.spec.stem == "3x3":
        walk.conv("stem", 3, outputs, 3)
    else:
        size = (walk.size + 1) // 2
        positions = outputs * ((size + 1) // 2) ** 2
        walk.conv("stem", 3, outputs, 7, 2, also_kept=outputs * size**2, positions=positions)
    if norm:
        walk.norm(norm, outputs)
    if walk.spec.stem == "7x7":
        walk.pool3x3()


def expected_blocks(spec: NetSpec) -> float:
    """Blocks that a training step of stochastic depth keeps on average (Huang 2016, equation 4 and section 4)."""
    blocks = sum(spec.stages)
    return blocks - (1 - spec.survival_probability) * (blocks + 1) / 2


def _block(walk: Walk, name: str, inputs: int, planes: int, stride: int) -> None:
    spec, order = walk.spec, walk.spec.activation_order
    field, changes = walk.field, stride > 1
    layers = list(_convolutions(spec, inputs, planes, stride))
    for index, (width, outputs, kernel, step, groups) in enumerate(layers, 1):
        last = index == len(layers)
        kept = 0
        if index == 2 and spec.dropout:  # the mask, and the ReLU's result beside what the convolution reads
            kept = (1 if spec.init == "fixup" else 2) * width * walk.size**2
        if order == "pre":
            walk.norm(f"{name}.norm{index}", width)
        if spec.init == "fixup":
            walk.scalar(f"{name}.bias{index}", width, keeps_input=True)
        if last and order == "relu-before-add":  # the next convolution reads the sum, not this ReLU's result
            kept += outputs * walk.size**2
        walk.conv(f"{name}.conv{index}", width, outputs, kernel, step, groups, kept)
        if last and spec.init == "fixup":
            walk.scale(f"{name}.norm{index}", outputs)
        elif order != "pre" and not (last and order == "bn-after-add"):
            walk.norm(f"{name}.norm{index}", outputs)
    outputs = layers[-1][1]
    if spec.se_reduction:  # the product keeps the map, where no ReLU has kept it
        walk.gate(f"{name}.se", outputs, also_kept=(order != "relu-before-add") * outputs * walk.size**2)
    if spec.skip and (spec.shortcut == "C" or (spec.shortcut == "B" and (changes or inputs != outputs))):
        walk.projection(f"{name}.shortcut.conv", inputs, outputs, field)
        if order not in ("bn-after-add", "pre"):
            walk.norm(f"{name}.shortcut.norm", outputs, field)
    if order == "bn-after-add":
        walk.norm(f"{name}.norm{len(layers)}", outputs)


def _convolutions(spec: NetSpec, inputs: int, planes: int, stride: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Input channels, output channels, kernel, stride and groups of each convolution of a branch."""
    if not spec.bottleneck:
        yield inputs, planes, 3, stride, 1
        yield planes, planes, 3, 1, 1
        return
    inner = planes if spec.base_width is None else spec.groups * spec.base_width * planes // spec.width
    first, second = (stride, 1) if spec.stride_on == "1x1" else (1, stride)
    yield inputs, inner, 1, first, 1
    yield inner, inner, 3, second, spec.groups
    yield inner, 4 * planes, 1, 1, 1
