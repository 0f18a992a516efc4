"""The learning rate as a pure function of the step: no state, so a resumed run needs nothing but its step."""

from __future__ import annotations

import math
from collections.abc import Callable

from core.spec import TrainSpec

ONE_CYCLE_RISE = 0.3  # share of the run in which the rate rises
ONE_CYCLE_START = 1 / 25  # of the peak rate
ONE_CYCLE_END = 1 / 25e4  # of the peak rate


def learning_rate(recipe: TrainSpec, step: int, total_steps: int, steps_per_epoch: int) -> float:
    """Rate for the minibatch after ``step`` finished steps (0 <= step < total_steps); always above 0.

    By epoch, the schedule stays what it is at the first step of the epoch, as torch's do when they are stepped once an
    epoch. The warm-up multiplies the schedule: it rises linearly over its steps and the last of them has the full
    factor. It does so by epoch too: it may be shorter than an epoch, and a first epoch at a rate of 0 would be lost.
    The recipe says of how many steps it is (:func:`core.spec.warmup.settled`).
    """
    warmup = recipe.warmup_steps
    assert warmup != "auto"
    since = step - step % steps_per_epoch if recipe.schedule_by == "epoch" else step
    rate = recipe.lr * SCHEDULES[recipe.schedule](since, total_steps)
    if step + 1 < warmup:
        rate *= (step + 1) / warmup
    return rate


def _constant(step: int, total: int) -> float:
    return 1.0


def _step(step: int, total: int) -> float:
    """A tenth at 50 % and again at 75 % of the run: 32k and 48k of 64k iterations in He 2015, section 4.2."""
    done = step / total
    return 1.0 if done < 0.5 else 0.1 if done < 0.75 else 0.01


def _cosine(step: int, total: int) -> float:
    """Loshchilov 2017, eq. 5, without restarts, down to 0 and per step."""
    return (1 + math.cos(math.pi * (step / total))) / 2


def _one_cycle(step: int, total: int) -> float:
    """Smith 2018 as torch's OneCycleLR has it, at every step: cosine up, then cosine down; momentum stays as it is.

    The last step of each phase has the rate that the phase goes to.
    """
    peak, last = ONE_CYCLE_RISE * total - 1, total - 1
    if step <= peak and peak > 0:
        return _between(ONE_CYCLE_START, 1.0, step / peak)
    return _between(1.0, ONE_CYCLE_END, (step - peak) / (last - peak))


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


SCHEDULES: dict[str, Callable[[int, int], float]] = {  # finished steps, steps of the run -> share of the peak rate
    "constant": _constant,
    "step": _step,
    "cosine": _cosine,
    "onecycle": _one_cycle,
}
