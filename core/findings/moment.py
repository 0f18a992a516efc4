"""At which moment runs may be set beside each other: the last one that all of them have reached."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.findings.clock import Clock, clock_of, pictures_at
from core.findings.names import listed
from core.findings.seen import Look, Seen


@dataclass(frozen=True)
class Moment:
    """``step`` is the one that a viewer chose, in steps of the longest run; None: the newest."""

    step: int | None
    clock: Clock
    compared: tuple[Seen, ...]
    out: tuple[Seen, ...]  # they ended early before it, or have not come so far
    later: tuple[Seen, ...]  # they begin behind it, where they go on from another run
    held: bool  # some wait for the others
    steps: dict[Seen, int | None] = field(repr=False)

    def of(self, run: Seen) -> int | None:
        """At which step the run is looked at; None: its newest."""
        return self.steps.get(run, self.step)


class Measured(NamedTuple):
    """What was measured of a run at a moment."""

    run: Seen
    look: Look


class Beside:
    """Runs that are looked at beside each other."""

    def __init__(self, runs: Sequence[Seen]) -> None:
        self.begun = [run for run in runs if run.begun]
        self._fallen = [run for run in runs if not run.begun and run.state.early]
        self.clock = clock_of(self.begun)
        self._longest = max(self.begun, key=lambda run: run.last_step, default=None)
        self._ends = {run: self.clock.position(run, run.reach) for run in self.begun}
        self._begins = {run: self.clock.position(run, run.recording.head.fork_step or 0) for run in self.begun}
        self._reached = max(self._ends.values(), default=0)

    def at(self, step: int | None) -> Moment:
        asked = self._reached
        if step is not None and self._longest:
            asked = min(self.clock.position(self._longest, step), asked)
        later = [run for run in self.begun if self._begins[run] > asked]
        if len(later) == len(self.begun):  # nothing else could be shown
            later = []
        out = [run for run in self.begun if self._ends[run] < asked and (step is not None or run.state.early)]
        compared = [run for run in self.begun if run not in out and run not in later]
        several = len(compared) > 1
        common = min([asked, *(self._ends[run] for run in compared)])
        steps: dict[Seen, int | None] = dict.fromkeys(out)
        for run in compared:
            steps[run] = self.clock.step(run, common) if several or step is not None else None
        held = step is None and several and common < self._reached
        return Moment(step, self.clock, tuple(compared), (*self._fallen, *out), tuple(later), held, steps)


def moment_of(runs: Sequence[Seen], step: int | None) -> Moment:
    return Beside(runs).at(step)


def measured_at(runs: Sequence[Seen], moment: Moment, quantity: str) -> list[Measured]:
    """Of the runs that have it. Runs that are compared measure at steps of their own: taken are the latest looks that
    lie nearest to each other."""
    looks = {run: run.looks_of(quantity) for run in runs if run not in moment.later}
    latest = {run: _latest(known, moment.of(run)) for run, known in looks.items() if known}
    compared = [run for run in latest if run in moment.compared]
    if len(compared) < 2:
        return [Measured(run, look) for run, look in latest.items()]
    slowest = min(moment.clock.position(run, latest[run].step) for run in compared)
    return [
        Measured(run, _nearest(run, looks[run], slowest, latest[run], moment.clock) if run in compared else look)
        for run, look in latest.items()
    ]


def _latest(looks: Sequence[Look], step: int | None) -> Look:
    """The last one until then, or else the first."""
    return looks[-1] if step is None else looks[max(bisect_right(looks, step, key=_step) - 1, 0)]


def _nearest(run: Seen, looks: Sequence[Look], position: int, latest: Look, clock: Clock) -> Look:
    """Of those until ``latest`` the one nearest to the position; of two the later."""
    known = looks[: bisect_right(looks, latest.step, key=_step)]
    at = bisect_right(known, position, key=lambda look: clock.position(run, look.step))
    around = known[max(at - 1, 0) : at + 1]
    return min(reversed(around), key=lambda look: abs(clock.position(run, look.step) - position))


def _step(look: Look) -> int:
    return look.step


def when_measured(shown: Sequence[Measured], moment: Moment) -> str:
    """ "at step 12", "at steps 12 and 14", "after 1,536 pictures": of what :func:`measured_at` gives."""
    together = [(run, look) for run, look in shown if run not in moment.out]
    if moment.clock.unit == "pictures" and len(together) > 1:
        return f"after {listed(_distinct(pictures_at(run, look.step) for run, look in together))} pictures"
    steps = _distinct(look.step for _, look in shown)
    return f"at {'steps' if len(steps) > 1 else 'step'} {listed(steps)}"


def _distinct(values: Iterable[int]) -> list[str]:
    return [f"{value:,}" for value in dict.fromkeys(values)]


class Point(NamedTuple):
    """The mean loss of the last minibatches (20, fewer at the start) up to a step; where it is in the traces."""

    step: int
    loss: float
    at: int


def last_point(run: Seen, limit: int | None) -> Point:
    """At that step or the last before it; None: the newest."""
    steps, recent = run.points.steps, run.points.recent
    index = len(steps) - 1 if limit is None else max(bisect_right(steps, limit) - 1, 0)
    return Point(int(steps[index]), float(recent[index]), index)


class Losses(NamedTuple):
    """The training loss of each run at the last point that all know, and when that is in words."""

    points: list[Point]
    when: str


def losses_at(runs: Sequence[Seen], moment: Moment) -> Losses:
    clock = moment.clock
    points = [last_point(run, moment.of(run)) for run in runs]
    if len(runs) > 1:
        common = min(clock.position(run, point.step) for run, point in zip(runs, points, strict=True))
        points = [last_point(run, clock.step(run, common)) for run in runs]
    positions = {clock.position(run, point.step) for run, point in zip(runs, points, strict=True)}
    least = f"{min(positions):,}"
    if clock.unit == "pictures":
        return Losses(points, f"after {'about ' if len(positions) > 1 else ''}{least} pictures")
    return Losses(points, f"{'near' if len(positions) > 1 else 'at'} step {least}")


def begins(run: Seen) -> str:
    """Where a run that goes on from another one begins."""
    return f"{run.brief} begins at step {run.recording.head.fork_step:,}"


def end_of(run: Seen) -> str:
    """Where a run that cannot be compared stands: "diverged at step 3", "has reached step 78"."""
    step = run.last_step
    if run.status == "diverged":
        step = run.end.step if run.end else step + 1
    return f"{f'{run.status} at' if run.state.ended else 'has reached'} step {step:,}"
