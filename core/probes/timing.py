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
    from now on and over the whole run, with what has been spent already.
    """

    budget: float  # largest share of time
    interval: int = 0  # steps; 0 until it is planned
    spent: float = 0.0  # seconds of looking so far
    cost: float = 0.0  # seconds that one look takes; 0 until one was measured warm
    _cold: bool = True

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
        left = max(0.0, self.budget * whole_run - self.spent)

        def looks(interval: int) -> int:  # multiples of the interval in [step, total_steps)
            return -(-total_steps // interval) - -(-step // interval)

        self.interval = 1
        while cost > self.budget * self.interval * step_seconds or looks(self.interval) * cost > left:
            self.interval *= 2

    def share(self, trained_seconds: float) -> float:
        """Looking, as a share of looking and training."""
        return self.spent / (self.spent + trained_seconds) if self.spent else 0.0
