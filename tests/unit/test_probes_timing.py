"""The budget of watching: an interval that keeps it, whatever a look and a step cost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.probes.timing import Pace
from core.train.loop import train
from core.train.trainer import Trainer
from tests.unit.small_runs import no_commands, pictures, run_spec


def simulate(pace: Pace, steps: int, step_seconds: float, costs: list[float]) -> list[int]:
    """A run that reports after the first step and then after every fourth; the steps at which it looked."""
    looks: list[int] = []
    for step in range(steps):
        if step == 0 or step % pace.interval == 0:
            pace.charge(costs[len(looks) % len(costs)])
            looks.append(step)
        if step % 4 == 0:
            pace.plan(step + 1, steps, step_seconds, (step + 1) * step_seconds)
    return looks


@given(
    steps=st.integers(100, 3000),
    step_seconds=st.floats(0.001, 1),
    relative_cost=st.floats(0.01, 20),
    budget=st.floats(0.01, 0.5),
)
def test_whole_run_stays_within_budget(steps: int, step_seconds: float, relative_cost: float, budget: float) -> None:
    cost = step_seconds * relative_cost
    pace = Pace(budget)
    simulate(pace, steps, step_seconds, [cost])
    one_plan_behind = 4 * cost  # looks until the next report, at most one a step
    assert pace.spent <= max(cost, budget * steps * step_seconds) + one_plan_behind
    if budget * steps * step_seconds > 10 * cost:
        assert pace.share(steps * step_seconds) <= budget


def test_slow_start_is_saved_up_for() -> None:
    """In the long run 4.9 % would do, but the first look has cost as much as twenty others."""
    pace = Pace(budget=0.05)
    simulate(pace, 2000, step_seconds=0.06, costs=[1.0] + [0.047] * 1999)
    assert pace.share(2000 * 0.06) <= 0.05


def test_interval_is_the_smallest_power_of_two_in_the_long_run() -> None:
    pace = Pace(budget=0.05)
    looks = simulate(pace, 20_000, step_seconds=0.06, costs=[0.03])
    assert pace.interval == 16  # 0.03 / (16 * 0.06) = 3 %; every 8 steps would be 6 %
    assert set(np.diff(looks[2:])) == {16}


def test_looks_of_two_runs_coincide() -> None:
    one = simulate(Pace(0.05), 4000, 0.06, [0.03, 0.05, 0.02])
    other = simulate(Pace(0.05), 4000, 0.06, [0.10])
    assert set(other) <= set(one) | {0}


def test_slow_first_look_is_no_measure_of_the_others() -> None:
    pace = Pace(budget=0.05)
    pace.charge(1.5)
    assert pace.cost == 0
    pace.charge(0.03)
    assert pace.cost == pytest.approx(0.03)


def test_look_that_was_asked_for_is_not_charged() -> None:
    pace = Pace(budget=0.05)
    pace.charge(0.1)
    pace.measure(5.0)
    assert pace.spent == pytest.approx(0.1)
    assert pace.share(trained_seconds=0.9) == pytest.approx(0.1)


def test_real_run_reports_its_share_and_interval() -> None:
    run = Trainer(run_spec("resnet", probes=True, epochs=20), pictures())
    watcher = run.watcher()
    assert watcher is not None
    events = list(train(run, watcher, no_commands))
    spent = sum(sum(event.payload["cost"].values()) for event in events if event.kind == "probe")
    last = [event for event in events if event.kind == "metrics"][-1].payload
    assert last["probe_interval"] & (last["probe_interval"] - 1) == 0
    # what is not part of any quantity, such as saving the buffers, is charged as well
    assert spent / (spent + last["seconds"]) <= last["probe_share"] < 2 * spent / last["seconds"]
