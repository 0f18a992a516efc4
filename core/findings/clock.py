"""What equal positions of runs mean: optimiser steps, or pictures seen where minibatches or data differ."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

from core.findings.seen import Seen


@dataclass(frozen=True)
class Clock:
    """Positions are steps, or pictures."""

    unit: Literal["steps", "pictures"]
    same_data: bool

    def position(self, run: Seen, step: int) -> int:
        return step if self.unit == "steps" else pictures_at(run, step)

    def step(self, run: Seen, position: int) -> int:
        """The last step at no later position."""
        return position if self.unit == "steps" else _step_at(run, position)


def clock_of(runs: Sequence[Seen]) -> Clock:
    started = [run for run in runs if run.started.get("steps_per_epoch")]

    def alike(of: Callable[[Seen], Hashable]) -> bool:
        return len({of(run) for run in started}) < 2

    same_data = alike(lambda run: (run.recording.head.spec.train.data, run.started.get("images")))
    same_minibatches = alike(lambda run: (_batch_size(run), run.started["steps_per_epoch"]))
    return Clock("steps" if same_data and same_minibatches else "pictures", same_data)


def pictures_at(run: Seen, step: int) -> int:
    epochs, rest = divmod(step, run.started["steps_per_epoch"])
    return int(epochs * _of_epoch(run) + rest * _batch_size(run))


def _step_at(run: Seen, pictures: int) -> int:
    size = run.started["steps_per_epoch"]
    epochs, rest = divmod(pictures, _of_epoch(run))
    return int(epochs * size + min(rest // _batch_size(run), size))


def _of_epoch(run: Seen) -> int:
    """Pictures of an epoch: without those that no minibatch took, where its last ones are left out."""
    return min(int(run.started["images"]), int(run.started["steps_per_epoch"]) * _batch_size(run))


def _batch_size(run: Seen) -> int:
    return run.recording.head.spec.train.batch_size
