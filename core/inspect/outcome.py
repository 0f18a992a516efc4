"""How a net does on a whole test set: accuracy, confusion, its most confident mistakes. No torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

Z = 1.96  # of the normal distribution, for 95 %


@dataclass(frozen=True, eq=False)
class Outcome:
    """N pictures of K classes."""

    accuracy: float
    interval: tuple[float, float]  # 95 %, Wilson 1927
    confusion: np.ndarray  # (K, K) counts, rows the truth, columns what was said
    per_class: np.ndarray  # (K,) accuracy; NaN for a class without pictures
    mistakes: np.ndarray  # numbers of the pictures that are named wrongly, the surest first


def outcome(probabilities: np.ndarray, labels: np.ndarray) -> Outcome:
    """Probabilities (N, K), N at least 1, and the true classes (N,)."""
    said = probabilities.argmax(1)
    classes = probabilities.shape[1]
    confusion = np.zeros((classes, classes), np.int64)
    np.add.at(confusion, (labels, said), 1)
    right = np.diag(confusion)
    with np.errstate(invalid="ignore"):
        per_class = right / confusion.sum(1)
    wrong = np.flatnonzero(said != labels)
    accuracy = float(right.sum() / len(labels))
    return Outcome(
        accuracy=accuracy,
        interval=wilson(accuracy, len(labels)),
        confusion=confusion,
        per_class=per_class,
        mistakes=wrong[np.argsort(-probabilities[wrong, said[wrong]], kind="stable")],
    )


def wilson(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share that was seen in ``count`` independent trials (Wilson 1927).

    It holds the share, and begins at exactly 0 where none was seen and ends at exactly 1 where all were.
    """
    scale = 1 + Z**2 / count
    middle = (share + Z**2 / (2 * count)) / scale
    half = Z * math.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2)) / scale
    low = 0.0 if share == 0 else min(middle - half, share)
    high = 1.0 if share == 1 else max(middle + half, share)
    return low, high
