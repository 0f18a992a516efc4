"""What stands where a picture has no number: why a layer's gradient, ratio or spread is none, or reads 0 on a
logarithmic axis (:mod:`core.vocabulary.standings`); where it was measured, with the layer that answers 0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple, get_args

from core.findings.seen import Look, Seen
from core.vocabulary.orders import ORDERS
from core.vocabulary.quantities import QUANTITIES
from core.vocabulary.standings import SEVERAL, State

STATES: tuple[State, ...] = get_args(State)
VANISHING = 1e-25  # a norm below this goes out of reach within a few layers; a larger one is not lost in one
DENSE_LAYER = re.compile(r"block\d+\.layer\d+")


class Standing(NamedTuple):
    """Why a row has no place in a picture."""

    state: State
    words: str


class Group(NamedTuple):
    """Rows, from 1, of which the same is so."""

    state: State
    words: str
    rows: list[int]


def standings(run: Seen, look: Look, quantity: str) -> list[Standing | None]:
    """For each row of a measurement None where it has a place in the picture. Rows are layers, or blocks."""
    known, name = look.event.derived, f"standings of {quantity}"
    if name not in known:
        known[name] = _judged(run, look, quantity)
    found: list[Standing | None] = known[name]
    return found


def _judged(run: Seen, look: Look, quantity: str) -> list[Standing | None]:
    log = QUANTITIES[quantity].log
    judge = _Judge(run, look)
    found: list[Standing | None] = []
    for row, value in enumerate(look.values(quantity)):
        if math.isfinite(value) and (value > 0 or not log):
            found.append(None)
        elif value == 0:
            found.append(judge.of_zero(quantity, row))
        else:
            found.append(Standing("unknown", _not_a_number(quantity, value)))
    return found


def grouped(found: Sequence[Standing | None]) -> list[Group]:
    """One group a state, with one sentence for what is said of its rows."""
    groups = []
    for state in STATES:
        words = {row: each.words for row, each in enumerate(found, 1) if each and each.state == state}
        if words:
            distinct = set(words.values())
            groups.append(Group(state, SEVERAL[state] if len(distinct) > 1 else distinct.pop(), list(words)))
    return groups


def rows_in_words(rows: Sequence[int], unit: str) -> str:
    """ "layer 4", "layers 1–3, 7" """
    spans: list[list[int]] = []
    for row in rows:
        if spans and spans[-1][1] == row - 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    shown = [str(first) if first == last else f"{first}–{last}" for first, last in spans[:3]]
    return f"{unit}{'s' * (len(rows) > 1)} {', '.join(shown)}{' and others' * (len(spans) > 3)}"


def _not_a_number(quantity: str, value: float) -> str:
    if quantity == "branch_ratio":
        return "no ratio: the shortcut answers 0"
    if quantity == "update_ratio" and math.isnan(value):
        return "no ratio: the weight is 0"
    if quantity == "agreement":
        return "no direction: a half's gradient is 0 or no number"
    return "not a number (NaN)" if math.isnan(value) else "infinite: beyond float32's reach"


class _Judge:
    """Why rows of a measurement read 0."""

    def __init__(self, run: Seen, look: Look) -> None:
        self.run, self.look = run, look
        self.net = run.recording.head.spec.net

    def of_zero(self, quantity: str, row: int) -> Standing:
        if quantity == "branch_ratio":
            return Standing("none", "the branch answers 0")
        if quantity == "std":
            return Standing("none", "all values are equal" if self.at("mean", row) else "answers 0")
        own = "weight_grad" if quantity == "update_ratio" else quantity
        cause = self.blocked_by(own, row) if self.at(own, row) == 0 else None
        if cause is not None:
            return Standing("none", f"none: {cause}" if cause else "none")
        if quantity == "update_ratio":
            return Standing("below", "too small to move a float32 weight")
        precision = "bfloat16" if self.run.started.get("precision") == "bf16" else "float32"
        return Standing("below", f"below {precision}'s reach")

    def blocked_by(self, quantity: str, row: int) -> str | None:
        """Why a layer's gradient is exactly 0: a cause in words, "" where it is not known, None where it is only too
        small."""
        values = self.values(quantity)
        # what stops it is not behind the next layer that has one
        end = next((layer for layer in range(row + 1, len(values)) if values[layer] != 0), len(values))
        if self.blocks_itself(quantity, row):
            return self.silence(row)
        for layer in self.silent:
            if row < layer <= end and self.lies_on_every_way(layer, row):
                return self.silence(layer)
        if quantity == "weight_grad" and row and self.silence(row - 1) and not self.reads_relu:
            return self.silence(row - 1)  # its input is 0
        if self.branch_is_0(row):
            return "its branch answers 0"
        return "" if end < len(values) and values[end] > VANISHING else None

    def values(self, quantity: str) -> list[float]:
        return self._values.setdefault(quantity, self.look.values(quantity))

    @cached_property
    def _values(self) -> dict[str, list[float]]:
        return {}

    def at(self, quantity: str, row: int) -> float:
        values = self.values(quantity)
        return values[row] if row < len(values) else math.nan

    @cached_property
    def silent(self) -> list[int]:
        """Layers that pass on nothing."""
        count = max(len(self.values(quantity)) for quantity in ("weight_grad", "signal_grad", "std"))
        return [layer for layer in range(count) if self.silence(layer)]

    def silence(self, layer: int) -> str:
        """That a layer passes on nothing for any picture of the probe batch, in words; else ""."""
        if self.is_dead(layer):
            return f"layer {layer + 1} {'reads only' if self.reads_relu else 'answers'} 0"
        return f"layer {layer + 1} answers 0" if self.at("std", layer) == self.at("mean", layer) == 0 else ""

    def is_dead(self, layer: int) -> bool:
        return self.at("dead", layer) >= 1

    def blocks_itself(self, quantity: str, layer: int) -> bool:
        """A dead ReLU stops what reaches its own layer; a norm that multiplies by 0 stops it between response and
        weight."""
        if quantity == "signal_grad":
            return self.is_dead(layer) and not self.reads_relu
        return self.is_dead(layer) or (abs(self.at("signal_grad", layer)) > 0 and bool(self.silence(layer)))

    def lies_on_every_way(self, later: int, layer: int) -> bool:
        """Whether all that a layer answers passes a later one: past a branch leads the shortcut, or the
        concatenation."""
        branch = self.branch_of(later)
        if branch is None or branch == self.branch_of(layer):
            return True
        last = self.branch_of(later + 1) != branch
        return last and self.is_dead(later) and "relu" in ORDERS[self.net.activation_order].after

    @cached_property
    def reads_relu(self) -> bool:
        """The ReLU of a layer is the one that it reads, in orders with ReLU before the convolution; else the one
        behind it."""
        return self.net.family == "densenet" or "relu" in ORDERS[self.net.activation_order].before

    def branch_of(self, layer: int) -> str | None:
        """Name of the residual block, or of the dense layer, that a layer is in; None for what everything passes."""
        name = self.run.layers[layer] if layer < len(self.run.layers) else ""
        for block in self.run.blocks:
            if name.startswith(f"{block}."):
                return block
        found = DENSE_LAYER.match(name) if self.run.ledger else None
        return found.group() if found else None

    def branch_is_0(self, layer: int) -> bool:
        """A branch that is multiplied by 0, or was dropped, gives its layers no gradient."""
        branch = self.branch_of(layer)
        return branch in self.run.blocks and self.at("branch_ratio", self.run.blocks.index(branch)) == 0
