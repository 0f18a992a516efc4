"""What a run says it waits for, from what the store knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.record.events import Event
from core.spec import NetSpec, RunSpec, preset
from core.store.identity import Identity
from core.store.store import Store
from core.web.train.waiting import waits

ONE, OTHER = Identity(1, 1.0), Identity(2, 1.0)  # processes


def running(
    store: Store, name: str, step: int, seconds_left: float | None, holder: Identity = ONE, race: str | None = None
) -> str:
    run_id = store.create_run(RunSpec(net=preset(name)), holder=holder, race=race)
    told = [] if seconds_left is None else [Event("metrics", step, {"seconds_left": seconds_left})]
    store.append(run_id, told, holder, status="running", step=step, total_steps=390, started=1.0)
    return run_id


def said(store: Store, run_id: str) -> str:
    return waits(store, store.known(run_id))


@pytest.fixture
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.delenv("DEPTHLAB_SLOTS", raising=False)
    return Store(home)


def queued(store: Store, *names: str) -> list[str]:
    return store.create_race([RunSpec(net=preset(name)) for name in names])


def test_the_next_one_knows_how_long(store: Store) -> None:
    holder = running(store, "plain20", 120, 200.0)
    first, second = queued(store, "resnet20")[0], queued(store, "plain20")[0]
    assert said(store, first) == "Waits for plain-20 (step 120 of 390) to end, in about 3 min 20 s."
    assert said(store, second) == "Waits for plain-20 · #1 (step 120 of 390) to end, and for 1 run before it."
    assert said(store, holder) == ""
    store.append(holder, [], ONE, status="paused")  # it gives its place away
    assert said(store, first) == ""
    assert said(store, second) == "Waits for 1 run before it."


def test_no_time_is_said_that_nobody_measured(store: Store) -> None:
    running(store, "plain20", 0, None)
    assert said(store, queued(store, "resnet20")[0]) == "Waits for plain-20 (step 0 of 390) to end."


def test_runs_beside_each_other_hold_one_place_and_wait_as_one(store: Store) -> None:
    first = running(store, "plain20", 121, 80.0)
    running(store, "resnet20", 120, 90.0, race=first)
    for run_id in queued(store, "plain56", "resnet56"):
        assert said(store, run_id) == "Waits for plain-20 and ResNet-20 (step 120 of 390) to end, in about 1 min 30 s."
    twin = store.create_run(RunSpec(net=NetSpec(norm="none")), race=first)  # the race takes it up by itself
    assert said(store, twin) == ""


def test_of_two_places_the_first_that_is_free(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPTHLAB_SLOTS", "2")
    running(store, "plain20", 120, 200.0)
    (third,) = queued(store, "resnet56")
    assert said(store, third) == ""
    running(store, "resnet20", 7, 50.0, holder=OTHER)
    words = "Waits for plain-20 (step 120 of 390) or ResNet-20 (step 7 of 390) to end, in about 50 s."
    assert said(store, third) == words


def test_what_the_command_line_trains_holds_no_place(store: Store) -> None:
    run_id = store.create_run(RunSpec(), owner="cli", holder=ONE)
    store.append(run_id, [], ONE, status="running")
    assert said(store, queued(store, "resnet20")[0]) == ""


def test_one_that_is_ahead_says_for_whom_it_waits(store: Store) -> None:
    first = running(store, "resnet20", 500, 10.0)
    twin = store.create_run(RunSpec(net=NetSpec(norm="none")), holder=ONE, race=first)
    store.append(twin, [], ONE, status="running", step=120)
    store.append(first, [], ONE, waits_for=twin)
    assert said(store, first) == "Waits for ResNet-20 no BN, which is at step 120."
    assert said(store, twin) == ""
    store.append(twin, [], ONE, status="failed")
    assert said(store, first) == ""
