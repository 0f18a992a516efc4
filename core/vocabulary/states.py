"""The states of a run, and what can be done in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["queued", "starting", "running", "paused", "finished", "stopped", "failed", "diverged"]


@dataclass(frozen=True)
class State:
    """One state. A run that is neither active nor ended waits for its turn."""

    colour: Literal["gray", "blue", "orange", "green", "red"]
    icon: str
    active: bool = False  # a process holds the run
    ended: bool = False
    early: bool = False  # it ended before its last step
    resumable: bool = False  # it can go on from a checkpoint
    moving: bool = False  # something new is to be expected at any moment


STATES: dict[Status, State] = {
    "queued": State("gray", ":material/schedule:", moving=True),
    "starting": State("blue", ":material/hourglass_top:", active=True, moving=True),
    "running": State("blue", ":material/play_arrow:", active=True, moving=True),
    "paused": State("orange", ":material/pause:", active=True),
    "finished": State("green", ":material/check:", ended=True),
    "stopped": State("gray", ":material/stop:", ended=True, early=True, resumable=True),
    "failed": State("red", ":material/error:", ended=True, early=True, resumable=True),
    "diverged": State("red", ":material/trending_up:", ended=True, early=True),
}

ACTIVE: tuple[Status, ...] = tuple(status for status, state in STATES.items() if state.active)
ENDED: tuple[Status, ...] = tuple(status for status, state in STATES.items() if state.ended)
RESUMABLE: tuple[Status, ...] = tuple(status for status, state in STATES.items() if state.resumable)
