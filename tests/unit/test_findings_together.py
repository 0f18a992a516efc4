"""Which runs become a band, what it is called, and when colours are too few."""

from __future__ import annotations

import math
from typing import Any

import pytest

from core.figures import palette
from core.figures.dashboard import looks
from core.findings.together import bands, crowded, units
from core.spec import NetSpec, RunSpec, TrainSpec
from core.vocabulary.colours import GREY
from tests.unit.told_runs import FALLING, PLAIN, Told, said, seen


def of_seeds(count: int, **net: Any) -> list[Told]:
    return [Told(net, losses=FALLING, seed=seed) for seed in range(count)]


def drawn(*runs: Told) -> list[tuple[int, str, str]]:
    """How many runs each band has, its name, and what it is."""
    told = bands(seen(*runs), [run.spec for run in runs])
    return [(len(band["runs"]), band["name"], band["of"]) for band in told]


def test_more_than_four_seeds_of_one_setting_are_a_band() -> None:
    assert drawn(*of_seeds(4)) == []
    assert drawn(*of_seeds(5)) == [(5, "ResNet-8", "mean, least to most of 5 seeds")]


def test_a_band_is_named_by_what_tells_its_setting_from_the_others() -> None:
    runs = [*of_seeds(5), *of_seeds(5, skip=False), Told({"norm": "none"}, losses=FALLING)]
    assert [name for _, name, _ in drawn(*runs)] == ["ResNet-8", "plain-8"]
    assert units([run.spec for run in runs]) == [0] * 5 + [1] * 5 + [2]
    rates = [Told(losses=FALLING, seed=seed, lr=lr) for lr in (0.1, 0.01) for seed in range(5)]
    assert [name for _, name, _ in drawn(*rates)] == ["lr 0.1", "lr 0.01"]


def test_another_setting_is_no_seed_of_it() -> None:
    runs = [*of_seeds(4), Told(losses=FALLING, seed=4, lr=0.01)]
    assert drawn(*runs) == []
    watched = [run.spec.but(probes={"enabled": seed % 2 == 0}) for seed, run in enumerate(of_seeds(5))]
    assert units(watched) == [0] * 5  # watching changes no run


def test_the_same_seed_five_times_is_no_band() -> None:
    assert units([RunSpec()] * 5) == [0, 1, 2, 3, 4]
    six = [*of_seeds(5), Told(losses=FALLING, seed=0)]
    assert drawn(*six) == [(6, "ResNet-8", "mean, least to most of 6 runs of 5 seeds")]


def test_what_ended_early_or_was_changed_by_hand_is_drawn_by_itself() -> None:
    runs = of_seeds(6)
    runs[1].status = "diverged"
    runs[4].add("control", 20, {"command": "lr", "requested": 0.01, "applied": 0.01, "first": 21, "until": 60})
    assert [count for count, _, _ in drawn(*runs)] == [4]
    assert drawn(*[run for run in runs if run is not runs[4]])[0][2].endswith("of 4 seeds")


def test_a_band_has_one_colour_and_keeps_it_where_some_are_hidden() -> None:
    runs = of_seeds(5)
    shown = seen(*runs)[:2]
    assert len(bands(shown, [run.spec for run in runs])[0]["runs"]) == 2
    assert {style["color"] for style, _ in looks([run.spec for run in runs])} == {palette.style(NetSpec())["color"]}
    both = looks([run.spec for run in (*runs, *of_seeds(5, norm="none"))])
    assert [style["dash"] for style, _ in both] == ["solid"] * 5 + ["dash"] * 5
    assert [style["color"] for style, _ in both] == [palette.RUNS[0]] * 5 + [palette.RUNS[1]] * 5


@pytest.mark.parametrize("count", [8, 9, 12])
def test_beyond_eight_all_are_grey_but_the_baseline_and_the_one_pointed_at(count: int) -> None:
    specs = [RunSpec(net=NetSpec(), train=TrainSpec(lr=0.01 * (1 + index))) for index in range(count)]
    told = looks(specs)
    assert crowded(specs) == (count > 8)
    assert told[0][0]["color"] == palette.RUNS[0]
    assert all((quiet == GREY) == (count > 8) for _, quiet in told)
    assert palette.RUNS[0] not in {style["color"] for style, _ in told[1:]}
    assert GREY not in {style["color"] for style, _ in told}
    assert not crowded([run.spec for run in (*of_seeds(6), *of_seeds(6, skip=False))])


def test_the_sentence_names_a_band_once_with_its_range() -> None:
    runs = [*of_seeds(5), Told({"skip": False}, losses=FALLING)]
    for share, run in enumerate(runs):
        run.test(39, 1, 0.3 + share / 100)
    text = "Test accuracy after epoch 1: ResNet-8 30.0 % to 34.0 % over 5 seeds, plain-8 35.0 %"
    assert said(*runs)["learn"] == text


def test_what_the_names_say_is_not_said_again() -> None:
    pairs = [Told(net, losses=FALLING, seed=seed) for net in ({}, PLAIN) for seed in (0, 1)]
    assert "also" not in said(*pairs)["learn"]
    alone = [Told({}, losses=FALLING, lr=0.1), Told(PLAIN, losses=FALLING, lr=0.1), Told(PLAIN, losses=FALLING, lr=0.2)]
    assert said(*alone)["learn"].endswith("; also differ in lr")  # ResNet-8 does not say its own


def test_of_many_runs_the_sentence_names_the_ends() -> None:
    rates = [0.1, 0.2, 0.3, 0.4, 0.5]
    runs = [Told(losses=FALLING + shift, lr=lr) for lr, shift in zip(rates, (0, 2, 1, -0.5, math.nan), strict=True)]
    text = "Training loss at step 60: highest lr 0.2: 3.29, lowest lr 0.4: 0.793, of 5 runs"
    assert said(*runs)["learn"] == text
    assert said(*runs[:4])["learn"].count("lr ") == 4
