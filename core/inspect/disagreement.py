"""On which pictures several nets disagree, and who is right there. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np


@dataclass(frozen=True, eq=False)
class Disagreement:
    """M of N pictures, about which not all nets say the same."""

    pictures: np.ndarray  # (M,) numbers, first those where two nets are surest of different classes
    right: np.ndarray  # (nets, M) bool, whether a net is right there, in that order


def disagreement(probabilities: Sequence[np.ndarray], labels: np.ndarray) -> Disagreement:
    """``probabilities`` of each net, (N, K), and the true classes (N,).

    Two nets are as sure of different classes as the less sure of them is of its own; of three nets the two count that
    are surest. Pictures of which they are equally sure keep their order.
    """
    said = np.array([each.argmax(1) for each in probabilities])
    sure = np.array([each.max(1) for each in probabilities])
    contrast = np.zeros(len(labels))
    for one, other in combinations(range(len(said)), 2):
        both = np.where(said[one] != said[other], np.minimum(sure[one], sure[other]), 0)
        contrast = np.maximum(contrast, both)
    differ = np.flatnonzero((said != said[0]).any(0))
    pictures = differ[np.argsort(-contrast[differ], kind="stable")]
    return Disagreement(pictures, said[:, pictures] == labels[pictures])


def counted(found: Disagreement, names: Sequence[str]) -> str:
    """Who is right how often where they disagree, in a sentence without its end; empty where they never do."""
    if not len(found.pictures):
        return ""
    alone = [int((found.right[index] & (found.right.sum(0) == 1)).sum()) for index in range(len(names))]
    parts = [f"only {name} is right in {count:,}" for name, count in zip(names, alone, strict=True)]
    several = int((found.right.sum(0) > 1).sum())
    parts += [f"two are right in {several:,}"] if len(names) > 2 else []
    none = int((found.right.sum(0) == 0).sum())
    return ", ".join(parts) + f", {'neither' if len(names) == 2 else 'none'} in {none:,}"
