"""What the live dashboard is given: runs as it calls and draws them, and its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from core.figures import palette
from core.figures.schema import LiveFigures, Style
from core.findings.together import crowded, units
from core.record.recording import Head
from core.spec import RunSpec
from core.spec.names import of_runs
from core.vocabulary.colours import GREY
from core.vocabulary.quantities import of_view
from core.vocabulary.traces import SMOOTHINGS

CHOICES = {  # of its view, by key of the address
    "l_time": ("step", "epoch", "seconds", "macs"),
    "l_loss": ("linear", "log"),
    "l_gradient": tuple(of_view("gradient")),
    "l_signals": ("shape", "moments", "spread", "dead"),
    "l_flow": ("blocks", "ledger"),
    "l_ledger": ("0", "1"),
    "l_smooth": ("0", *map(str, SMOOTHINGS)),
    "l_speed": ("0.5", "2", "4"),
    "l_present": ("1", "2"),
    "l_large": ("learns", "gradient", "signals", "flow"),
}
MOST_SHOWN = 12  # runs beside each other, no two of them in one colour


class RunName(TypedDict):
    """A run as the dashboard calls it, in full and in a sentence, and as it draws it."""

    id: str
    label: str
    brief: str
    style: Style
    quiet: str  # its colour while another is the baseline


class DashboardData(TypedDict):
    """What the dashboard is given."""

    runs: list[RunName]
    figures: LiveFigures
    asked: dict[str, str | float]  # of its view, by key of the address
    refused: str | None  # the browser's own name of the command or note that was refused last
    noted: str | None  # the browser's own name of the note that was kept last
    tries: bool  # whether cures can be tried
    notes: bool  # whether notes can be kept
    play: bool  # whether recordings move by themselves as soon as they are seen
    only: str  # the name of the one view that is shown, without lines of state; empty: the whole dashboard
    keeps: bool  # whether the page shows these runs alone, so that its address holds what is chosen of them


class LiveData(DashboardData):
    """The same as a component of the lab, with the addresses of its code."""

    module: str
    plotly: str


def named(runs: Sequence[Head]) -> list[RunName]:
    """The runs as the browser names and draws them (:mod:`core.spec.names`)."""
    told = of_runs(runs)
    styles = looks([run.spec for run in runs])
    return [
        {"id": run.id, "label": label, "brief": brief, "style": style, "quiet": quiet}
        for run, label, brief, (style, quiet) in zip(runs, told.labels, told.brief, styles, strict=True)
    ]


def looks(specs: Sequence[RunSpec]) -> list[tuple[Style, str]]:
    """How each run is drawn, and its colour while another is the baseline, which the others are read against.

    Seeds that form a band share a colour. Where there are more units than colours, all are grey but the baseline.
    """
    unit = units(specs)
    nets = {of: spec.net for of, spec in zip(reversed(unit), reversed(specs), strict=True)}  # the first of each
    styles = palette.styles([nets[of] for of in sorted(nets)])
    grey = crowded(specs)
    return [(styles[of], GREY if grey else styles[of]["color"]) for of in unit]
