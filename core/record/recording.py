"""A Recording: all that is known of a run up to its last event, small enough to draw, and never changed again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.record.events import StoredEvent
from core.spec import RunSpec
from core.vocabulary.states import Status


@dataclass(frozen=True)
class Head:
    """Which run it is, and how it stood."""

    id: str
    name: str  # where it is alone
    spec: RunSpec
    status: Status
    message: str  # one sentence on why it failed, else empty
    created: float  # s since 1970
    step: int  # optimiser steps reported
    total_steps: int | None
    twin_of: str | None = None
    parent: str | None = None
    fork_step: int | None = None  # where it goes on from its parent, in steps of its own
    race: str | None = None  # id of the first run of its race, for those beside it
    title: str = ""  # what somebody calls it, or empty


@dataclass(frozen=True)
class Recording:
    """A run's past: thinned and smoothed, and without what a ``resumed`` made void.

    ``events`` are in the order of ``seq``. There is one ``metrics`` event for all steps: at most
    :data:`core.vocabulary.traces.POINTS` of them, with ``smooth_loss``, ``smooth_accuracy`` and ``recent_loss`` beside
    each, and ``clock_steps`` and ``clock_seconds``, the training clock.
    """

    head: Head
    seq: int  # of the last event that it knows
    events: tuple[StoredEvent, ...]
    original: str = ""  # id that the run has in its lab, where it is shown under another one

    @property
    def trained_as(self) -> str:
        """The id by which others name it as the run that they come of."""
        return self.original or self.head.id

    def of_kind(self, kind: str) -> Iterator[StoredEvent]:
        return (event for event in self.events if event.kind == kind)

    def last(self, kind: str) -> dict[str, Any] | None:
        """Payload of the last event of a kind."""
        return next((event.payload for event in reversed(self.events) if event.kind == kind), None)
