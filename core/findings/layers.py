"""Which layer matters: the words for values of layers, the classifier (the last one, with a scale of its own) left
out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from core.findings.reach import rows_in_words
from core.vocabulary.numbers import number

ALIKE = 2  # times between smallest and largest, up to which no layer stands out


class At(NamedTuple):
    """A value, and the row that has it, from 0."""

    row: int
    value: float


class Values(NamedTuple):
    """The values that are a number, above 0 on a logarithmic axis, and the rows of the others."""

    known: list[At]
    zeros: list[int]
    broken: list[int]

    @property
    def low(self) -> At:
        return min(self.known, key=lambda each: each.value)

    @property
    def high(self) -> At:
        return max(self.known, key=lambda each: each.value)


def without_classifier(values: Sequence[float]) -> list[float]:
    return list(values[:-1] if len(values) > 1 else values)


def sorted_out(values: Sequence[float], log: bool = True) -> Values:
    known: list[At] = []
    zeros: list[int] = []
    broken: list[int] = []
    for index, value in enumerate(values):
        if math.isfinite(value) and (value > 0 or not log):
            known.append(At(index, value))
        else:
            (zeros if value == 0 else broken).append(index)
    return Values(known, zeros, broken)


def from_or_in(indices: Sequence[int], count: int) -> str:
    """ "from layer 6 on", "in layers 1–6, 9": of so many layers, by their indices."""
    first = indices[0]
    to_the_end = indices[-1] == count - 1 and count - first == len(indices)
    if to_the_end and first > 0 and len(indices) > 1:
        return f"from layer {first + 1} on"
    if len(indices) == count:
        return "in every layer"
    return f"in {rows_in_words([index + 1 for index in indices], 'layer')}"


def layer_name(index: int, names: Sequence[str]) -> str:
    """ "layer 5", and in full, where it is known, "layer 5 (stage1.block2.conv1)"."""
    return f"layer {index + 1} ({names[index]})" if index < len(names) and names[index] else f"layer {index + 1}"


def spanned(values: Values, row: str = "layer") -> str:
    """ "0.5 (layer 3) to 1.2 (layer 17)"; "0.9 to 1.1" where no layer stands out."""
    low, high = values.low, values.high
    least, most = number(low.value, 2), number(high.value, 2)
    if least == most:
        return f"about {least}"
    if high.value < ALIKE * low.value:
        return f"{least} to {most}"
    return f"{least} ({row} {low.row + 1}) to {most} ({row} {high.row + 1})"
