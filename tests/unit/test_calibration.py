"""Whether a net is as sure as it is right, against a second computation."""

import math

import numpy as np
import pytest

from core.inspect.calibration import calibration


def random_answers(count: int) -> tuple[np.ndarray, np.ndarray]:
    source = np.random.default_rng(0)
    logits = source.normal(0, 2, (count, 10))
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return probabilities.astype(np.float32), source.integers(0, 10, count)


def test_bins_and_error_as_the_formula_says() -> None:
    probabilities, labels = random_answers(500)
    found = calibration(probabilities, labels)
    error = 0.0
    for index in range(10):
        inside = [
            (float(max(row)), int(np.argmax(row)) == label)
            for row, label in zip(probabilities.tolist(), labels.tolist(), strict=True)
            if index / 10 < max(row) <= (index + 1) / 10
        ]
        assert found.counts[index] == len(inside)
        if inside:
            confidence = sum(sure for sure, _ in inside) / len(inside)
            right = sum(hit for _, hit in inside) / len(inside)
            assert found.confidence[index] == pytest.approx(confidence)
            assert found.accuracy[index] == pytest.approx(right)
            error += len(inside) / 500 * abs(right - confidence)
        else:
            assert math.isnan(found.confidence[index])
    assert found.error == pytest.approx(error)
    assert found.mean_confidence == pytest.approx(probabilities.max(1).mean(), rel=1e-6)


def test_certainty_lies_in_the_last_bin_and_a_perfect_net_has_no_error() -> None:
    found = calibration(np.eye(10, dtype=np.float32), np.arange(10))
    assert found.counts.tolist() == [0] * 9 + [10]
    assert found.error == 0
