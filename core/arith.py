"""Parameters, MACs, shapes, receptive field and memory of a net, from its spec alone: plain Python, no torch.

A second witness beside :mod:`core.nets`: it shares no code with it, and the tests hold the two together. One MAC is
one multiply-add of a convolution or of the classifier, the papers' "FLOPs"; norms, activations and additions count
none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from core.spec import NetSpec

IMAGE = 32  # pixels a side

RowKind = Literal["conv", "projection", "norm", "bias", "scale", "linear"]


@dataclass(frozen=True, slots=True)
class Row:
    """One module that has parameters."""

    name: str  # that of core.nets' layer; its norm is called norm1 where it is called conv1
    kind: RowKind
    shape: tuple[int, ...]  # of its output for one picture: (channels, height, width), the classifier's (classes,)
    params: int
    macs: int  # for one picture
    formula: str  # of the parameters: 3·3·16·32 = 4,608
    receptive_field: int  # pixels a side that an output can depend on, the border aside
    kept: int  # numbers that autograd keeps for the backward pass because of this row, for one picture

    @property
    def weighted(self) -> bool:
        """Whether it counts towards the depth, as the papers count it."""
        return self.kind in ("conv", "linear")


@dataclass(frozen=True)
class Description:
    """What a spec amounts to."""

    spec: NetSpec
    rows: tuple[Row, ...]  # in forward order; a projection after the branch it stands beside
    channels: tuple[int, ...]  # ResNet: stem, stages; DenseNet: stem, then after each block and each transition
    params: int
    norm_params: int  # of these: weights and biases of the norms
    macs: int  # for one picture
    kept: int  # numbers that autograd keeps for the backward pass, for one picture
    receptive_field: int  # pixels a side, of the last map before global pooling

    @property
    def depth(self) -> int:
        return len(self.layers)

    @property
    def layers(self) -> tuple[Row, ...]:
        """The rows that count towards the depth."""
        return tuple(row for row in self.rows if row.weighted)


@lru_cache(maxsize=64)
def describe(spec: NetSpec) -> Description:
    """All counts of a net for 32x32 pictures."""
    walk = _Walk(spec)
    channels = (_resnet if spec.family == "resnet" else _densenet)(walk)
    rows = walk.rows
    return Description(
        spec=spec,
        rows=tuple(rows),
        channels=channels,
        params=sum(row.params for row in rows),
        norm_params=sum(row.params for row in rows if row.kind == "norm"),
        macs=sum(row.macs for row in rows),
        kept=sum(row.kept for row in rows),
        receptive_field=walk.field,
    )


def training_bytes(spec: NetSpec, batch_size: int, bytes_per_activation: int = 4) -> int:
    """Memory that a training step of SGD with momentum needs, in bytes: an estimate from below.

    Weights, gradients and momentum in float32, and what autograd keeps of a minibatch: the input of each convolution,
    norm and pooling and the result of each ReLU, each map once (4 bytes a number in float32; 2 under bf16 autocast,
    which keeps a copy of the weights as well). The step's scratch memory, a few of the largest maps, comes on top.
    """
    found = describe(spec)
    weights = 3 * 4 * found.params
    if bytes_per_activation < 4:
        weights += bytes_per_activation * found.params
    return weights + bytes_per_activation * batch_size * found.kept


class _Walk:
    """Goes through a net in forward order and writes down a row for each module with parameters."""

    def __init__(self, spec: NetSpec) -> None:
        self.spec = spec
        self.rows: list[Row] = []
        self.size = IMAGE
        self.field = 1  # receptive field r: r + (k - 1) j after a layer with kernel size k
        self.jump = 1  # j: pixels between neighbours of a map, times the stride after a layer

    def conv(
        self, name: str, inputs: int, outputs: int, kernel: int, stride: int = 1, keeps_output: bool = False
    ) -> None:
        kept = (inputs + outputs * keeps_output) * self.size**2
        self.field += (kernel - 1) * self.jump
        self.jump *= stride
        self.size //= stride
        self._conv_row(name, "conv", inputs, outputs, kernel, self.field, kept)

    def projection(self, name: str, inputs: int, outputs: int, field: int) -> None:
        """A 1x1 convolution beside a branch that has been walked; it reads the map that the branch keeps."""
        self._conv_row(name, "projection", inputs, outputs, 1, field, kept=0)

    def norm(self, name: str, channels: int, field: int | None = None) -> None:
        """Under Fixup a scalar stands in its place."""
        if self.spec.init == "fixup":
            self.scalar(name, channels)
        elif self.spec.norm != "none":
            shape = (channels, self.size, self.size)
            formula = _formula((2, channels))
            self.rows.append(
                Row(name, "norm", shape, 2 * channels, 0, formula, field or self.field, kept=math.prod(shape))
            )

    def scalar(self, name: str, channels: int, keeps_input: bool = False) -> None:
        shape = (channels, self.size, self.size)
        kept = math.prod(shape) if keeps_input else 0
        self.rows.append(Row(name, "bias", shape, 1, 0, "1", self.field, kept))

    def scale(self, name: str, channels: int) -> None:
        """A multiplier and a bias; the product keeps its input."""
        shape = (channels, self.size, self.size)
        self.rows.append(Row(name, "scale", shape, 2, 0, "1 + 1 = 2", self.field, math.prod(shape)))

    def pool(self, kernel: int) -> None:
        self.field += (kernel - 1) * self.jump
        self.jump *= kernel
        self.size //= kernel

    def classifier(self, inputs: int) -> None:
        """Global average pooling, then a linear layer; the last ReLU's result and the averages are kept."""
        outputs = self.spec.num_classes
        formula = _formula((inputs, outputs), (outputs,))
        field = self.field + (self.size - 1) * self.jump
        kept = inputs * (self.size**2 + 1)
        macs = inputs * outputs
        self.rows.append(Row("fc", "linear", (outputs,), macs + outputs, macs, formula, field, kept))

    def _conv_row(
        self, name: str, kind: RowKind, inputs: int, outputs: int, kernel: int, field: int, kept: int
    ) -> None:
        weights = kernel * kernel * inputs * outputs
        bias = self.spec.norm == "none" and self.spec.init != "fixup"  # where no norm follows
        formula = _formula((kernel, kernel, inputs, outputs), *([(outputs,)] if bias else []))
        shape = (outputs, self.size, self.size)
        macs = weights * self.size**2
        self.rows.append(Row(name, kind, shape, weights + outputs * bias, macs, formula, field, kept))


def _resnet(walk: _Walk) -> tuple[int, ...]:
    """He 2015, section 4.2: stem, three stages of n basic blocks."""
    width = walk.spec.width
    walk.conv("stem", 3, width, 3)
    walk.norm("norm", width)
    inputs = width
    for stage, outputs in enumerate((width, 2 * width, 4 * width), 1):
        for block in range(1, walk.spec.layers_per_block + 1):
            _basic_block(walk, f"stage{stage}.block{block}", inputs, outputs)
            inputs = outputs
    if walk.spec.init == "fixup":
        walk.rows.append(Row("fc_bias", "bias", (inputs,), 1, 0, "1", walk.field + (walk.size - 1) * walk.jump, kept=0))
    walk.classifier(inputs)
    return width, width, 2 * width, 4 * width


def _basic_block(walk: _Walk, name: str, inputs: int, outputs: int) -> None:
    spec = walk.spec
    fixup = spec.init == "fixup"
    field = walk.field
    if fixup:
        walk.scalar(f"{name}.bias1", inputs, keeps_input=True)
    walk.conv(f"{name}.conv1", inputs, outputs, 3, outputs // inputs)
    walk.norm(f"{name}.norm1", outputs)
    if fixup:
        walk.scalar(f"{name}.bias2", outputs, keeps_input=True)
    walk.conv(f"{name}.conv2", outputs, outputs, 3)
    if fixup:
        walk.scale(f"{name}.norm2", outputs)
    else:
        walk.norm(f"{name}.norm2", outputs)
    if spec.skip and (spec.shortcut == "C" or (spec.shortcut == "B" and inputs != outputs)):
        walk.projection(f"{name}.shortcut.conv", inputs, outputs, field)
        walk.norm(f"{name}.shortcut.norm", outputs, field)


def _densenet(walk: _Walk) -> tuple[int, ...]:
    """Huang 2017, section 3: three dense blocks with two transitions between them, each layer BN-ReLU-conv."""
    spec = walk.spec
    width = 2 * spec.growth_rate if spec.bottleneck and spec.compression < 1 else 16
    walk.conv("stem", 3, width, 3)
    channels = [width]
    for block in (1, 2, 3):
        for layer in range(1, spec.layers_per_block + 1):
            _dense_layer(walk, f"block{block}.layer{layer}", width)
            width = width + spec.growth_rate if spec.skip else spec.growth_rate
        channels.append(width)
        if block < 3:
            width = _transition(walk, f"transition{block}", width)
            channels.append(width)
    walk.norm("norm", width)
    walk.classifier(width)
    return tuple(channels)


def _dense_layer(walk: _Walk, name: str, width: int) -> None:
    k = walk.spec.growth_rate
    if not walk.spec.bottleneck:
        walk.norm(f"{name}.norm", width)
        walk.conv(f"{name}.conv", width, k, 3)
        return
    walk.norm(f"{name}.norm1", width)
    walk.conv(f"{name}.conv1", width, 4 * k, 1)
    walk.norm(f"{name}.norm2", 4 * k)
    walk.conv(f"{name}.conv2", 4 * k, k, 3)


def _transition(walk: _Walk, name: str, width: int) -> int:
    """Channels that it keeps."""
    kept = max(1, math.floor(width * walk.spec.compression))
    walk.norm(f"{name}.norm", width)
    walk.conv(name, width, kept, 1, keeps_output=True)  # the pooling reads it
    walk.pool(2)
    return kept


def _formula(*products: Iterable[int]) -> str:
    """``3·3·16·32 + 32 = 4,640``."""
    terms = [tuple(product) for product in products]
    total = sum(math.prod(term) for term in terms)
    return " + ".join("·".join(map(str, term)) for term in terms) + f" = {total:,}"
