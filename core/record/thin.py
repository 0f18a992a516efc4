"""How much of a trace is drawn, and how it is smoothed: pure functions of arrays."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Smoother:
    """Exponential moving average, free of a start-up bias; what is not finite is passed over."""

    def __init__(self, window: float) -> None:
        self._keep = 1 - 1 / window
        self._total = self._weight = 0.0

    def follow(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """The average at each of the next values, (N,) -> (N,)."""
        keep, total, weight = self._keep, self._total, self._weight
        found: list[float] = []
        for value in values.tolist():
            if math.isfinite(value):
                total, weight = keep * total + value, keep * weight + 1
            found.append(total / weight if weight else math.nan)
        self._total, self._weight = total, weight
        return np.array(found, np.float32)


def smooth(values: NDArray[np.float32], window: float) -> NDArray[np.float32]:
    """The moving average at each of the values, (N,) -> (N,)."""
    return Smoother(window).follow(values)


def recent(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Mean of the last ``count`` values up to each, or of as many as there are, (N,) -> (N,)."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - count, 0)
    return ((sums[ends] - sums[starts]) / (ends - starts)).astype(np.float32)


def extremes(traces: Sequence[NDArray[np.float32]], points: int) -> NDArray[np.int64]:
    """Indices, at most ``points``, that keep every trace's minimum and maximum in each of equal buckets, and the ends.

    Traces have equal lengths (N,). What is not finite counts as neither minimum nor maximum.
    """
    count = len(traces[0])
    if count <= points:
        return np.arange(count)
    edges = np.linspace(0, count, (points - 2) // (2 * len(traces)) + 1).astype(int)
    chosen = {0, count - 1}
    for trace in traces:
        low = np.where(np.isfinite(trace), trace, np.inf)
        high = np.where(np.isfinite(trace), trace, -np.inf)
        for start, end in itertools.pairwise(edges):
            chosen.add(int(start + low[start:end].argmin()))
            chosen.add(int(start + high[start:end].argmax()))
    return np.array(sorted(chosen))


def evenly(steps: Sequence[int], count: int) -> list[int]:
    """Indices of at most ``count`` of the ascending ``steps``, spread evenly by step, with the first and the last.

    ``count`` is at least 2.
    """
    if len(steps) <= count:
        return list(range(len(steps)))
    wanted = np.linspace(steps[0], steps[-1], count)
    right = np.searchsorted(steps, wanted).clip(1, len(steps) - 1)
    known = np.asarray(steps)
    nearest = np.where(wanted - known[right - 1] < known[right] - wanted, right - 1, right)
    return sorted({*nearest.tolist()})
