"""Checkpoints that somebody pinned stay, whatever comes; what is let go is gone where nothing else keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.record.events import Event
from core.spec import ProbeSpec, RunSpec
from core.spec.film import frames
from core.store import kept
from core.store.home import checkpoints, step_of
from core.store.identity import Identity
from core.store.room import room
from core.store.store import EngineError, Store

ME = Identity(1, 1.0)
SIZE = 1000  # bytes


def run_with(store: Store, *steps: int, film: int = 0) -> str:
    """A run of 100 steps that has ended, with these checkpoints; that of step 20 is its best."""
    run_id = store.create_run(RunSpec(probes=ProbeSpec(film=film)), holder=ME)
    for step in steps:
        (store.folder(run_id) / f"checkpoint-{step}.safetensors").write_bytes(bytes(SIZE))
    tests = [Event("evaluation", step, {"test_accuracy": 0.9 if step == 20 else 0.5}) for step in steps]
    store.append(run_id, tests, ME, status="finished", step=100, total_steps=100)
    return run_id


def there(store: Store, run_id: str) -> list[int]:
    return [step_of(path) for path in checkpoints(store.folder(run_id))]


def test_why_each_is_kept(home: Path) -> None:
    store = Store(home)
    run_id = run_with(store, 0, 10, 20, 30, 90, 100, film=3)  # of steps 0, 1 and 100
    kept.pin(store, run_id, 30)
    why = {each.step: set(each.why) for each in kept.listed(store, store.known(run_id))}
    newest = {"newest"}
    assert why == {0: {"film"}, 10: set(), 20: {"best"}, 30: {"pinned"}, 90: newest, 100: newest | {"film"}}


def test_what_is_pinned_stays_until_it_is_let_go(home: Path) -> None:
    store = Store(home)
    run_id = run_with(store, 10, 20, 30, 40, 50, 60)
    kept.pin(store, run_id, 40)
    kept.pin(store, run_id, 40)
    kept.pin(store, run_id, 60)
    run = store.known(run_id)
    kept.thin(store, run, 100, kept.accuracy_of(store, run_id), ())
    assert there(store, run_id) == [20, 40, 50, 60]
    kept.unpin(store, run_id, 60)
    assert there(store, run_id) == [20, 40, 50, 60]  # it is the newest
    kept.unpin(store, run_id, 40)
    assert there(store, run_id) == [20, 50, 60]


def test_what_cannot_be_pinned_or_let_go_is_one_sentence(home: Path) -> None:
    store = Store(home)
    run_id = run_with(store, 10, 20)
    with pytest.raises(EngineError, match="has no checkpoint of step 15: choose one of 10, 20"):
        kept.pin(store, run_id, 15)
    with pytest.raises(EngineError, match=r"Step 10 of .* is not pinned: there is nothing to do"):
        kept.unpin(store, run_id, 10)
    kept.pin(store, run_id, 20)
    with pytest.raises(EngineError, match=r"Step 10 of .* is not pinned: choose 20"):
        kept.unpin(store, run_id, 10)
    with pytest.raises(EngineError, match="There is no run"):
        kept.pin(store, "nobody", 1)


def test_a_film_is_cut_and_what_else_is_kept_stays(home: Path) -> None:
    store = Store(home)
    film = sorted(frames(100, 10))
    run_id = run_with(store, *film, 20, film=10)
    kept.pin(store, run_id, film[2])
    run = store.known(run_id)
    spare = [each for each in kept.listed(store, run) if each.spare]
    assert room(store).spare == SIZE * len(spare) == SIZE * (len(film) - 2)  # but for the newest two
    freed = kept.cut(store, run_id)
    assert there(store, run_id) == sorted([film[2], 20, *film[-2:]])
    assert freed == SIZE * (len(film) - 3)
    assert room(store).spare == SIZE  # the pinned one


def test_the_film_of_a_run_that_goes_on_is_not_cut(home: Path) -> None:
    store = Store(home)
    run_id = run_with(store, 0, 10, film=3)
    store.update(run_id, {"finished"}, status="running")
    with pytest.raises(EngineError, match="still adds to its film: stop it first"):
        kept.cut(store, run_id)
