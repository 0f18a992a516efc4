"""What may be said of a run that goes on from where another one was: what it took over, and what came of that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.findings.clock import clock_of
from core.findings.learn import CERTAIN, NOTABLE, scatter
from core.findings.moment import last_point
from core.findings.seen import Points, Seen
from core.record.payloads import Operation
from core.vocabulary.datasets import dataset_of
from core.vocabulary.numbers import number

AFTER = (30, 100, 300, 1000, 3000, 10_000, 30_000)  # steps behind the cut at which a run is set beside its parent
WINDOW = 20  # minibatches of a mean, all of them behind the cut
SAME = 1e-3  # of logits: as far apart as rounding may bring them
WORSE = 1.5  # times the loss of guessing: above it a net is sure of what is wrong
LEFT = 0.95  # of the loss of guessing: below it a net knows something


class Since(NamedTuple):
    """What a run came to behind the cut, beside its parent; ``step`` is its own."""

    step: int
    text: str


def guess(run: Seen) -> float:
    """The loss of a net that gives every class the same probability."""
    return math.log(len(dataset_of(run.recording.head.spec.train.data).classes))


def cut_of(run: Seen) -> int | None:
    """The step at which it took over another run's state; none where it began with weights of its own."""
    head = run.recording.head
    return head.fork_step if head.parent else None


def measured(done: Operation) -> str:
    """What both nets answered at the cut, evaluated; empty where they are the same."""
    if not done["pictures"]:
        return ""
    before, after, apart = done.get("loss_before"), done.get("loss_after"), done.get("apart")
    text = f"Evaluated on {done['pictures']:,} training pictures, the loss is {_loss(before)} before and "
    text += f"{_loss(after)} after"
    return f"{text}; logits differ by {number(apart, 2)} at most." if apart is not None and apart < SAME else f"{text}."


def _loss(value: float | None) -> str:
    return "no number" if value is None else number(value)


def taken_over(run: Seen) -> str:
    """What it began with, in full; empty where it began with weights of its own."""
    if cut_of(run) is None:
        return ""
    done: Operation | None = run.started.get("taken_over")
    if not done:
        return "It goes on from here with what another run had learnt."
    said = [f"It goes on from here with what {done['net']} had learnt by step {done['step']:,}.", *done["said"]]
    return " ".join(text for text in (*said, measured(done)) if text)


def beginnings(runs: Sequence[Seen]) -> str:
    """Which of several runs began with another's weights, behind what is said of them; else ""."""
    went_on = [
        f"{run.brief} went on from {_parent_name(run, runs)} at step {cut:,}"
        for run in runs
        if (cut := cut_of(run)) is not None and len(runs) > 1
    ]
    return "".join(f"; {each}" for each in went_on)


def _parent_name(run: Seen, runs: Sequence[Seen]) -> str:
    parent = parent_of(run, runs)
    done = run.started.get("taken_over") or {}
    return parent.brief if parent else done.get("net", "another run")


def parent_of(run: Seen, runs: Sequence[Seen]) -> Seen | None:
    """The run whose state it took over, where it is among these."""
    return next((other for other in runs if other.recording.trained_as == run.recording.head.parent), None)


def since(run: Seen, parent: Seen, until: int | None) -> Since | None:
    """A run beside its parent at equal steps behind the cut, the last of some until its step ``until`` that both have
    reached; where the parent ended with the cut, beside what that had come to there."""
    cut = cut_of(run)
    if cut is None or not run.begun or not parent.begun:
        return None
    reached = run.last_step if until is None else min(run.last_step, until)
    behind = [steps for steps in AFTER if cut + steps <= reached]
    clock = clock_of([run, parent])
    if run.status == "diverged" and run.end and (until is None or run.end.step <= until):
        return Since(run.end.step, _lost(run.end.step - cut, last_point(parent, _cut_in(parent, run)).loss))

    def of_parent(step: int) -> int:
        return clock.step(parent, clock.position(run, step))

    equal = [steps for steps in behind if of_parent(cut + steps) <= parent.last_step]
    if not behind or (not equal and not parent.state.ended):
        return None
    step = cut + (equal or behind)[-1]
    text = _compared(run, step, parent, of_parent(step if equal else cut), bool(equal))
    return Since(step, f"{step - cut:,} steps after the cut: {text}")


def _lost(steps: int, loss: float) -> str:
    behind = f"{steps:,} {'step' if steps == 1 else 'steps'} after the cut"
    return f"It was lost {behind}, where its parent had a training loss of {number(loss)}: this was no cure."


def _compared(run: Seen, step: int, parent: Seen, at: int, equal: bool) -> str:
    own, other = last_point(run, step).loss, last_point(parent, at).loss
    beside = f"its parent {number(other)}" if equal else f"where its parent had {number(other)} at the cut"
    text = f"training loss {number(own)}, {beside}"
    if not (math.isfinite(own) and math.isfinite(other)):
        return f"{text}."
    left = LEFT * guess(run)
    sick = last_point(parent, _cut_in(parent, run)).loss >= left
    if sick and own < left:
        also = " as its parent has" if other < left else ", which its parent has not"
        return f"{text}. It has left guessing ({guess(run):.2f}){also}."
    if sick and own > WORSE * guess(run):
        return f"{text}. It is worse than guessing ({guess(run):.2f}): this was no cure."
    if sick:
        return f"{text}. It has not left guessing ({guess(run):.2f}){', which its parent has' if other < left else ''}."
    error = math.hypot(_error(run.points, step), _error(parent.points, at))
    if abs(own - other) <= max(CERTAIN * error, NOTABLE * abs(other)):
        return f"{text}: no more apart than the scatter of minibatches."
    return f"{text}: {'lower' if own < other else 'higher'} by {number(abs(own - other), 2)}."


def _cut_in(parent: Seen, run: Seen) -> int:
    """The step of the parent at which it was cut."""
    cut = cut_of(run)
    assert cut is not None
    clock = clock_of([run, parent])
    return clock.step(parent, clock.position(run, cut))


def _error(points: Points, step: int) -> float:
    """Standard error of the mean of the last minibatches up to that step."""
    first, end = np.searchsorted(points.steps, (step - WINDOW, step), side="right")
    return scatter(points, np.arange(first, end)) / math.sqrt(WINDOW)
