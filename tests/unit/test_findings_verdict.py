"""What may be said of runs beside each other: one thing that differs, with its number of seeds, or what else does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.findings.seen import Seen
from core.findings.verdict import verdict
from tests.unit.told_runs import FALLING, Told, seen

NO_BN = {"norm": "none"}


def after(accuracy: float, net: dict[str, Any] | None = None, **train: Any) -> Told:
    return Told(net, losses=FALLING, status="finished", **train).test(39, 1, accuracy)


def said(*runs: Told) -> str:
    return verdict(seen(*runs))


def test_of_one_run_nothing_is_said() -> None:
    assert said(after(0.5)) == ""


def test_one_thing_differs_with_one_seed() -> None:
    assert said(after(0.512), after(0.361, NO_BN)) == (
        "These runs differ in norm alone: test accuracy after epoch 1 is 51.2 % with BN and 36.1 % without BN, 15.1 "
        "points apart with one seed each: 2 more seeds of each (some 4 s at the speed of these) are needed "
        "to tell this from chance."
    )


def test_one_thing_differs_over_seeds() -> None:
    runs = [after(0.5 + seed / 100, seed=seed) for seed in range(3)]
    others = [after(0.4 - seed / 100, NO_BN, seed=seed) for seed in range(3)]
    assert said(*runs, *others) == (
        "These runs differ in norm alone: test accuracy after epoch 1 is 51.0 % with BN and 39.0 % without BN, 12.0 "
        "points apart on average over 3 seeds."
    )


def test_the_setting_with_fewer_seeds_counts() -> None:
    runs = [after(0.5, seed=seed) for seed in range(3)]
    assert "with one seed each" in said(*runs, after(0.4, NO_BN))


def test_more_than_one_thing_differs() -> None:
    text = said(after(0.5), after(0.3, NO_BN, lr=0.01))
    assert text == "These runs differ in norm and lr: no single one of these can be said to make the difference."


def test_seeds_of_one_setting() -> None:
    assert said(*(after(accuracy, seed=seed) for seed, accuracy in enumerate((0.5, 0.52, 0.54)))) == (
        "3 seeds of one setting: test accuracy after epoch 1 from 50.0 % to 54.0 %, 52.0 % on average."
    )


def test_equal_runs() -> None:
    assert said(after(0.5), after(0.51)).startswith("2 runs of one setting and seed: test accuracy")


def test_three_values_of_one_thing() -> None:
    text = said(*(after(accuracy, lr=lr) for lr, accuracy in ((0.1, 0.5), (0.05, 0.6), (0.01, 0.4))))
    assert text.startswith("These runs differ in lr alone: test accuracy after epoch 1 is 50.0 %")
    assert "points apart" not in text


@pytest.mark.parametrize("others", [{"norm": "none"}, None])
def test_without_a_test_in_common_nothing_is_concluded(others: dict[str, Any] | None) -> None:
    assert said(Told(losses=FALLING), Told(others, losses=FALLING, seed=0)).endswith("they have no test in common yet.")


def test_what_cannot_change_a_run_does_not_count() -> None:
    assert said(after(0.5), after(0.51, threads=1)).startswith("2 runs of one setting")


def forked(run: Seen, parent: str, step: int) -> Seen:
    known = run.recording
    return Seen(replace(known, head=replace(known.head, parent=parent, fork_step=step)), run.brief)


def test_a_run_that_went_on_with_the_weights_of_another_is_not_judged_by_its_setting() -> None:
    one, other = seen(after(0.5), after(0.4, NO_BN))
    assert verdict([one, forked(other, "first", 1200)]) == (
        f"{other.brief} from step 1,200 went on with what another run had learnt: what differs in the settings holds "
        "from there on only, and cannot alone be said to make the difference."
    )
    same = [forked(run, "first", 1200) for run in (one, other)]
    assert verdict(same).startswith("These runs differ in norm alone")
