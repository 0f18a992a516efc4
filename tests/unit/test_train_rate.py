"""A learning rate set by hand: asked × min(1, s(t) ÷ s(now)), s being the schedule, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.record.events import Command, Event
from core.spec import TrainSpec
from core.train.loop import train
from core.train.rate import Asked
from core.train.schedule import learning_rate
from core.train.trainer import Trainer
from tests.unit.small_runs import trainer

SCHEDULES = ("constant", "step", "cosine", "onecycle")


def scheduled(total: int, **recipe: object) -> Callable[[int], float]:
    spec = TrainSpec.make(**({"lr": 0.1, "epochs": 1, "warmup_steps": 0} | recipe))
    return lambda step: learning_rate(spec, step, total, total)


@given(
    schedule=st.sampled_from(SCHEDULES),
    warmup=st.sampled_from([0.0, 0.1, 0.7, 1.0]),
    total=st.integers(1, 400),
    where=st.floats(0, 1, exclude_max=True),
    asked=st.floats(1e-6, 1000),
)
def test_what_is_asked_comes_at_once_is_never_exceeded_and_falls_with_the_schedule(
    schedule: str, warmup: float, total: int, where: float, asked: float
) -> None:
    """Also in a warm-up, while one cycle rises, and where next to nothing is left of the schedule."""
    s, now = scheduled(total, schedule=schedule, warmup_steps=warmup * total), int(where * total)
    rates = [Asked(asked, now).at(step, s) for step in range(now, total)]
    assert rates[0] == asked
    assert max(rates) == asked
    np.testing.assert_allclose(rates, [asked * min(1, s(step) / s(now)) for step in range(now, total)])


@given(
    schedule=st.sampled_from(SCHEDULES),
    warmup=st.sampled_from([0.0, 0.1, 0.3]),
    total=st.integers(1, 5000),
    where=st.floats(0, 1, exclude_max=True),
)
@settings(max_examples=200)
def test_outlook_is_what_comes(schedule: str, warmup: float, total: int, where: float) -> None:
    s, now = scheduled(total, schedule=schedule, warmup_steps=warmup * total), int(where * total)
    rate = Asked(0.3, now)
    said = rate.outlook(s, total)
    rates = [rate.at(step, s) for step in range(now, total)]
    assert said["first"] == now + 1
    assert said["until"] == now + next((index for index, each in enumerate(rates) if each < 0.3), len(rates))
    assert said["end"] == rates[-1]


def test_schedule_that_has_run_out_keeps_what_is_asked() -> None:
    assert Asked(0.1, 5).at(7, lambda step: 0.0) == 0.1


def rates_of(run: Trainer, at: dict[int, float]) -> tuple[np.ndarray, list[Event]]:
    """The rate of each step of a run in which some were asked for, and its ``control`` events."""

    def commands(seconds: float) -> list[Command]:
        return [Command("lr", at.pop(run.step))] if run.step in at else []

    events = list(train(run, None, commands))
    applied = np.concatenate([event.payload["lr"] for event in events if event.kind == "metrics"])
    return applied, [event for event in events if event.kind == "control"]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_run_applies_the_last_rate_that_was_asked(schedule: str) -> None:
    """Twice: up and then down, on a schedule that may still rise. Asked 0.5 after 2 steps and 0.2 after 9."""
    run = trainer(lr=0.1, schedule=schedule, warmup_steps=6, epochs=4)
    s = [run.scheduled_lr(step) for step in range(16)]
    applied, controls = rates_of(run, {2: 0.5, 9: 0.2})
    expected = [
        *s[:2],
        *(0.5 * min(1, each / s[2]) for each in s[2:9]),
        *(0.2 * min(1, each / s[9]) for each in s[9:]),
    ]
    np.testing.assert_allclose(applied, expected, rtol=1e-6)
    assert [(event.step, event.payload["requested"], event.payload["applied"]) for event in controls] == [
        (2, 0.5, 0.5),
        (9, 0.2, 0.2),
    ]
    assert controls[1].payload["first"] == 10
    assert controls[1].payload["end"] == pytest.approx(applied[-1])


def test_rate_asked_in_the_last_steps_of_a_cosine() -> None:
    """There next to nothing is left of the schedule; the rate is what was asked, not a multiple of it."""
    run = trainer(lr=0.1, schedule="cosine", epochs=5)
    applied, _ = rates_of(run, {18: 0.4})
    np.testing.assert_allclose(applied[18:], [0.4, 0.4 * run.scheduled_lr(19) / run.scheduled_lr(18)], rtol=1e-6)
