"""A learning rate that was set by hand: what is applied from then on, and what can be said of it beforehand."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

LOOKS = 1000  # at the rest of the schedule, to find where it first falls

Scheduled = Callable[[int], float]  # finished steps -> rate of the next minibatch, as the recipe has it


@dataclass(frozen=True)
class Asked:
    """It is applied at the next step, is never exceeded afterwards, and falls as the schedule falls."""

    rate: float
    since: int  # steps that were finished when it was set

    def at(self, step: int, scheduled: Scheduled) -> float:
        """Rate of the minibatch after ``step`` finished steps, ``since`` or later."""
        now = scheduled(self.since)
        return self.rate * min(1.0, scheduled(step) / now) if now else self.rate

    def outlook(self, scheduled: Scheduled, total_steps: int) -> dict[str, float]:
        """What comes: steps ``first`` to ``until``, counted from 1, have all of it, and the last one has ``end``."""
        fallen = _first_below(scheduled, self.since, total_steps)
        return {"first": self.since + 1, "until": fallen, "end": self.at(total_steps - 1, scheduled)}


def _first_below(scheduled: Scheduled, since: int, total_steps: int) -> int:
    """Finished steps behind which the schedule is first below what it is after ``since``; ``total_steps``: never."""
    now = scheduled(since)
    stride = max(1, (total_steps - since) // LOOKS)
    before = since
    for step in [*range(since + stride, total_steps - 1, stride), total_steps - 1]:
        if scheduled(step) < now:
            between = range(before, step + 1)
            return between[bisect_left(between, True, key=lambda step: scheduled(step) < now)]
        before = step
    return total_steps
