"""The X-ray's figures say what their data says."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from core.figures import arrival
from core.figures import xray as figures
from core.figures.xray import Case
from core.vocabulary.numbers import number


def case(factor: float, title: str = "net", layers: int = 11) -> Case:
    """A net whose gradient is multiplied by ``factor`` at each layer on its way to the input."""
    gradient = np.float64(factor) ** np.arange(layers - 1, -1, -1)
    found: Any = {
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
    total, factor = arrival.per_layer(case(1.2).found["signal_grad"])
    assert factor == pytest.approx(1.2)
    assert total == pytest.approx(1.2**10)


def test_finding_judges_the_whole_depth() -> None:
    drawn = figures.gradients([case(1.3, "a"), case(0.7, "b"), case(0.95, "c")])
    assert "grows ×1.30 a layer (×13.8 in all) in a" in drawn.finding
    assert "vanishes, ×0.70 a layer (×0.0282 in all) in b" in drawn.finding
    assert "arrives (×0.599 in all) in c" in drawn.finding


def test_a_quantity_with_ends_is_drawn_between_them() -> None:
    """Values below 0 have their place, and those that are no number have none."""
    cases = [case(1.2, "a"), case(0.7, "b")]
    for each, least in zip(cases, (-0.25, np.nan), strict=True):
        each.found["agreement"] = np.append(np.linspace(0, 0.5, 11), 1)
        each.found["agreement"][3] = least
    drawn = figures.gradients(cases, "agreement")
    assert drawn.finding.endswith("of a layer: a: −0.25 to 0.5; b: 0 to 0.5.")
    assert drawn.figure.data[0].y[3] == -0.25
    assert all(drawn.figure.layout[axis].type != "log" for axis in ("yaxis", "yaxis2"))
    assert tuple(drawn.figure.layout.yaxis.range) == (-1, 1)


@pytest.mark.parametrize(
    ("total", "kept", "said"),
    [
        (0.26, 0.325, "arrives"),  # plain-20 without BN, He: stages and padding alone leave 0.325
        (0.06, 0.0606, "arrives"),  # at depth 110
        (0.06, 1.0, "vanishes"),
        (0.03, 0.325, "vanishes"),
        (9.9, 1.0, "arrives"),
        (10.1, 1.0, "grows"),
        (4.0, 0.325, "grows"),
    ],
)
def test_a_gradient_is_judged_by_what_stages_and_padding_leave(total: float, kept: float, said: str) -> None:
    gradient = np.array([total, 1.0, 7.0])
    assert arrival.way(gradient, kept).startswith(said)
    assert arrival.vanishes(gradient, kept) == (said == "vanishes")


@pytest.mark.parametrize(
    ("gradient", "said", "counts"),
    [
        ([0.0, 0.0, 1.0], "does not arrive", True),
        ([0.0, 1.0, 1.0], "does not arrive", True),
        ([3.6e-46, 1.0, 1.0], "vanishes", True),
        ([1e-300, 1e300, 1.0], "vanishes, ×0.00 a layer", True),  # of which the ratio leaves the range of floats
        ([1e300, 1.0, 1e-300, 1.0], "grows ×", False),
        ([1.0, 0.0, 1.0], "arrives, though the last hidden layer has none", False),
        ([np.nan, 1.0, 1.0], "is no number", False),
        ([np.inf, 1.0, 1.0], "is no number", False),
    ],
)
def test_what_does_not_arrive_counts_as_vanished(gradient: list[float], said: str, counts: bool) -> None:
    assert arrival.way(np.array(gradient)).startswith(said)
    assert arrival.vanishes(np.array(gradient)) == counts


def test_title_names_what_stages_and_padding_leave() -> None:
    given = dataclasses.replace(case(0.9, "plain"), kept=0.325)
    [title] = [each.text for each in figures.gradients([given]).figure.layout.annotations]
    assert title == "plain: arrives<br>×0.349 from the last layer to the first (stages and padding: ×0.325)"


def test_theory_lies_on_a_measurement_that_obeys_it() -> None:
    measured, theory = figures.gradients([case(1.3)]).figure.data
    np.testing.assert_allclose(measured.y, theory.y, rtol=1e-5)


def test_theory_follows_its_profile() -> None:
    profile = np.linspace(0.3, 1, 11)
    _, theory = figures.gradients([dataclasses.replace(case(1.0), profile=profile, kept=0.3)]).figure.data
    np.testing.assert_allclose(theory.y, profile)
    assert theory.name == "theory: ×1 a layer, stages and padding"


def test_range_reaches_the_chart() -> None:
    """0.1 a layer over 200 layers, and what float32 rounds to 0 or to infinity."""
    for draw in (figures.gradients, figures.stacks):
        figure = draw([case(0.1, layers=200)]).figure
        for trace in figure.data:
            assert trace.y[0] == pytest.approx(1e-199)
        low, high = figure.layout.yaxis.range
        assert low < -199
        assert high > 0
    huge = case(1.0)
    huge.found["std"] = np.array([1e-60] * 6 + [1e60] * 6)
    [line] = figures.spreads([huge]).figure.data
    assert (line.y[0], line.y[-1]) == (1e-60, 1e60)


def test_exact_zeros_are_crosses_at_the_bottom() -> None:
    given = case(0.9)
    given.found["signal_grad"][[1, 3]] = 0
    *_, crosses = figures.gradients([given]).figure.data
    assert crosses.marker.symbol == "x"
    assert crosses.x.tolist() == [2, 4]
    assert 0 < crosses.y[0] < given.found["signal_grad"][0]
    assert "exactly 0" in crosses.hovertemplate


def test_gradient_of_the_weights_is_said_to_be_that_and_has_no_theory() -> None:
    drawn = figures.gradients([dataclasses.replace(case(1.2), kept=0.01)], "weight_grad")
    assert "the gradient of the weights grows ×1.44 a layer" in drawn.finding
    assert "padding" not in drawn.figure.layout.annotations[0].text
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


@pytest.mark.parametrize(
    ("totals", "kept", "said"),
    [
        ([0.4**depth for depth in (8, 20, 110)], 0.06, "it vanishes, ×0.40 a layer (×1.7·10⁻⁴⁴ in all at depth 110)"),
        ([0.4, 0.3, 0.05], 0.06, "it arrives (×0.05 in all at depth 110)"),
        ([0.4, 0.3, 0.005], 0.06, "it vanishes, ×"),
        ([0.4, 0.3, 0.0], 0.06, "it does not arrive at depth 110"),
        ([0.4, math.nan, math.nan], 0.06, "it does not arrive at depth 110"),
    ],
)
def test_sweep_is_judged_at_its_largest_depth(totals: list[float], kept: float, said: str) -> None:
    drawn = figures.sweep([(dataclasses.replace(case(1.0, "plain"), kept=kept), (8, 20, 110), totals)])
    assert said in drawn.finding


def test_every_figure_has_words_for_those_who_cannot_see() -> None:
    cases = [case(1.1), case(0.9)]
    for draw in (figures.gradients, figures.spreads, figures.propagation, figures.dead, figures.stacks):
        drawn = draw(cases)
        assert len(drawn.alt) > 40
        assert all(axis.title.text for axis in drawn.figure.select_xaxes())


@pytest.mark.parametrize(
    ("value", "text"), [(0.3408, "0.341"), (2.3e-11, "2.3·10⁻¹¹"), (13000, "13,000"), (0, "0"), (math.nan, "–")]
)
def test_numbers_are_for_people(value: float, text: str) -> None:
    assert number(value) == text
