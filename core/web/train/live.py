"""The live dashboard of one run, or of several laid over each other, as a component that refreshes itself.

The browser polls ``./api/runs/<id>/events`` and draws (assets/live); no script rerun moves a chart.
Buttons of the dashboard come back as commands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import streamlit as st

from core.figures.dashboard import LiveData, named
from core.figures.live import live_figures
from core.findings.cures import Change
from core.record.events import CommandKind
from core.record.recording import Head
from core.vocabulary.fields import NET, TRAIN
from core.web import loader, static
from core.web.train.view import MOST_DIGITS, asked_view

KINDS: tuple[CommandKind, ...] = get_args(CommandKind)
_live = st.components.v2.component("depth_lab_live", js=loader.JS, isolate_styles=False)


@dataclass(frozen=True)
class LiveCommand:
    """What a viewer pressed, and the run it is for."""

    run: str
    kind: CommandKind
    value: str | None = None  # the learning rate, as it was typed


@dataclass(frozen=True)
class Remark:
    """What a viewer notes of a run, and the view in which that was: what the address held of it."""

    run: str
    step: int
    layer: str
    text: str
    view: str


@dataclass(frozen=True)
class Attempt:
    """A cure that a viewer wants to try, and the run that it is for."""

    run: str
    change: Change


def live(
    runs: Sequence[Head],
    *,
    key: str = "live",
    on_command: Callable[[LiveCommand], bool] | None = None,
    on_attempt: Callable[[Attempt], None] | None = None,
    on_note: Callable[[Remark], bool] | None = None,
    play: bool = False,
    only: str = "",
) -> None:
    """Mount the dashboard. Further runs are laid over the first, on shared scales.

    ``play`` lets recordings move by themselves; ``only`` shows one view alone, without what commands runs.
    ``on_command`` is called, before the script runs again, with each valid command of a viewer, and says whether it was
    passed on; so is ``on_note`` with each note. ``on_attempt`` is called with each valid cure that a viewer tries.
    """

    kept = f"{key}_noted"  # the browser's own name of the note that was kept last
    refused = f"{key}_refused"  # the browser's own name of the command or note that was refused last

    def pressed() -> None:
        sent = st.session_state[key].get("command")
        command = read_command(sent, {shown.id for shown in runs})
        if command and on_command and not on_command(command):
            st.session_state[refused] = sent.get("id")

    def tried() -> None:
        attempt = read_attempt(st.session_state[key].get("attempt"), {shown.id for shown in runs})
        if attempt and on_attempt:
            on_attempt(attempt)

    def noted() -> None:
        sent = st.session_state[key].get("note")
        remark = read_remark(sent, {shown.id for shown in runs})
        if remark and on_note:
            st.session_state[kept if on_note(remark) else refused] = sent.get("id")

    _live(
        key=key,
        data=LiveData(
            module=static.url("live/main.js"),
            plotly=static.url("plotly.min.js"),
            figures=live_figures(),
            asked=asked_view(len(runs)),
            refused=st.session_state.get(refused),
            noted=st.session_state.get(kept),
            tries=on_attempt is not None,
            notes=on_note is not None,
            play=play,
            only=only,
            keeps=False,
            runs=named(runs),
        ),
        on_command_change=pressed,
        on_attempt_change=tried,
        on_note_change=noted,
    )


def in_the_tab(runs: Sequence[Head]) -> str:
    """What a tab calls them."""
    found = named(runs)
    return " and ".join(each["brief"] for each in found) if len(found) < 3 else f"{len(found)} runs"


def read_command(value: Any, runs: set[str]) -> LiveCommand | None:
    """A command as the browser sent it, or None if it is none or not for these runs (a browser may send anything)."""
    if not isinstance(value, dict):
        return None
    run, kind, typed = value.get("run"), value.get("kind"), value.get("value")
    if not isinstance(run, str) or run not in runs or kind not in KINDS:
        return None
    if typed is not None and not isinstance(typed, str):
        return None
    return LiveCommand(run, kind, typed)


def read_remark(value: Any, runs: set[str]) -> Remark | None:
    """A note as the browser sent it, or None if it is none or not for these runs (a browser may send anything)."""
    if not isinstance(value, dict):
        return None
    run, layer, text, view, step = (value.get(name) for name in ("run", "layer", "text", "view", "step"))
    if not isinstance(run, str) or run not in runs:
        return None
    if not (isinstance(layer, str) and isinstance(text, str) and isinstance(view, str)):
        return None
    if not isinstance(step, int | float) or not 0 <= step < 10**MOST_DIGITS or step != int(step):
        return None
    return Remark(run, int(step), layer, text, view)


def read_attempt(value: Any, runs: set[str]) -> Attempt | None:
    """A cure as the browser sent it, or None if it is none or not for these runs (a browser may send anything)."""
    if not isinstance(value, dict):
        return None
    run, part, field, wanted = (value.get(name) for name in ("run", "part", "field", "value"))
    if not isinstance(run, str) or run not in runs:
        return None
    if not isinstance(field, str) or not isinstance(wanted, str | float | int):
        return None
    if (part == "net" and field in NET) or (part == "train" and field in TRAIN):
        return Attempt(run, {"part": part, "field": field, "value": wanted})
    return None
