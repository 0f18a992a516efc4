"""Whether a net is as sure as it is right. No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 10


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a net says about its own answers against how often they are right, in bins of equal width."""

    confidence: np.ndarray  # (bins,) mean probability of the answers in the bin, NaN where there are none
    accuracy: np.ndarray  # (bins,) share of them that is right
    counts: np.ndarray  # (bins,) answers
    mean_confidence: float  # of all
    mean_accuracy: float
    error: float  # expected calibration error: mean of |accuracy - confidence|, each bin by its share of the answers


def calibration(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> Calibration:
    """Probabilities (N, K), N at least 1, and the true classes (N,). Guo et al. 2017, section 2."""
    confidence = probabilities.max(1).astype(np.float64)
    right = (probabilities.argmax(1) == labels).astype(np.float64)
    of = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)  # a bin is open below, closed above
    counts = np.bincount(of, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean_confidence = np.bincount(of, confidence, bins) / counts
        mean_right = np.bincount(of, right, bins) / counts
    gaps = np.abs(np.nan_to_num(mean_right - mean_confidence))
    return Calibration(
        mean_confidence,
        mean_right,
        counts,
        float(confidence.mean()),
        float(right.mean()),
        float((gaps * counts).sum() / len(labels)),
    )
