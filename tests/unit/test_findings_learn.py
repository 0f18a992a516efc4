"""What is said of loss and accuracy: the words, of known cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.vocabulary.states import Status
from tests.unit.told_runs import FALLING, PLAIN, Told, said


def test_two_runs_are_compared_at_the_last_step_of_both() -> None:
    ahead = Told(PLAIN, losses=[*np.full(13, 5.0), *np.full(17, 2.0)])
    behind = Told(losses=np.full(13, 5.19))
    told = said(ahead, behind)
    assert told["learn"] == "Training loss at step 13: plain-8 5, ResNet-8 5.19"
    assert told["held"]
    assert told["steps"] == [13, 13]


def test_compared_is_the_mean_of_the_last_20_minibatches() -> None:
    losses = np.random.default_rng(0).normal(2, 0.5, 50)
    told = said(Told(seed=1, losses=losses), Told(seed=2, losses=losses[:40]))
    mean = f"{losses[20:40].mean():.3g}"
    assert told["learn"] == f"Training loss at step 40: seed 1: {mean}, seed 2: {mean}"


@pytest.mark.parametrize(
    ("status", "words"),
    [("diverged", "diverged at step 4"), ("stopped", "stopped at step 3"), ("failed", "failed at step 3")],
)
def test_a_run_that_ended_early_is_named_and_holds_nobody_back(
    status: Status,
    words: str,
) -> None:
    broken = Told(PLAIN, losses=[2.3, 40, 900], status=status).add(status, 4 if status == "diverged" else 3, {})
    told = said(broken, Told(losses=np.full(400, 1.2)))
    assert told["learn"].startswith(f"plain-8 {words} (training loss 314); ResNet-8: training loss 1.2 at step 400")
    assert not told["held"]
    assert told["steps"] == [None, None]


def test_until_it_ended_it_is_compared() -> None:
    broken = Told(PLAIN, losses=np.full(30, 3.0), status="diverged").add("diverged", 31, {})
    assert said(broken, Told(losses=np.full(13, 2.0)))["learn"] == "Training loss at step 13: plain-8 3, ResNet-8 2"
    late = said(broken, Told(losses=np.full(200, 2.0)), step=20)
    assert late["learn"] == "Training loss at step 20: plain-8 3, ResNet-8 2"


def test_one_that_diverged_at_once() -> None:
    broken = Told(PLAIN, status="diverged").add("diverged", 1, {})
    assert said(broken)["learn"] == "Diverged at step 1"
    told = said(broken, Told(losses=[2.3]))
    assert told["learn"] == "plain-8 diverged at step 1; ResNet-8: training loss 2.3 at step 1, just begun"


def test_diverged_alone_says_the_last_loss() -> None:
    broken = Told(losses=[2.3, 2.4, 30], status="diverged").add("diverged", 4, {})
    assert said(broken)["learn"] == "Diverged at step 4: training loss 11.6 at step 3"


def test_a_run_that_waits_is_not_compared() -> None:
    told = said(Told(losses=FALLING), Told(PLAIN, status="queued"))
    assert told["learn"].startswith("ResNet-8: training loss 1.29 at step 60")
    assert said(Told(status="queued"))["learn"] == "Waiting for the first step"


def test_equal_pictures_where_minibatches_differ() -> None:
    large = Told(batch_size=128, losses=[*np.full(10, 3.0), *np.full(50, 1.0)])
    small = Told(batch_size=64, losses=np.full(20, 2.0))
    told = said(large, small)
    assert told["learn"] == "Training loss after 1,280 pictures: batch 128: 3, batch 64: 2"
    assert told["steps"] == [10, 20]


def test_what_else_differs_is_said() -> None:
    runs = Told(losses=np.full(9, 2.0)), Told({"norm": "none"}, lr=0.01, seed=3, losses=np.full(9, 2.1))
    assert said(*runs)["learn"] == ("Training loss at step 9: with BN 2, without BN 2.1; also differ in seed and lr")


def test_tests_are_compared_at_one_epoch_and_not_before() -> None:
    first = Told(seed=0, losses=np.full(90, 1.0)).test(39, 1, 0.3).test(78, 2, 0.4)
    second = Told(seed=1, losses=np.full(38, 1.5))
    assert said(first, second)["learn"] == "Training loss at step 38: seed 0: 1, seed 1: 1.5"
    second = Told(seed=1, losses=np.full(50, 1.5)).test(39, 1, 0.278)
    assert said(first, second)["learn"] == "Test accuracy after epoch 1: seed 0: 30.0 %, seed 1: 27.8 %"


def test_tests_on_other_data_are_compared_after_equally_many_pictures() -> None:
    sample = Told(losses=np.full(400, 1.0))
    for epoch in range(1, 11):
        sample.test(39 * epoch, epoch, 0.3 + epoch / 100)
    full = Told(data="/data/cifar", images=50_000, losses=np.full(500, 1.0)).test(390, 1, 0.55)
    told = said(sample, full)["learn"]
    assert told == "Test accuracy after about 49,920 pictures: data sample 40.0 %, data cifar 55.0 %"
    short = Told(losses=np.full(50, 1.0)).test(39, 1, 0.3)
    assert said(short, full)["learn"].startswith("Training loss after 6,400 pictures")


def test_a_chosen_step_is_spoken_of() -> None:
    run = Told(losses=[*np.full(40, 2.0), *np.full(60, 1.0)]).test(39, 1, 0.3).test(78, 2, 0.4)
    assert said(run, step=32)["learn"] == "At step 32: training loss 2, level over the last 32 steps"
    assert said(run, step=50)["learn"] == "At step 50: training loss 1.5, test accuracy 30.0 % after epoch 1"
    assert said(run)["learn"].startswith("Test accuracy 40.0 % after epoch 2")


def test_beyond_the_end_of_one_the_other_is_not_compared_with_it() -> None:
    short = Told(seed=1, losses=np.full(30, 2.0), status="finished")
    told = said(short, Told(seed=2, losses=np.full(90, 1.0)), step=60)["learn"]
    assert told == (
        "seed 1 finished at step 30 (training loss 2); "
        "seed 2: at step 60: training loss 1, level over the last 60 steps"
    )


def test_one_step_is_no_trend() -> None:
    assert said(Told(losses=[2.31]))["learn"] == "Training loss 2.31 at step 1, just begun"


def test_a_trend_is_more_than_noise() -> None:
    """Of 60 runs that stand still, with much noise, not one falls or rises; a real fall is seen in as much noise."""
    random = np.random.default_rng(5)
    for _ in range(60):
        still = Told(losses=random.normal(2, 0.3, 120))
        assert said(still)["learn"].endswith("level over the last 78 steps")
    falling = Told(losses=random.normal(2, 0.3, 120) - np.linspace(0, 1, 120))
    assert said(falling)["learn"].endswith("still falling over the last 78 steps")
    rising = Told(losses=random.normal(2, 0.3, 120) + np.linspace(0, 1, 120), status="finished")
    assert said(rising)["learn"].endswith("rising over the last 78 steps")


def test_a_long_past_has_a_trend_too() -> None:
    """What is thinned keeps peaks; their mean is not taken for the loss's."""
    random = np.random.default_rng(6)
    level = Told(losses=random.exponential(1, 9000))
    assert "level over the last 78 steps" in said(level, step=4000)["learn"]
    told = said(Told(seed=1, losses=np.full(9000, 1.0)), Told(seed=2, losses=np.full(5000, 2.0)))["learn"]
    assert told.startswith("Training loss ")
    assert told.endswith(": seed 1: 1, seed 2: 2")


def evaluated(measured_in: str | None, accuracy: float, /, started: str = "float32", **changes: Any) -> Told:
    run = Told(losses=[2.0] * 39, started={"precision": started}, **changes)
    return run.test(39, 1, accuracy, **({"precision": measured_in} if measured_in else {}))


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (
            (evaluated("float32", 0.5, seed=0), evaluated("bf16", 0.4, seed=1)),
            "Test accuracy after epoch 1: seed 0: 50.0 % in float32, seed 1: 40.0 % in bf16",
        ),
        (
            (evaluated(None, 0.5, seed=0), evaluated(None, 0.4, started="bf16", seed=1)),  # as older runs tell it
            "Test accuracy after epoch 1: seed 0: 50.0 % in float32, seed 1: 40.0 % in bf16",
        ),
        (
            (evaluated("bf16", 0.5, seed=0), evaluated("bf16", 0.4, seed=1)),
            "Test accuracy after epoch 1: seed 0: 50.0 %, seed 1: 40.0 %",
        ),
        (
            (evaluated("float32", 0.5, precision="float32"), evaluated("bf16", 0.4, precision="bf16")),
            "Test accuracy after epoch 1: float32 50.0 %, bf16 40.0 %",
        ),
        (
            (evaluated("float32", 0.5, precision="auto"), evaluated("bf16", 0.4, precision="bf16")),
            "Test accuracy after epoch 1: precision auto 50.0 % in float32, bf16 40.0 % in bf16",
        ),
    ],
)
def test_precisions_are_named_where_they_differ(runs: tuple[Told, ...], expected: str) -> None:
    assert said(*runs)["learn"] == expected


@pytest.mark.parametrize("at", [25, 55])
def test_no_trend_is_told_over_a_loss_that_is_no_number(at: int) -> None:
    losses = FALLING.copy()
    losses[at] = np.nan
    told = said(Told(losses=losses), step=60)["learn"]
    assert told.endswith("not a number at each of the last 60 steps")
