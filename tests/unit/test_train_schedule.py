"""Schedules against torch's own schedulers and against the papers' words."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from core.spec import SpecError, TrainSpec
from core.train.schedule import learning_rate

TOTAL = 2000


def rates(total: int = TOTAL, per_epoch: int = 100, **recipe: object) -> np.ndarray:
    spec = TrainSpec.make(**({"lr": 0.1, "epochs": total // per_epoch, "warmup_steps": 0} | recipe))
    return np.array([learning_rate(spec, step, total, per_epoch) for step in range(total)])


def of_torch(make: Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler], total: int = TOTAL) -> np.ndarray:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = make(optimizer)
    found = []
    for _ in range(total):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(found) < total:  # OneCycleLR refuses to go beyond its last step
            scheduler.step()
    return np.array(found)


def test_cosine_is_torchs() -> None:
    expected = of_torch(lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, TOTAL))
    np.testing.assert_allclose(rates(schedule="cosine"), expected, rtol=1e-6, atol=1e-12)


def test_step_is_torchs_with_milestones_at_half_and_three_quarters() -> None:
    expected = of_torch(lambda optimizer: lr_scheduler.MultiStepLR(optimizer, [TOTAL // 2, TOTAL * 3 // 4]))
    np.testing.assert_allclose(rates(schedule="step"), expected)


@pytest.mark.parametrize("total", [1, 2, 3, 4, 5, 7, 10, 33, 100, TOTAL])
def test_one_cycle_is_torchs_at_every_step(total: int) -> None:
    """Also in runs so short that a phase has no step of its own."""
    expected = of_torch(lambda optimizer: lr_scheduler.OneCycleLR(optimizer, 0.1, total, cycle_momentum=False), total)
    np.testing.assert_allclose(rates(total, 1, schedule="onecycle"), expected, rtol=1e-12)


def test_one_cycle_peaks_once_and_ends_at_its_end() -> None:
    found = rates(schedule="onecycle")
    assert found.argmax() == 599
    assert found.max() == 0.1
    assert found[0] == pytest.approx(0.1 / 25)
    assert found[-1] == pytest.approx(0.1 / 25 / 1e4)


def test_constant_is_constant() -> None:
    assert set(rates(schedule="constant")) == {0.1}


def test_warm_up_is_linear_and_then_over() -> None:
    plain, warm = rates(schedule="cosine"), rates(schedule="cosine", warmup_steps=250)
    np.testing.assert_allclose(warm[:250], plain[:250] * np.arange(1, 251) / 250)
    np.testing.assert_array_equal(warm[250:], plain[250:])


def test_warm_up_of_a_broken_number_of_steps_is_linear_too() -> None:
    """As runs have it whose warm-up was given in epochs: 2.5 epochs of 39 steps."""
    warm = rates(schedule="constant", warmup_steps=97.5)
    np.testing.assert_allclose(warm[:97], 0.1 * np.arange(1, 98) / 97.5)
    assert set(warm[97:]) == {0.1}


@pytest.mark.parametrize("epochs", [1, 7, 20])
@pytest.mark.parametrize("schedule", ["cosine", "step", "constant"])
def test_by_epoch_is_torchs_when_it_is_stepped_once_an_epoch(schedule: str, epochs: int) -> None:
    halves = [math.ceil(epochs / 2), math.ceil(epochs * 3 / 4)]  # the first epochs that begin at or behind them
    schedulers = {
        "cosine": lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, epochs),
        "step": lambda optimizer: lr_scheduler.MultiStepLR(optimizer, halves),
        "constant": lambda optimizer: lr_scheduler.ConstantLR(optimizer, 1),
    }
    expected = np.repeat(of_torch(schedulers[schedule], epochs), 100)
    np.testing.assert_allclose(rates(100 * epochs, schedule=schedule, schedule_by="epoch"), expected, rtol=1e-6)


def test_by_epoch_a_warm_up_still_grows_at_every_step() -> None:
    plain, warm = (rates(schedule="cosine", schedule_by="epoch", warmup_steps=steps) for steps in (0, 250))
    np.testing.assert_allclose(warm[:250], plain[:250] * np.arange(1, 251) / 250)
    np.testing.assert_array_equal(warm[250:], plain[250:])


def test_one_cycle_by_epoch_is_refused_in_a_sentence() -> None:
    with pytest.raises(SpecError, match=r"One cycle moves at every step.*: let the schedule move by step, or choose"):
        TrainSpec.make(schedule="onecycle", schedule_by="epoch")


@given(
    schedule=st.sampled_from(["constant", "step", "cosine", "onecycle"]),
    total=st.integers(1, 10**6),
    where=st.floats(0, 1, exclude_max=True),
    warmup=st.floats(0, 1),
)
def test_rate_is_never_zero_and_never_above_the_peak(schedule: str, total: int, where: float, warmup: float) -> None:
    """Above 0 always: the user's learning rate is a multiple of the scheduled one."""
    recipe = TrainSpec.make(schedule=schedule, lr=0.1, warmup_steps=warmup * total, epochs=1)
    rate = learning_rate(recipe, math.floor(where * total), total, total)
    assert 0 < rate <= 0.1 * (1 + 1e-12)
