"""What the counts of a net are written down in."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from core.spec import NetSpec

RowKind = Literal["conv", "projection", "norm", "bias", "scale", "gate", "linear"]


@dataclass(frozen=True, slots=True)
class Row:
    """One module that has parameters."""

    name: str  # that of core.nets' layer; its norm is called norm1 where it is called conv1
    kind: RowKind
    shape: tuple[int, ...]  # of its output for one picture: (channels, height, width), of a linear layer (features,)
    params: int
    macs: int  # for one picture
    formula: str  # of the parameters: 3·3·16·32 = 4,608
    receptive_field: int  # pixels a side that an output can depend on; border, gates and norms' statistics aside
    kept: int  # numbers that autograd keeps for the backward pass because of this row, for one picture
    positions: int  # of maxima among these: 8 bytes each in any precision, two numbers of 4
    offset: float  # pixels from the middle of the picture's first pixel to that of the first output's receptive field

    @property
    def weighted(self) -> bool:
        """Whether it is a weighted layer of the main path, those that most papers count as depth."""
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
    positions: int  # of maxima among these
    receptive_field: int  # pixels a side, of the last map

    @property
    def depth(self) -> int:
        """As the papers count it: mostly the layers below (core/vocabulary/families.py has remarks on the others)."""
        return self.spec.depth

    @property
    def layers(self) -> tuple[Row, ...]:
        """The weighted layers of the main path."""
        return tuple(row for row in self.rows if row.weighted)


def formula(*products: Iterable[int]) -> str:
    """``3·3·16·32 + 32 = 4,640``."""
    terms = [tuple(product) for product in products]
    total = sum(math.prod(term) for term in terms)
    return " + ".join("·".join(map(str, term)) for term in terms) + f" = {total:,}"
