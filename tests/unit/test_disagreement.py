"""Where nets disagree: counted by hand."""

import numpy as np

from core.inspect.disagreement import counted, disagreement

LABELS = np.array([0, 1, 2, 0, 1])


def answers(*said: tuple[int, float]) -> np.ndarray:
    """(N, 3): each picture's answer and its probability, which is more than a half."""
    rows = np.array([[(1 - share) / 2] * 3 for _, share in said])
    for row, (name, share) in zip(rows, said, strict=True):
        row[name] = share
    return rows


ONE = answers((0, 0.9), (1, 0.99), (1, 0.8), (2, 0.7), (0, 0.6))
OTHER = answers((0, 0.8), (0, 0.6), (2, 0.95), (1, 0.75), (0, 0.9))
THIRD = answers((1, 0.95), (1, 0.7), (2, 0.6), (2, 0.9), (0, 0.9))


def test_the_surest_of_different_classes_come_first() -> None:
    """Of pictures 1, 2, 3 the less sure of two is sure by 0.6, 0.8, 0.7."""
    found = disagreement([ONE, OTHER], LABELS)
    assert found.pictures.tolist() == [2, 3, 1]
    assert found.right.tolist() == [[False, False, True], [True, False, False]]
    assert counted(found, ["A", "B"]) == "only A is right in 1, only B is right in 1, neither in 1"


def test_of_three_nets_the_two_that_are_surest_count() -> None:
    """Picture 0: 0.9 against 0.95; 3: 0.75 against 0.9 and not 0.7 against 0.75; 2: 0.8; 1: 0.6."""
    found = disagreement([ONE, OTHER, THIRD], LABELS)
    assert found.pictures.tolist() == [0, 2, 3, 1]
    told = "only A is right in 0, only B is right in 0, only C is right in 0, two are right in 3, none in 1"
    assert counted(found, ["A", "B", "C"]) == told


def test_nets_that_say_the_same_do_not_disagree() -> None:
    found = disagreement([ONE, ONE], LABELS)
    assert not len(found.pictures)
    assert counted(found, ["A", "A"]) == ""
