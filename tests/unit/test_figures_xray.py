"""The X-ray's figures say what their data says."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from core.figures import arrival, stacks
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
    cases = [case(1.3, "a"), case(0.7, "b"), case(0.95, "c")]
    assert [panel.finding for panel in figures.gradients(cases)] == [
        "grows ×1.30 a layer, ×13.8 in all",
        "vanishes, ×0.70 a layer, ×0.0282 in all",
        "arrives, ×0.599 in all",
    ]
    assert (
        figures.toward_input(cases, "signal_grad") == "Toward the input one gradient vanishes, one grows, one arrives."
    )


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        (["arrives"], "one gradient arrives"),
        (["arrives", "arrives"], "both gradients arrive"),
        (["grows ×1.2 a layer"] * 3, "all three gradients grow"),
        (["grows ×1.2 a layer", "does not arrive", "grows ×2 a layer"], "one gradient does not arrive, two grow"),
        (["arrives, though the last hidden layer has none", "is no number"], "one gradient is no number, one arrives"),
    ],
)
def test_gradients_are_counted_in_one_clause(ways: list[str], said: str) -> None:
    assert arrival.counted(ways) == said


def test_a_quantity_with_ends_is_drawn_between_them() -> None:
    """Values below 0 have their place, and those that are no number have none."""
    cases = [case(1.2, "a"), case(0.7, "b")]
    for each, least in zip(cases, (-0.25, np.nan), strict=True):
        each.found["agreement"] = np.append(np.linspace(0, 0.5, 11), 1)
        each.found["agreement"][3] = least
    one, other = figures.gradients(cases, "agreement")
    assert one.finding == "−0.25 to 0.5, least and most of a layer"
    assert other.finding == "0 to 0.5, least and most of a layer"
    assert one.plot["curves"][0]["y"][3] == -0.25
    assert not any(panel.plot["log"] for panel in (one, other))
    assert one.plot["range"] == (-1, 1)
    assert figures.toward_input(cases, "agreement") == ""


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


def test_finding_names_what_stages_and_padding_leave() -> None:
    [panel] = figures.gradients([dataclasses.replace(case(0.9, "plain"), kept=0.325)])
    assert panel.finding == "arrives, ×0.349 in all (stages and padding: ×0.325)"


def test_theory_lies_on_a_measurement_that_obeys_it() -> None:
    [panel] = figures.gradients([case(1.3)])
    measured, theory = panel.plot["curves"]
    np.testing.assert_allclose(measured["y"], theory["y"], rtol=1e-5)


def test_theory_follows_its_profile() -> None:
    profile = np.linspace(0.3, 1, 11)
    [panel] = figures.gradients([dataclasses.replace(case(1.0), profile=profile, kept=0.3)])
    _, theory = panel.plot["curves"]
    np.testing.assert_allclose(theory["y"], profile)
    assert theory["name"] == "theory: ×1 a layer, stages and padding"


def test_range_reaches_the_chart() -> None:
    """0.1 a layer over 200 layers, and what float32 rounds to 0 or to infinity."""
    deep = case(0.1, layers=200)
    for plot in (figures.gradients([deep])[0].plot, stacks.stacks([deep]).plot):
        for curve in plot["curves"]:
            assert curve["y"][0] == pytest.approx(1e-199)
        low, high = plot["range"]
        assert low < -199
        assert high > 0
    huge = case(1.0)
    huge.found["std"] = np.array([1e-60] * 6 + [1e60] * 6)
    [line] = figures.spreads([huge])[0].plot["curves"]
    assert (line["y"][0], line["y"][-1]) == (1e-60, 1e60)


def test_panels_of_a_row_have_one_axis() -> None:
    for draw in (figures.gradients, figures.spreads, figures.propagation, figures.dead):
        one, other = draw([case(1.3), case(0.7)])
        assert one.plot["range"] == other.plot["range"]


def test_a_row_without_a_panel_is_empty() -> None:
    """As it is before the first answer is there."""
    for draw in (figures.gradients, figures.spreads, figures.propagation, figures.dead, figures.ratios):
        assert draw([]) == []


def test_exact_zeros_are_told_apart_from_what_is_missing() -> None:
    given = case(0.9)
    given.found["signal_grad"][[1, 3]] = 0
    [panel] = figures.gradients([given])
    measured, theory = panel.plot["curves"]
    assert (measured["zeros"], theory["zeros"]) == ([2, 4], [])
    assert np.flatnonzero(np.isnan(measured["y"])).tolist() == [1, 3]
    assert 10 ** panel.plot["range"][0] < np.nanmin(measured["y"])


def test_gradient_of_the_weights_is_said_to_be_that_and_has_no_theory() -> None:
    given = dataclasses.replace(case(1.2), kept=0.01)
    [panel] = figures.gradients([given], "weight_grad")
    assert panel.finding == "grows ×1.44 a layer, ×38.3 in all"
    assert figures.toward_input([given], "weight_grad") == "Toward the input one weight gradient grows."
    assert len(panel.plot["curves"]) == 1


def test_theory_of_the_stream_stands_at_its_points() -> None:
    """One value for each of them, none where theory says nothing."""
    law = np.append(np.float32(np.nan), np.arange(1, 11, dtype=np.float32))
    given = dataclasses.replace(case(1.0), variance=law, squared_mean=0.5)
    _, variance, _, squared_mean = figures.propagation([given])[0].plot["curves"]
    np.testing.assert_array_equal(variance["x"], given.found["stream_at"])
    np.testing.assert_array_equal(variance["y"], law)
    np.testing.assert_array_equal(squared_mean["y"], np.full(11, 0.5, np.float32))


def test_a_net_without_branches_has_an_empty_panel_in_its_column() -> None:
    one, other = case(1.0, "one"), case(1.0, "other")
    other.found["branch_ratio"] = np.array([2.0, 1.0, 0.5])
    without, with_branches = figures.ratios([one, other])
    assert (without.finding, without.plot["curves"]) == ("no branches", [])
    assert with_branches.finding == "×2 in the first, ×0.5 in the last branch"
    assert with_branches.plot["x"] == "branch"


def test_gradient_that_does_not_arrive_is_said() -> None:
    gone = case(1.0)
    gone.found["signal_grad"][0] = 0
    assert figures.gradients([gone])[0].finding == "does not arrive"


def test_sweep_fits_the_slope() -> None:
    depths = (8, 20, 56, 110)
    drawn = stacks.sweep([(case(1.0, "plain"), depths, [1.17**depth for depth in depths])])
    assert drawn.of_each == ["grows ×1.17 a layer (×3.2·10⁷ in all at depth 110)"]
    assert drawn.finding == "At depth 110 one gradient grows at the first layer."


@pytest.mark.parametrize(
    ("totals", "kept", "said"),
    [
        ([0.4**depth for depth in (8, 20, 110)], 0.06, "vanishes, ×0.40 a layer (×1.7·10⁻⁴⁴ in all at depth 110)"),
        ([0.4, 0.3, 0.05], 0.06, "arrives (×0.05 in all at depth 110)"),
        ([0.4, 0.3, 0.005], 0.06, "vanishes, ×"),
        ([0.4, 0.3, 0.0], 0.06, "does not arrive at depth 110"),
        ([0.4, math.nan, math.nan], 0.06, "does not arrive at depth 110"),
    ],
)
def test_sweep_is_judged_at_its_largest_depth(totals: list[float], kept: float, said: str) -> None:
    drawn = stacks.sweep([(dataclasses.replace(case(1.0, "plain"), kept=kept), (8, 20, 110), totals)])
    assert said in drawn.of_each[0]


def test_stacks_say_what_is_left_and_how_far_the_spread_goes() -> None:
    cases = [case(0.5, "a", layers=10), case(1.0, "b", layers=10)]
    cases[0].found["std"] = np.float64(2) ** np.arange(11)
    drawn = stacks.stacks(cases)
    assert drawn.finding == "On the way to layer 1 one gradient vanishes, one arrives."
    assert drawn.of_each[0] == "0.00195 left at layer 1: vanishes, ×0.50 a layer (theory ×0.5)"
    spread = stacks.stack_spreads(cases)
    assert spread.finding == "From first to last the spread stays within ×10 in one."
    assert spread.of_each[0] == "spread 1 → 512, first to last"


def test_every_figure_has_words_for_those_who_cannot_see() -> None:
    cases = [case(1.1), case(0.9)]
    drawn = [*figures.gradients(cases), *figures.spreads(cases), *figures.propagation(cases), *figures.dead(cases)]
    for each in (*drawn, stacks.stacks(cases), stacks.stack_spreads(cases)):
        assert len(each.alt) > 30
        assert each.plot["x"]
        assert each.plot["y"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.3408, "0.341"), (2.3e-11, "2.3·10⁻¹¹"), (13000, "13,000"), (0, "0"), (math.nan, "–")]
)
def test_numbers_are_for_people(value: float, text: str) -> None:
    assert number(value) == text
