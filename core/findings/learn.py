"""What may be said of loss and accuracy at a moment."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.findings.moment import Moment, Point, begins, end_of, last_point, losses_at
from core.findings.names import also_differ
from core.findings.seen import Points, Seen, Tested
from core.findings.tested import tests_at
from core.findings.together import Band, read
from core.vocabulary.numbers import number, percent

WINDOW = (20, 400)  # minibatches of a mean that a trend compares: an epoch, within these bounds
LEAST = 10  # fewer minibatches tell no trend
CERTAIN = 3  # standard errors that two means must be apart
NOTABLE = 0.01  # and by which share


def learn_finding(runs: Sequence[Seen], moment: Moment, also: Sequence[str] = (), bands: Sequence[Band] = ()) -> str:
    if not moment.out and not any(run.begun for run in runs):
        return "Waiting for the first step"
    if len(runs) == 1:
        return _single(runs[0], moment.step)
    said = [*map(_ended, moment.out), *map(begins, moment.later)]
    if len(moment.compared) == 1:
        (run,) = moment.compared
        single = _single(run, moment.step)
        said.append(f"{run.brief}: {single[0].lower()}{single[1:]}")
    elif moment.compared:
        said.append(_compared(moment, also, bands))
    return "; ".join(said)


def _compared(moment: Moment, also: Sequence[str], bands: Sequence[Band]) -> str:
    runs, rest = moment.compared, also_differ(also)
    if tested := tests_at(runs, moment):
        accuracies = [test.accuracy for test in tested.tests]
        return f"Test accuracy {tested.when}: {read(runs, accuracies, _reached(runs, tested.tests), bands)}{rest}"
    points, when = losses_at(runs, moment)
    losses = [point.loss for point in points]
    return f"Training loss {when}: {read(runs, losses, [number(loss) for loss in losses], bands)}{rest}"


def _reached(runs: Sequence[Seen], tests: Sequence[Tested]) -> list[str]:
    """Where precisions differ and the names do not say so, each number says in which one it was measured."""
    reached = [percent(test.accuracy) for test in tests]
    precisions = [test.precision for test in tests]
    named = all(precision in run.brief for run, precision in zip(runs, precisions, strict=True))
    if named or len(set(precisions)) < 2:
        return reached
    return [
        f"{share} in {precision}" if precision else share for share, precision in zip(reached, precisions, strict=True)
    ]


def _ended(run: Seen) -> str:
    loss = f" (training loss {number(last_point(run, None).loss)})" if run.begun else ""
    return f"{run.brief} {end_of(run)}{loss}"


def _single(run: Seen, step: int | None) -> str:
    if not run.begun:
        return _capital(end_of(run))
    point = last_point(run, step)
    loss = f"training loss {number(point.loss)}"
    if step is None and run.status == "diverged":
        return f"{_capital(end_of(run))}: {loss} at step {point.step:,}"
    limit = math.inf if step is None else step
    test = next((test for test in reversed(run.tests) if test.step <= limit), None)
    tested = f"test accuracy {percent(test.accuracy)} after epoch {test.epoch}" if test else ""
    if step is not None:
        return f"At step {point.step:,}: {loss}, {tested or trend(run, point)}"
    if not tested:
        return f"{_capital(loss)} at step {point.step:,}, {trend(run, point)}"
    return _capital(tested) if run.state.ended else f"{_capital(tested)}; training loss {trend(run, point)}"


def trend(run: Seen, point: Point) -> str:
    """The mean of the last minibatches against that of as many before: of an epoch each, or of half of what there is.

    Apart are two means only beyond the scatter of single minibatches.
    """
    step, points = point.step, run.points
    epoch = min(max(run.started.get("steps_per_epoch", 0), WINDOW[0]), WINDOW[1])
    size = min(epoch, step // 2)
    last = _between(points, step - size, step)
    before = _between(points, step - 2 * size, step - size)
    if size < LEAST or not len(last) or not len(before):
        return "just begun"
    now, then = _mean(points, last), _mean(points, before)
    if not (math.isfinite(now) and math.isfinite(then)):
        return f"not a number at each of the last {2 * size:,} steps"
    error = scatter(points, np.concatenate([before, last])) * math.sqrt(2 / size)
    least = max(CERTAIN * error, NOTABLE * abs(then))
    over = f"over the last {2 * size:,} steps"
    if now < then - least:
        newest = point.at == len(points.steps) - 1 and not run.state.ended
        return f"{'still falling' if newest else 'falling'} {over}"
    return f"rising {over}" if now > then + least else f"level {over}"


def _between(points: Points, after: int, until: int) -> NDArray[np.int64]:
    """Indices of the known points of the minibatches after one step and up to another."""
    first, end = np.searchsorted(points.steps, (after, until), side="right")
    return np.arange(first, end)


def _mean(points: Points, indices: NDArray[np.int64]) -> float:
    """The loss itself where each minibatch is known; where they are thinned, its mean over the last ones of each."""
    complete = points.steps[indices[-1]] - points.steps[indices[0]] == len(indices) - 1
    return float((points.loss if complete else points.recent)[indices].mean(dtype=np.float64))


def scatter(points: Points, indices: NDArray[np.int64]) -> float:
    """Standard deviation of a single minibatch, from the differences of neighbours, which a slope leaves alone."""
    apart = np.diff(points.loss[indices].astype(np.float64))
    return math.sqrt((apart**2).mean() / 2) if len(apart) else 0.0


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
