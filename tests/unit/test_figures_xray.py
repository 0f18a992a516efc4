"""The X-ray's figures say what their data says."""

import dataclasses
import math

import numpy as np
import pytest

from core.figures import xray as figures
from core.figures.xray import Case


def case(factor: float, title: str = "net", layers: int = 11) -> Case:
    """A net whose gradient is multiplied by ``factor`` at each layer on its way to the input."""
    gradient = (factor ** np.arange(layers - 1, -1, -1)).astype(np.float32)
    found = {
        "signal_grad": np.append(gradient, np.float32(7)),  # the classifier's takes no part
        "weight_grad": np.append(gradient**2, np.float32(7)),
        "layers": [f"layer{index}" for index in range(1, layers + 2)],
        "std": np.ones(layers + 1, np.float32),
        "dead": np.append(np.zeros(layers, np.float32), np.float32(np.nan)),
        "branch_ratio": np.empty(0, np.float32),
        "branch_variance": np.empty(0, np.float32),
        "stream_at": np.arange(1, layers + 1, dtype=np.int32),
        "stream_variance": np.ones(layers, np.float32),
        "stream_squared_mean": np.ones(layers, np.float32),
    }
    return Case(title, "#000000", "solid", found, factor=factor)


def test_factor_is_recovered() -> None:
    total, factor = figures.per_layer(case(1.2).found["signal_grad"])
    assert factor == pytest.approx(1.2)
    assert total == pytest.approx(1.2**10)


def test_finding_says_grows_shrinks_or_keeps() -> None:
    drawn = figures.gradients([case(1.2, "a"), case(0.8, "b"), case(1.0, "c")])
    assert "grows ×1.20 a layer in a" in drawn.finding
    assert "shrinks ×0.80 a layer in b" in drawn.finding
    assert "keeps its size (×1.00 a layer) in c" in drawn.finding


def test_theory_lies_on_a_measurement_that_obeys_it() -> None:
    measured, theory = figures.gradients([case(1.3)]).figure.data
    np.testing.assert_allclose(measured.y, theory.y, rtol=1e-5)
    assert measured.y.dtype == theory.y.dtype == np.float32


def test_gradient_of_the_weights_is_said_to_be_that_and_has_no_theory() -> None:
    drawn = figures.gradients([case(1.2)], "weight_grad")
    assert "the gradient of the weights grows ×1.44 a layer" in drawn.finding
    assert len(drawn.figure.data) == 1


def test_theory_of_the_stream_stands_at_its_points() -> None:
    """One value for each of them, none where theory says nothing."""
    law = np.append(np.float32(np.nan), np.arange(1, 11, dtype=np.float32))
    given = dataclasses.replace(case(1.0), variance=law, squared_mean=0.5)
    _, variance, _, squared_mean = figures.propagation([given]).figure.data
    np.testing.assert_array_equal(variance.x, given.found["stream_at"])
    np.testing.assert_array_equal(variance.y, law)
    np.testing.assert_array_equal(squared_mean.y, np.full(11, 0.5, np.float32))


def test_cases_of_one_kind_differ_in_one_panel() -> None:
    one, other = case(1.0, "one"), case(1.0, "other")
    for each in (one, other):
        each.found["branch_ratio"] = np.ones(3, np.float32)
    drawn = figures.ratios([one, other])
    assert drawn
    assert len({trace.marker.symbol for trace in drawn.figure.data}) == 2


def test_gradient_that_does_not_arrive_is_said() -> None:
    gone = case(1.0)
    gone.found["signal_grad"][0] = 0
    assert "does not arrive" in figures.gradients([gone]).finding


def test_sweep_fits_the_slope() -> None:
    depths = (8, 20, 56, 110)
    drawn = figures.sweep([(case(1.0, "plain"), depths, [1.17**depth for depth in depths])])
    assert "plain, it grows ×1.17 a layer (×3.2·10⁷ in all at depth 110)" in drawn.finding


def test_every_figure_has_words_for_those_who_cannot_see() -> None:
    cases = [case(1.1), case(0.9)]
    for draw in (figures.gradients, figures.spreads, figures.propagation, figures.dead, figures.stacks):
        drawn = draw(cases)
        assert len(drawn.alt) > 40
        assert all(axis.title.text for axis in drawn.figure.select_xaxes())


@pytest.mark.parametrize(
    ("value", "text"), [(0.3408, "0.341"), (2.3e-11, "2.3·10⁻¹¹"), (13000, "1.3·10⁴"), (0, "0"), (math.nan, "?")]
)
def test_numbers_are_for_people(value: float, text: str) -> None:
    assert figures.number(value) == text
