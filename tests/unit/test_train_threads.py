"""Automatic numbers of threads: what is chosen on a simulated processor, what is read of a real one, and a run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import torch

from core.train.loop import train
from core.train.threads import Change, Processor, Threads, most_threads
from core.train.trainer import Trainer
from tests.unit.small_runs import no_commands, pictures, run_spec

# Seconds of a minibatch of 128 by busy neighbours and threads, on two cores (ResNet-20 in bf16, as measured).
SECONDS = {
    0: {1: 128 / 430, 2: 128 / 750},
    1: {1: 128 / 350, 2: 128 / 50},
    2: {1: 128 / 250, 2: 128 / 30},
}
Load = Callable[[float, int], tuple[float, float, float]]


class World:
    """A simulated processor: its load says, for a time and a number of threads, how many seconds a minibatch takes and
    how many cores the run and the others keep busy meanwhile."""

    def __init__(self, load: Load, cores: int = 2) -> None:
        self.load = load
        self.cores = cores
        self.now = self.own = self.others_busy = 0.0
        self.asked = (0.0, 0.0)

    def step(self, threads: int) -> float:
        seconds, ours, others = self.load(self.now, threads)
        self.now += seconds
        self.own += seconds * ours
        self.others_busy += seconds * others
        return seconds

    def others(self) -> float:
        (then, before), self.asked = self.asked, (self.now, self.others_busy)
        return (self.others_busy - before) / (self.now - then) if self.now > then else 0.0

    def ours(self) -> float:
        return self.own


def beside(neighbours: int) -> Load:
    """Two cores beside busy neighbours: every process in the way gets its fair share."""

    def load(now: float, threads: int) -> tuple[float, float, float]:
        share = min(1.0, 2 / (threads + neighbours))
        return (
            SECONDS[neighbours][threads],
            threads * share * (0.6 if share < 1 and threads > 1 else 1),
            neighbours * share,
        )

    return load


def go_on(world: World, threads: Threads, until: float) -> tuple[list[Change], int]:
    """Train up to a time; the changes, and the number of minibatches."""
    changes, steps = [], 0
    while world.now < until:
        change = threads.stepped(world.step(threads.number))
        steps += 1
        changes += [change] if change else []
    return changes, steps


def test_nothing_is_tried_while_nobody_is_in_the_way() -> None:
    world = World(beside(0))
    threads = Threads(2, 2, world)
    changes, _ = go_on(world, threads, 600)
    assert (threads.number, changes) == (2, [])


@pytest.mark.parametrize("neighbours", SECONDS)
@pytest.mark.parametrize("begins_with", [1, 2])
def test_the_first_minute_comes_near_the_best_fixed_number(neighbours: int, begins_with: int) -> None:
    world = World(beside(neighbours))
    _, steps = go_on(world, Threads(begins_with, 2, world), 60)
    assert steps >= 0.8 * 60 / min(SECONDS[neighbours].values())


def test_a_neighbour_comes_and_goes() -> None:
    world = World(lambda now, threads: beside(1 if 20 <= now < 60 else 0)(now, threads))
    threads = Threads(2, 2, world)
    changes, _ = go_on(world, threads, 60)
    assert [(change.before, change.threads) for change in changes] == [(2, 1)]
    assert "busy" in changes[0].why
    changes, _ = go_on(world, threads, 100)
    assert [(change.before, change.threads) for change in changes] == [(1, 2)]
    assert changes[0].why == "2 of 2 cores are free"


def test_what_others_take_is_said() -> None:
    world = World(lambda now, threads: (SECONDS[1][threads], 2 - 1.0, 1.0))
    threads = Threads(2, 2, world)
    changes, _ = go_on(world, threads, 10)
    assert changes == [Change(1, 2, "other programs keep 1.0 of 2 cores busy")]


def test_threads_that_wait_for_each_other_become_fewer() -> None:
    """A net so small that eight threads keep hardly more than one core busy; two are the fastest."""
    seconds = {8: 0.05, 4: 0.04, 2: 0.03, 1: 0.045}
    world = World(lambda now, threads: (seconds[threads], min(threads, 1.2), 0.0), cores=8)
    threads = Threads(8, 8, world)
    changes, _ = go_on(world, threads, 120)
    assert threads.number == 2
    assert [change.threads for change in changes[:2]] == [4, 2]
    assert changes[0].why == "8 threads kept only 1.2 cores busy"
    assert len(changes) < 20


def test_what_runs_beside_it_in_the_same_process_take_does_not_count_as_its_own() -> None:
    """Threads that wait for each other are seen to wait, although others have the processor between two minibatches."""
    seconds = {8: 0.05, 4: 0.04, 2: 0.03, 1: 0.045}
    world = World(lambda now, threads: (seconds[threads], min(threads, 1.2), 0.0), cores=8)
    threads = Threads(8, 8, world)
    while world.now < 120:
        threads.stepped(world.step(threads.number))
        world.own += 0.3
        threads.skip(0.3)
    assert threads.number == 2


def test_on_a_large_machine_of_which_little_may_be_used_others_are_not_in_the_way() -> None:
    world = World(lambda now, threads: (SECONDS[0][threads], threads, 20.0), cores=64)
    threads = Threads(2, 2, world)
    assert go_on(world, threads, 60)[0] == []


def test_a_trial_that_fails_is_not_repeated_at_once() -> None:
    world = World(lambda now, threads: (SECONDS[0][threads], 1.0, 0.0))  # it looks as if its threads were waiting
    threads = Threads(2, 2, world)
    changes, steps = go_on(world, threads, 600)
    assert threads.number == 2
    assert [change.threads for change in changes] == [1, 2] * (len(changes) // 2)
    assert len(changes) // 2 <= 7  # after 10, 20, 40 … s
    assert changes[1].why == "1 thread took 1.7 times as long a minibatch"
    assert steps >= 0.97 * 600 / SECONDS[0][2]


def test_others_are_counted_without_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings of the operating system ten seconds apart: what is ours, idle, or of low priority is not in the way."""
    readings = {
        0.0: (_core(user=1, idle=5), 1.0),
        10.0: (_core(user=8, idle=6, nice=2, iowait=1), 5.0),  # 7 s busy, of which 4 s are ours
    }
    now = 0.0
    monkeypatch.setattr(psutil, "cpu_times", lambda percpu: [readings[now][0]])
    monkeypatch.setattr(time, "process_time", lambda: readings[now][1])
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0}, raising=False)
    monkeypatch.setattr(os, "getpriority", lambda which, who: 0)
    processor = Processor()
    now = 10.0
    assert processor.others() == pytest.approx(0.3)
    monkeypatch.setattr(os, "getpriority", lambda which, who: 19)
    now = 0.0
    polite = Processor()
    now = 10.0
    assert polite.others() == pytest.approx(0.5)  # among those of low priority, low priority counts


def _core(**seconds: float) -> SimpleNamespace:
    return SimpleNamespace(**{name: seconds.get(name, 0.0) for name in ("user", "nice", "system", "idle", "iowait")})


def test_the_environment_bounds_what_auto_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what this process may use bounds the environment, which may be written for a whole machine."""
    monkeypatch.setattr("core.train.threads.cores", lambda: 4)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert most_threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    assert most_threads() == 4
    monkeypatch.setenv("OMP_NUM_THREADS", "zero")
    assert most_threads() >= 1


def test_a_fixed_number_is_used_and_never_changed() -> None:
    before = torch.get_num_threads()
    try:
        trainer = Trainer(run_spec(threads=2), pictures())
        assert torch.get_num_threads() == 2
        assert trainer.threads is None
        assert next(iter(train(trainer, None, no_commands))).payload["threads"] == 2
    finally:
        torch.set_num_threads(before)


def test_a_change_is_an_event_and_takes_effect_between_two_steps() -> None:
    """The real loop beside a neighbour that comes after the first step and leaves nothing free."""
    before = torch.get_num_threads()
    trainer = Trainer(run_spec(epochs=3), pictures())
    world = World(lambda now, threads: (3.0, 1.0, 1.0))
    trainer.threads = Threads(2, 2, world)
    torch.set_num_threads(2)
    used: list[int] = []
    step = trainer.train_step

    def watched_step() -> None:
        used.append(torch.get_num_threads())
        trainer.clock.seconds += world.step(used[-1])
        step()

    trainer.train_step = watched_step  # type: ignore[method-assign]
    try:
        events = list(train(trainer, None, no_commands))
    finally:
        torch.set_num_threads(before)
    first = next(event for event in events if event.kind == "threads")
    assert first.step == 1
    assert first.payload["threads"] == 1
    assert first.payload["before"] == 2
    assert used[:2] == [2, 1]
    losses = np.concatenate([event.payload["loss"] for event in events if event.kind == "metrics"])
    assert len(losses) == 12  # nothing lost or told twice around a change
