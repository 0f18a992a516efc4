"""One legend for the whole app: colour says the kind of net, dash says the norm."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from core.figures.schema import Palette, Style
from core.spec import NetSpec
from core.vocabulary import families
from core.vocabulary.colours import GREY, ORANGE, PINK, SKY
from core.vocabulary.numbers import percent

KINDS: dict[str, str] = {kind: colours.usual for kind, colours in families.KINDS.items()}
BESIDE: dict[str, str] = {kind: colours.beside for kind, colours in families.KINDS.items()}  # a second quantity
# of runs that are shown together where kinds of nets do not tell them apart: readable on light and dark pages, chosen
# so that the least difference (OKLab, also as the red- and the green-blind see them) is as large as eight allow
RUNS = ("#9467BD", "#C77700", "#00A0C8", "#C2408B", "#8C564B", "#3F8EFC", "#E0559A", "#9B7653")
SOLID, DASHED = "solid", "dash"
SEQUENTIAL = "Viridis"  # magnitudes, dark to light
SEVERAL = (ORANGE, SKY, PINK, GREY, "#9467BD")  # lines that stand for no kind of net
RIGHT, WRONG = GREY, "#C2185B"  # answers: colour is for errors
# sources of a dense layer, early to late: what enters the block is grey, then greens from deep to light
SOURCES = {
    "light": (GREY, ("#00382B", "#00795A", "#3DB88B", "#A5D86E", "#E3E36A")),
    "dark": ("#7C838C", ("#0B5A47", "#009E73", "#55C79B", "#B4E07F", "#F0EE86")),
}


def dash(norm: str) -> str:
    """With a norm solid, without dashed."""
    return DASHED if norm == "none" else SOLID


def shares(step: float) -> dict[str, list[object]]:
    """Ticks of an axis from 0 to 1 that reads in percent."""
    ticks = [index * step for index in range(round(1 / step) + 1)]
    return {"tickvals": list(ticks), "ticktext": [percent(tick, 0) for tick in ticks]}


def style(net: NetSpec) -> Style:
    """Line colour and dash of a net."""
    return {"color": KINDS[net.kind], "dash": dash(net.norm)}


def styles(nets: Sequence[NetSpec]) -> list[Style]:
    """Line colour and dash of each of the runs of these nets that are shown together.

    Colour says the kind of net while no two are of one kind; otherwise each run has one of its own. Of more runs than
    colours, none has that of the first.
    """
    if len({net.kind for net in nets}) == len(nets):
        return [style(net) for net in nets]
    first, *others = RUNS
    colours = itertools.chain([first], itertools.cycle(others))
    return [{"color": colour, "dash": dash(net.norm)} for colour, net in zip(colours, nets, strict=False)]


def source_colours(count: int, theme: str = "light") -> list[str]:
    """One colour for each of ``count`` sources of a dense layer, the block's input first."""
    first, stops = SOURCES[theme]
    if count <= 1:
        return [first] * count
    return [first, *(_between(stops, index / max(count - 2, 1)) for index in range(count - 1))]


def _between(stops: tuple[str, ...], position: float) -> str:
    """The colour at ``position`` (0 to 1) on straight lines between the stops, in sRGB."""
    left = min(int(position * (len(stops) - 1)), len(stops) - 2)
    share = position * (len(stops) - 1) - left
    channels = zip(_rgb(stops[left]), _rgb(stops[left + 1]), strict=True)
    return "#" + "".join(f"{round(low + share * (high - low)):02X}" for low, high in channels)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def for_browser() -> Palette:
    """The same tables for JavaScript."""
    return {
        "kinds": KINDS,
        "sequential": SEQUENTIAL,
        "sources": {theme: {"input": first, "stops": list(stops)} for theme, (first, stops) in SOURCES.items()},
    }
