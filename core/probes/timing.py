"""Clocks: how long something took on its device, and how often one can afford to look."""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import torch


def synchronize(device: torch.device) -> None:
    """Wait until the device has done what it was given, so that a clock reads true."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


class Stopwatch:
    """Adds up the seconds that pass inside its ``with`` blocks."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._start = 0.0

    def __enter__(self) -> Self:
        self._start = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds += time.perf_counter() - self._start


@dataclass
class Pace:
    """How often to look, so that all looking of a run takes at most a share of its time.

    The interval is a power of two, so that the steps of two runs coincide, and the smallest that keeps the budget both
    from now on and over the whole run, with what has been spent already. Where the budget allows it there are looks
    also at 1, 2, 4, 8 … steps, when most changes, and at the last minibatch of each epoch, so that epochs can be set
    beside each other.
    """

    budget: float  # largest share of time
    steps_per_epoch: int = 0  # 0: there are no epochs
    interval: int = 0  # steps; 0 until it is planned
    early: bool = False  # also at powers of two below the interval
    ends: bool = False  # also at the last minibatch of each epoch
    spent: float = 0.0  # seconds of looking so far
    cost: float = 0.0  # seconds that one look takes; 0 until one was measured warm
    _cold: bool = True

    def wants(self, step: int) -> bool:
        """Whether to look after ``step`` steps: always before the first."""
        if step == 0 or not self.interval:
            return step == 0
        early = self.early and step < self.interval and step & (step - 1) == 0
        return early or step % self.interval == 0 or (self.ends and (step + 1) % self.steps_per_epoch == 0)

    def charge(self, seconds: float) -> None:
        """Pay for a look. The first one also warms up caches, so it says little about those to come."""
        self.spent += seconds
        self.measure(seconds)

    def measure(self, seconds: float) -> None:
        """Learn from a look that is not charged."""
        if self._cold:
            self._cold = False
        else:
            self.cost += (seconds - self.cost) * (0.3 if self.cost else 1)

    def plan(self, step: int, total_steps: int, step_seconds: float, trained_seconds: float) -> None:
        """Set the interval for the steps from ``step`` >= 1 on, given what a step takes and training took so far."""
        cost = self.cost or step_seconds  # the guess: a small batch with extras takes about as long as a step
        whole_run = trained_seconds + (total_steps - step) * step_seconds
        most = max(0.0, self.budget * whole_run - self.spent) / cost  # looks that can be afforded
        least = cost / (self.budget * step_seconds)  # steps between two looks

        def interval(early: bool, ends: bool) -> int:
            """The smallest that can be afforded; beyond the run where there is none."""
            found = 1
            last = _multiples(self.steps_per_epoch, step + 1, total_steps + 1) if ends else 0
            while found < total_steps:
                looks = _multiples(found, step, total_steps) + last
                if early:  # at powers of two from here to the interval
                    looks += max(0, (found - 1).bit_length() - (step - 1).bit_length())
                if found >= least and looks <= most:
                    break
                found *= 2
            return found

        plain = interval(early=False, ends=False)
        self.early, self.ends = False, False
        for early, ends, coarser in ((True, self.steps_per_epoch > 0, 4), (True, False, 2)):
            if (found := interval(early, ends)) <= coarser * plain and found < total_steps:
                self.interval, self.early, self.ends = found, early, ends
                return
        self.interval = plain

    def share(self, trained_seconds: float) -> float:
        """Looking, as a share of looking and training."""
        return self.spent / (self.spent + trained_seconds) if self.spent else 0.0


class Cadence:
    """When nets that are trained beside each other are looked at: at the same steps, those that all their paces want.

    What was decided for a step stays: one that comes to it later is looked at where the others were.
    """

    def __init__(self, *paces: Pace) -> None:
        self.paces = paces
        self._looks: set[int] = set()  # steps
        self._decided = -1  # up to that step

    def due(self, step: int) -> bool:
        """Whether to look after ``step`` steps."""
        if step > self._decided:
            self._decided = step
            if all(pace.wants(step) for pace in self.paces):
                self._looks.add(step)
        return step in self._looks


def _multiples(of: int, start: int, end: int) -> int:
    """How many there are in [start, end)."""
    return -(-end // of) - -(-start // of) if of else 0
