"""The budget of watching: an interval that keeps it, whatever a look and a step cost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.probes.timing import Cadence, Pace
from core.train.loop import train
from core.train.trainer import Trainer
from tests.unit.small_runs import no_commands, pictures, run_spec


def simulate(pace: Pace, steps: int, step_seconds: float, costs: list[float]) -> list[int]:
    """A run that reports after the first step and then after every fourth; the steps at which it looked."""
    looks: list[int] = []
    for step in range(steps):
        if pace.wants(step):
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
    assert set(np.diff([look for look in looks if look >= 16])) == {16}


def test_start_and_epoch_ends_are_looked_at_where_the_budget_allows_it() -> None:
    pace = Pace(0.05, steps_per_epoch=390)
    looks = simulate(pace, 30 * 390, step_seconds=0.06, costs=[0.06])
    assert set(looks) >= {0, 1, 2, 4, 8, 16} | {epoch * 390 - 1 for epoch in range(1, 31)}
    assert pace.share(30 * 390 * 0.06) <= 0.05


def test_short_run_is_still_looked_at_to_its_end() -> None:
    """Ten epochs of 39 steps, of which a look costs 1.7: not all can be had, and the last third is not left out."""
    pace = Pace(0.05, steps_per_epoch=39)
    looks = simulate(pace, 390, step_seconds=0.1, costs=[0.17])
    assert looks[:3] == [0, 1, 2]
    assert max(np.diff([*looks, 390])) < 390 / 2.5


@given(steps=st.integers(2, 5000), step=st.integers(1, 4000), cost=st.floats(0.01, 20), per_epoch=st.integers(1, 400))
def test_what_is_planned_is_what_is_wanted(steps: int, step: int, cost: float, per_epoch: int) -> None:
    """Counted one by one: no more looks than the budget has left, unless even the longest interval has none."""
    step = min(step, steps - 1)
    pace = Pace(0.05, steps_per_epoch=per_epoch, cost=cost)
    pace.plan(step, steps, 1.0, float(step))
    looks = sum(pace.wants(each) for each in range(step, steps))
    assert looks * cost <= 0.05 * steps + 1e-9


def test_nets_beside_each_other_are_looked_at_where_both_want_it_and_later_ones_at_the_same_steps() -> None:
    fine, coarse = Pace(0.05, interval=4), Pace(0.05, interval=16)
    cadence = Cadence(fine, coarse)
    looks = [step for step in range(40) if cadence.due(step)]
    assert looks == [0, 16, 32]
    cadence.paces = (fine,)
    assert [step for step in range(40) if cadence.due(step)] == looks  # one that comes later, up to there
    assert cadence.due(40)


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
