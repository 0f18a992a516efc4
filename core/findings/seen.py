"""A run as findings see it: its Recording, taken apart once, and what it is called beside the others."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.record.events import StoredEvent
from core.record.payloads import LedgerRow
from core.record.recording import Recording
from core.vocabulary.states import ENDED, STATES, State


class Look:
    """One measurement. Its payload is read when somebody asks for it."""

    def __init__(self, event: StoredEvent) -> None:
        self.step = event.step
        self.event = event

    def has(self, quantity: str) -> bool:
        return quantity in self.event.arrays

    def values(self, quantity: str) -> list[float]:
        """One number a layer or block; none where it was not measured."""
        found = self.event.payload.get(quantity)
        return [] if found is None else found.tolist()

    def rows(self, quantity: str) -> NDArray[Any]:
        """What has more than one number a row, (rows, numbers); empty where it was not measured."""
        return np.asarray(self.event.payload.get(quantity, np.empty((0, 0))))


@dataclass(frozen=True)
class Points:
    """The loss at the steps that are known, (N,) each, and its mean over the last minibatches up to them."""

    steps: NDArray[np.int32]
    loss: NDArray[np.float32]
    recent: NDArray[np.float32]


@dataclass(frozen=True)
class Tested:
    """A test of a run; the accuracy is NaN where there is no number."""

    step: int
    epoch: int
    accuracy: float
    precision: str


class Seen:
    """A run that is looked at; ``brief`` is its name beside the others (:mod:`core.spec.names`)."""

    def __init__(self, recording: Recording, brief: str) -> None:
        self.recording = recording
        self.brief = brief
        self.derived: dict[str, Any] = {}  # what others have worked out of it and keep with it
        self._looks_of: dict[str, list[Look]] = {}

    @property
    def id(self) -> str:
        return self.recording.head.id

    @property
    def status(self) -> str:
        return self.recording.head.status

    @property
    def state(self) -> State:
        return STATES[self.recording.head.status]

    @cached_property
    def started(self) -> dict[str, Any]:
        """What is trained, and where it was last; empty before it began."""
        place = self.recording.last("resumed") or {}
        return (self.recording.last("started") or {}) | {name: place[name] for name in place if name != "step"}

    @property
    def layers(self) -> list[str]:
        return self.started.get("layers", [])

    @property
    def blocks(self) -> list[str]:
        return self.started.get("blocks", [])

    @property
    def ledger(self) -> list[LedgerRow]:
        return self.started.get("ledger", [])

    @cached_property
    def points(self) -> Points:
        told = self.recording.last("metrics")
        if told is None:
            return Points(np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.float32))
        return Points(told["steps"], told["loss"], told["recent_loss"])

    @cached_property
    def begun(self) -> bool:
        """Whether it has taken a step."""
        return len(self.points.steps) > 0

    @cached_property
    def last_step(self) -> int:
        return int(self.points.steps[-1]) if self.begun else self.recording.head.step

    @cached_property
    def reach(self) -> int:
        """A measurement may be known a moment before the minibatches around it."""
        return max(self.last_step, self.looks[-1].step if self.looks else 0)

    @cached_property
    def end(self) -> StoredEvent | None:
        return next((event for event in reversed(self.recording.events) if event.kind in ENDED), None)

    @cached_property
    def tests(self) -> list[Tested]:
        return [_tested(event, self.started) for event in self.recording.of_kind("evaluation")]

    @cached_property
    def rate_set(self) -> float | None:
        """The last learning rate that somebody set while it went on, and that was taken."""
        said = [event.payload for event in self.recording.of_kind("control")]
        return next((control["requested"] for control in reversed(said) if control.get("first")), None)

    @cached_property
    def looks(self) -> list[Look]:
        return [Look(event) for event in self.recording.of_kind("probe")]

    def looks_of(self, quantity: str) -> list[Look]:
        """Those that measured it; none where the net has no row of it."""
        if quantity not in self._looks_of:
            found = [look for look in self.looks if look.has(quantity)]
            self._looks_of[quantity] = found if found and len(found[-1].rows(quantity)) else []
        return self._looks_of[quantity]


def _tested(event: StoredEvent, started: dict[str, Any]) -> Tested:
    payload = event.payload
    accuracy = payload.get("test_accuracy")
    precision = payload.get("precision") or started.get("precision") or ""
    return Tested(event.step, payload["epoch"], math.nan if accuracy is None else float(accuracy), precision)
