"""A walk through a net in forward order, keeping account of size and receptive field."""

from __future__ import annotations

import math

from core.arith.rows import Row, RowKind, formula
from core.spec import NetSpec


class Walk:
    """Writes down a row for each module with parameters.

    What autograd keeps: convolutions, norms and poolings their input, ReLUs their result. So a convolution's row keeps
    the map it reads, which is mostly the result of the ReLU before it.
    """

    def __init__(self, spec: NetSpec, image_size: int) -> None:
        self.spec = spec
        self.rows: list[Row] = []
        self.size = image_size  # pixels a side of the current map
        self.field = 1  # receptive field r: r + (k - 1) j after a layer with kernel size k
        self.jump = 1  # j: pixels between neighbours of a map, times the stride after a layer
        self.offset = 0.0  # of the first position; what pads by half its kernel leaves it where it is
        self.biased = spec.norm == "none" and spec.init != "fixup"  # each convolution has a bias

    def conv(
        self,
        name: str,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        also_kept: int = 0,
        positions: int = 0,
    ) -> None:
        """``also_kept``: numbers that layers without parameters keep beside it, for one picture, and ``positions`` of
        maxima."""
        kept = inputs * self.size**2 + also_kept
        self._move(kernel, stride)
        self._conv_row(name, "conv", inputs, outputs, kernel, groups, self.field, kept, positions)

    def projection(self, name: str, inputs: int, outputs: int, field: int) -> None:
        """A 1x1 convolution beside a branch that has been walked; it reads the map that the branch keeps."""
        self._conv_row(name, "projection", inputs, outputs, 1, 1, field, kept=0)

    def norm(self, name: str, channels: int, field: int | None = None) -> None:
        """Under Fixup a scalar stands in its place."""
        if self.spec.init == "fixup":
            self.scalar(name, channels)
        elif self.spec.norm != "none":
            shape = (channels, self.size, self.size)
            words = formula((2, channels))
            self._row(name, "norm", shape, 2 * channels, 0, words, math.prod(shape), field)

    def scalar(self, name: str, channels: int, keeps_input: bool = False) -> None:
        shape = (channels, self.size, self.size)
        kept = math.prod(shape) if keeps_input else 0
        self._row(name, "bias", shape, 1, 0, "1", kept)

    def pooled_scalar(self, name: str, channels: int) -> None:
        """Behind the global average pooling."""
        self._row(name, "bias", (channels,), 1, 0, "1", 0, self.pooled_field)

    def scale(self, name: str, channels: int) -> None:
        """A multiplier and a bias; the product keeps its input."""
        shape = (channels, self.size, self.size)
        self._row(name, "scale", shape, 2, 0, "1 + 1 = 2", math.prod(shape))

    def gate(self, name: str, channels: int, also_kept: int) -> None:
        """Squeeze-and-excitation: two linear layers with bias on the averages of the map, and a sigmoid."""
        hidden = max(1, channels // self.spec.se_reduction)
        self.linear(f"{name}.fc1", channels, hidden, channels, "gate")
        self.linear(f"{name}.fc2", hidden, channels, hidden + channels + also_kept, "gate")

    def pool3x3(self) -> None:
        """Maxima with stride 2."""
        self._move(3, 2)

    def pool2x2(self) -> None:
        """Averages or maxima with stride 2, without padding."""
        self.field += self.jump
        self.offset += self.jump / 2
        self.jump *= 2
        self.size //= 2

    def classifier(self, inputs: int, keeps_map: bool = True) -> None:
        """Global average pooling, then a linear layer; the averages are kept, and the last map if a ReLU made it."""
        kept = inputs * (self.size**2 * keeps_map + 1)
        self.linear("fc", inputs, self.spec.num_classes, kept)

    def linear(self, name: str, inputs: int, outputs: int, kept: int, kind: RowKind = "linear") -> None:
        """A linear layer with bias on what the whole map says."""
        macs = inputs * outputs
        words = formula((inputs, outputs), (outputs,))
        self._row(name, kind, (outputs,), macs + outputs, macs, words, kept, self.pooled_field)

    @property
    def pooled_field(self) -> int:
        """Receptive field of what reads the whole map."""
        return self.field + (self.size - 1) * self.jump

    def _move(self, kernel: int, stride: int) -> None:
        """Past a layer that pads by half its kernel."""
        self.field += (kernel - 1) * self.jump
        self.jump *= stride
        self.size = -(-self.size // stride)

    def _conv_row(
        self,
        name: str,
        kind: RowKind,
        inputs: int,
        outputs: int,
        kernel: int,
        groups: int,
        field: int,
        kept: int,
        positions: int = 0,
    ) -> None:
        weights = kernel * kernel * (inputs // groups) * outputs
        words = formula((kernel, kernel, inputs // groups, outputs), *([(outputs,)] if self.biased else []))
        shape = (outputs, self.size, self.size)
        macs = weights * self.size**2
        self._row(name, kind, shape, weights + outputs * self.biased, macs, words, kept, field, positions)

    def _row(
        self,
        name: str,
        kind: RowKind,
        shape: tuple[int, ...],
        params: int,
        macs: int,
        words: str,
        kept: int,
        field: int | None = None,
        positions: int = 0,
    ) -> None:
        """``field``: of what is not on the map that the walk has come to."""
        kept += 2 * positions
        self.rows.append(Row(name, kind, shape, params, macs, words, field or self.field, kept, positions, self.offset))
