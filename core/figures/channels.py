"""How wide the maps are along a net: what each layer reads, by where it comes from."""

from __future__ import annotations

from core.figures.diagram import Diagram, Stage
from core.figures.drawings import DRAWINGS
from core.figures.schema import ChannelsFigure, Group


def channel_growth(drawn: Diagram) -> ChannelsFigure:
    """Bars over the units of the stages that have several: channels that each reads, and what adds them.

    A bar is [name, sources]; the sources are channels in input order, the input of the block first. The last bar of a
    group is what the stage hands on.
    """
    groups = [_group(stage) for stage in drawn.stages if stage.units[0].form.kind in ("block", "layer")]
    return {
        "title": DRAWINGS[drawn.spec.family].growth(drawn.description),
        "alt": _alt(drawn),
        "y": "channels",
        "groups": groups,
    }


def _group(stage: Stage) -> Group:
    bars: list[tuple[str, list[int]]] = []
    sources = [stage.units[0].form.inputs]
    for unit in stage.units:
        bars.append((unit.name.partition(".")[2], sources))
        grown = unit.form.outputs - unit.form.inputs
        # only concatenation keeps what was there and adds to it
        sources = [*sources, grown] if unit.form.shortcut == "concatenation" else [unit.form.outputs]
    bars.append(("handed on", sources))
    layers = len(stage.units)
    dense = stage.units[0].form.shortcut == "concatenation"
    return {
        "name": stage.name,
        "title": stage.title,
        "bars": bars,
        "links": layers * (layers + 1) // 2 if dense else 0,
        "layers": layers,
        "unit": stage.units[0].form.kind,
        "entering": sum(bars[0][1]),
        "leaving": sum(sources),
        "size": stage.units[-1].form.size,
    }


def _alt(drawn: Diagram) -> str:
    groups = [stage for stage in drawn.stages if stage.units[0].form.kind in ("block", "layer")]
    parts = [
        f"{stage.title} begins with {stage.units[0].form.inputs} and ends with {stage.units[-1].form.outputs}"
        for stage in groups
    ]
    return f"Channels that each unit of {drawn.spec.name} reads, stacked by source. {'; '.join(parts)}."
