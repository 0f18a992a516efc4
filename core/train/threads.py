"""How many threads a run on the processor trains with: a fixed number, or the one that is fast now.

A step is some thousand parallel regions, and each of them waits for its slowest thread. Where another program keeps a
core busy, that thread waits for its turn, so more threads than free cores make a step several times slower, not faster.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Protocol

import psutil

from core.machine import cores

LOOK = 2.0  # s of training between two looks at whether the number still fits
TRIAL = 0.5  # s of training after which another number is judged, if that is enough steps
TRIAL_STEPS = 3  # minibatches; one more, the first, warms up and does not count
HOPELESS = 1.5  # times as long as before: a trial like that is over after one minibatch
FASTER = 1.05  # more threads must be worth it
NO_SLOWER = 0.97  # fewer threads need not
WAITING = 0.65  # of the cores that the threads could use: below it they mostly wait for each other
BACK_OFF = 10.0  # s until a number that failed is tried again; each failure doubles it
LONGEST_BACK_OFF = 320.0  # s
NEWS = 0.5  # cores: a change in what others take after which a number that failed may be tried at once


def most_threads() -> int:
    """The largest number that ``auto`` may choose: one a core, or fewer where $OMP_NUM_THREADS says so."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(int(wanted), cores()) if wanted.isdecimal() and int(wanted) else cores()


class Neighbours(Protocol):
    """What else the processor does."""

    cores: int  # that this process may run on

    def others(self) -> float:
        """Cores that other programs have kept busy since the last call."""

    def ours(self) -> float:
        """Seconds of processor time that this process has used so far."""


class Processor:
    """The cores that this process may use, as the operating system counts them."""

    def __init__(self) -> None:
        self._mine = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
        self.cores = len(self._mine)
        self._busy = ["user", "system", "irq", "softirq", "steal"]
        if os.getpriority(os.PRIO_PROCESS, 0) > 0:  # else what runs at low priority gives way
            self._busy.append("nice")
        self._last = self._read()

    def others(self) -> float:
        """Cores that other programs, or other machines on the same hardware, have kept busy since the last call."""
        before, self._last = self._last, self._read()
        seconds, busy, ours = (now - then for now, then in zip(self._last, before, strict=True))
        return max(0.0, (busy - ours) / seconds) if seconds > 0 else 0.0

    def ours(self) -> float:
        """Seconds of processor time that this process has used so far."""
        return time.process_time()

    def _read(self) -> tuple[float, float, float]:
        """Seconds: the clock, busy time of the cores, and our part of it."""
        each = psutil.cpu_times(percpu=True)
        mine = [times for core, times in enumerate(each) if core in self._mine]
        busy = sum(getattr(times, name, 0.0) for times in mine for name in self._busy)
        return time.monotonic(), busy, self.ours()


@dataclass(frozen=True)
class Change:
    """Another number of threads from now on, and why, as half a sentence for people."""

    threads: int
    before: int
    why: str


class Threads:
    """The number of threads of a run, kept fast: :meth:`stepped` after each minibatch says when it changes.

    What others do with the processor proposes a number, and a trial of a few minibatches decides. While nobody is in
    the way nothing is tried, so that a run on a quiet machine is, bit for bit, one with a fixed number.
    """

    def __init__(self, number: int, most: int, neighbours: Neighbours) -> None:
        self.number = number
        self.most = most
        self._neighbours = neighbours
        self._trial: _Trial | None = None
        self._failed: dict[int, _Failure] = {}
        self._trained = 0.0  # s of training so far: the clock of the back-off
        self._begin()

    def stepped(self, seconds: float) -> Change | None:
        """Tell of a minibatch and how long it took; what is to be changed before the next one, if anything."""
        self._trained += seconds
        if self._trial and self._trial.warming_up:
            self._trial.warming_up = False
            self._begin()
            return None
        self._steps += 1
        self._seconds += seconds
        if self._trial:
            return self._judge(self._trial)
        return self._look() if self._seconds >= LOOK else None

    def skip(self, cpu_seconds: float) -> None:
        """Tell of processor time that this process has spent on other runs since the last minibatch."""
        self._cpu += cpu_seconds

    def _begin(self) -> None:
        """A new stretch of steps to take the mean of."""
        self._steps, self._seconds = 0, 0.0
        self._cpu = self._neighbours.ours()

    def _look(self) -> Change | None:
        others = self._neighbours.others()
        used = (self._neighbours.ours() - self._cpu) / self._seconds  # cores
        step_seconds = self._seconds / self._steps
        self._begin()
        number, why = self._proposal(others, used)
        if number == self.number or not self._may_try(number, others):
            return None
        self._trial = _Trial(self.number, step_seconds, others)
        return self._change(number, why)

    def _proposal(self, others: float, used: float) -> tuple[int, str]:
        """A number that may be better, by what others take of the cores and by how many the threads really used."""
        there = self._neighbours.cores
        free = min(max(int(there - others + 0.5), 1), self.most)
        if free < self.number:
            return free, f"other programs keep {others:.1f} of {there} cores busy"
        if self.number > 1 and used < WAITING * self.number:
            return self.number // 2, f"{self.number} threads kept only {used:.1f} cores busy"
        if free > self.number:
            return min(2 * self.number, free), f"{free} of {there} cores are free"
        return self.number, ""

    def _may_try(self, number: int, others: float) -> bool:
        failure = self._failed.get(number)
        return failure is None or self._trained >= failure.until or abs(others - failure.others) >= NEWS

    def _judge(self, trial: _Trial) -> Change | None:
        """End the trial once it is clear: keep its number, or go back and remember that it failed."""
        step_seconds = self._seconds / self._steps
        hopeless = step_seconds > HOPELESS * trial.step_seconds
        if not hopeless and (self._seconds < TRIAL or self._steps < TRIAL_STEPS):
            return None
        self._trial = None
        self._begin()
        self._neighbours.others()  # the next look is at what comes now
        needed = FASTER if self.number > trial.number else NO_SLOWER
        if step_seconds * needed <= trial.step_seconds:
            self._failed.pop(self.number, None)
            return None
        failure = self._failed.get(self.number)
        wait = min(2 * failure.wait, LONGEST_BACK_OFF) if failure else BACK_OFF
        self._failed[self.number] = _Failure(self._trained + wait, wait, trial.others)
        slower = f"{named(self.number)} took {step_seconds / trial.step_seconds:.1f} times as long a minibatch"
        return self._change(trial.number, slower)

    def _change(self, number: int, why: str) -> Change:
        change = Change(number, self.number, why)
        self.number = number
        return change


def named(number: int) -> str:
    return f"{number} thread{'s' * (number != 1)}"


@dataclass
class _Trial:
    """What a trial is measured against."""

    number: int  # of threads, before it
    step_seconds: float  # with that number
    others: float  # cores that others kept busy
    warming_up: bool = True


@dataclass(frozen=True)
class _Failure:
    """A number that was slower, and until when it is not tried again."""

    until: float  # s of training
    wait: float  # s
    others: float  # cores that others kept busy then
