"""Figures of a whole test set say what its counts say."""

import numpy as np
import pytest

from core.figures import palette
from core.figures import testset as figures
from core.inspect.calibration import calibration
from core.inspect.outcome import Outcome, outcome
from core.vocabulary.datasets import DATASETS

CLASSES = DATASETS["cifar10"].classes
CAT, DEER, DOG = (CLASSES.index(name) for name in ("cat", "deer", "dog"))


def answers(labels: np.ndarray, said: np.ndarray, sure: float = 0.8) -> np.ndarray:
    probabilities = np.full((len(labels), 10), (1 - sure) / 9, np.float32)
    probabilities[np.arange(len(labels)), said] = sure
    return probabilities


@pytest.fixture
def found() -> Outcome:
    """Ten pictures of each class; four cats are taken for dogs, one deer for a cat."""
    labels = np.repeat(np.arange(10), 10)
    said = labels.copy()
    said[labels == CAT] = [DOG] * 4 + [CAT] * 6
    said[np.flatnonzero(labels == DEER)[0]] = CAT
    return outcome(answers(labels, said), labels)


def test_confusion_shows_each_count_once_and_errors_in_colour(found: Outcome) -> None:
    drawn = figures.confusion(found, CLASSES)
    assert drawn.finding == "Mostly cat taken for dog: 4 of 10."
    right, wrong, weak, strong = drawn.figure.data
    assert np.isfinite(right.z).sum() == 10
    assert np.argwhere(np.isfinite(wrong.z)).tolist() == [[CAT, DOG], [DEER, CAT]]
    assert wrong.z[CAT, DOG] == 1
    assert wrong.z[DEER, CAT] == 0.25
    shown: dict[tuple[str, str], str] = {}
    for numbers in (weak, strong):
        shown |= dict(zip(zip(numbers.y, numbers.x, strict=True), numbers.text, strict=True))
    assert shown[("cat", "dog")] == "4"
    assert shown[("cat", "cat")] == "6"
    assert len(shown) == 12
    assert list(strong.x) == ["dog"]
    assert (weak.textfont.color, strong.textfont.color) == (None, "#FFFFFF")
    assert drawn.finding in drawn.alt


def test_nothing_wrong_is_said() -> None:
    labels = np.arange(10)
    assert "Not one" in figures.confusion(outcome(answers(labels, labels), labels), CLASSES).finding


def test_classes_are_sorted_and_missing_ones_left_out(found: Outcome) -> None:
    drawn = figures.per_class(found, CLASSES, "#0072B2")
    (bars,) = drawn.figure.data
    assert list(bars.y[-2:]) == ["deer", "cat"]
    assert bars.x[-1] == pytest.approx(0.6)
    assert bars.marker.color == palette.KINDS["resnet"]
    # Wilson's interval of 6 in 10, by the roots of (p - x)^2 = z^2 x (1 - x) / n
    low, high = sorted(np.roots([1 + 1.96**2 / 10, -2 * 0.6 - 1.96**2 / 10, 0.36]))
    assert bars.x[-1] + bars.error_x.array[-1] == pytest.approx(high, abs=1e-6)
    assert bars.x[-1] - bars.error_x.arrayminus[-1] == pytest.approx(low, abs=1e-6)
    assert "hardest: cat, 60.0 %" in drawn.finding
    few = outcome(answers(np.array([CAT, CAT]), np.array([CAT, DOG])), np.array([CAT, CAT]))
    assert list(figures.per_class(few, CLASSES, "#D55E00").figure.data[0].y) == ["cat"]


@pytest.mark.parametrize(
    ("sure", "says"), [(0.9, "too sure by 10.0 points"), (0.7, "not sure enough by 10.0"), (0.8, "as sure as it is")]
)
def test_reliability_says_which_way_it_errs(sure: float, says: str) -> None:
    labels = np.zeros(10, int)
    said = np.array([0] * 8 + [1] * 2)
    drawn = figures.reliability(calibration(answers(labels, said, sure), labels), "#009E73")
    assert says in drawn.finding
    line = drawn.figure.data[1]
    assert line.x.tolist() == pytest.approx([sure])
    assert line.y.tolist() == pytest.approx([0.8])
