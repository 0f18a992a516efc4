"""What the store holds, as frozen records: runs, events, commands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from core.record.events import Command
from core.spec import RunSpec
from core.store.identity import Identity
from core.vocabulary.states import STATES, Status

Owner = Literal["supervisor", "cli"]


@dataclass(frozen=True)
class Run:
    """One row of ``runs``. Times are seconds since the epoch."""

    id: str
    net_name: str
    spec_json: str
    status: Status
    message: str  # one sentence on why it failed, else empty
    created: float
    queued: float  # place in the queue
    started: float | None
    ended: float | None
    pid: int | None
    pid_created: float | None
    heartbeat: float | None
    owner: Owner
    twin_of: str | None
    parent: str | None
    fork_step: int | None
    attempts: int  # times its process died since the last progress
    step: int  # optimiser steps reported
    total_steps: int | None
    race: str | None  # id of the race's first run, for those beside it
    waits_for: str | None  # id of the run of its race that it is ahead of
    title: str  # what somebody calls it, or empty
    note: str
    tags_json: str
    deleted: float | None  # when it was put into the bin

    @property
    def name(self) -> str:
        """What it is called where it is alone; beside others :mod:`core.spec.names` knows."""
        return self.title or self.net_name

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(json.loads(self.tags_json))

    @cached_property
    def spec(self) -> RunSpec:
        return _spec(self.spec_json)

    @property
    def holder(self) -> Identity | None:
        """The process that trains it, or did last."""
        return None if self.pid is None or self.pid_created is None else Identity(self.pid, self.pid_created)

    @property
    def active(self) -> bool:
        return STATES[self.status].active

    @property
    def group(self) -> str:
        """What the runs of one race have in common: the id of the first; a run's own where it is alone."""
        return self.race or self.id

    @property
    def orphaned(self) -> bool:
        """Whether the process that is said to train it is gone."""
        return self.active and not (self.holder and self.holder.alive)


@lru_cache(maxsize=4096)  # lists read the same ones again and again
def _spec(text: str) -> RunSpec:
    return RunSpec.from_json(text)


@dataclass(frozen=True)
class SentCommand:
    """A command and what became of it."""

    command: Command
    sent: float
    taken: float | None  # None: the run has not seen it yet
