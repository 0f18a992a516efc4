"""Two nets side by side, with what differs marked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core import arith
from core.arith import Row
from core.figures.diagram import Diagram
from core.figures.memory import BATCH
from core.figures.schema import BothLayers, Choice, ComparisonFigure, Fact, RowSide
from core.spec import NetSpec

FACTS: tuple[tuple[str, str, Callable[[Diagram], Any]], ...] = (
    ("depth", "layers", lambda drawn: drawn.description.depth),
    ("parameters", "", lambda drawn: drawn.description.params),
    ("of these in norms", "", lambda drawn: drawn.description.norm_params),
    ("MACs a picture", "", lambda drawn: drawn.description.macs),
    ("receptive field", "pixels", lambda drawn: drawn.description.receptive_field),
    ("training memory", "bytes", lambda drawn: arith.training_bytes(drawn.spec, BATCH)),
    ("channels", "", lambda drawn: " → ".join(map(str, drawn.description.channels))),
)


def comparison(first: Diagram, second: Diagram) -> ComparisonFigure:
    """Facts, choices and weighted layers of both; ``differs`` marks what is not the same."""
    facts: list[Fact] = [
        {"label": label, "unit": unit, "values": [value(first), value(second)]} for label, unit, value in FACTS
    ]
    choices: list[Choice] = [
        {"label": name.replace("_", " "), "values": [str(one), str(two)]}
        for name, one, two in _choices(first.spec, second.spec)
    ]
    layers = _layers(first.description.rows, second.description.rows)
    different = sum(layer["differs"] for layer in layers)
    return {
        "title": _title(first, second, different, len(layers)),
        "facts": facts,
        "choices": choices,
        "layers": layers,
        "differing": different,
    }


def _choices(first: NetSpec, second: NetSpec) -> list[tuple[str, Any, Any]]:
    """Fields of the two specs that are not equal; the depth is among the facts."""
    both = zip(first.model_dump().items(), second.model_dump().values(), strict=True)
    return [(name, one, two) for (name, one), two in both if one != two and name != "depth"]


def _layers(first: tuple[Row, ...], second: tuple[Row, ...]) -> list[BothLayers]:
    """Rows of both by name, in the order of the first, those of the second alone at the place where they come."""
    others = {row.name: row for row in second}
    mine = {row.name for row in first}
    waiting = list(second)
    found: list[BothLayers] = []
    for row in first:
        if row.name in others:
            while waiting and waiting[0].name != row.name and waiting[0].name not in mine:
                found.append(_pair(None, waiting.pop(0)))
            waiting = waiting[1:] if waiting and waiting[0].name == row.name else waiting
        found.append(_pair(row, others.get(row.name)))
    return found + [_pair(None, row) for row in waiting if row.name not in mine]


def _pair(one: Row | None, two: Row | None) -> BothLayers:
    sides = [_side(row) for row in (one, two)]
    named = one or two
    assert named is not None
    return {"name": named.name, "sides": sides, "differs": sides[0] != sides[1]}


def _side(row: Row | None) -> RowSide | None:
    if row is None:
        return None
    return ("×".join(map(str, row.shape)), row.formula, row.params, row.receptive_field)


def _title(first: Diagram, second: Diagram, different: int, layers: int) -> str:
    if first.spec == second.spec:
        return f"Both are {first.spec.name}: change one of them"
    if not different:
        return f"{first.spec.name} and {second.spec.name} have the same layers: only what is done with them differs"
    return f"{first.spec.name} against {second.spec.name}: {different:,} of {layers:,} rows differ"
