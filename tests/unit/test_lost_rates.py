"""Which learning rates, set by hand, a run does not know that goes on from an older checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.engine import rates
from core.record.events import Command, Event
from core.store.identity import Identity
from core.store.store import Store
from core.train.rate import Asked
from core.train.trainer import Trainer
from tests.unit.small_runs import run_spec, trainer

pytestmark = pytest.mark.slow


@pytest.fixture
def store(home: Path) -> Store:
    return Store(home)


@pytest.fixture
def run(store: Store) -> str:
    return store.create_run(run_spec(), holder=Identity.me())


def at(step: int, asked: Asked | None = None) -> Trainer:
    """As after it was restored from a checkpoint of that step."""
    found = trainer()
    found.step, found.asked = step, asked
    return found


def asked(store: Store, run: str, rate: float, told_at: int | None = None) -> None:
    """A command that the process took; and, unless it was killed before, what it said at that step."""
    store.send(run, Command("lr", rate))
    store.take_commands(run)
    if told_at is not None:
        told(store, run, rate, told_at)


def told(store: Store, run: str, rate: float, step: int) -> None:
    payload = {"command": "lr", "requested": rate, "applied": rate, "first": step + 1, "until": 8, "end": rate}
    store.append(run, [Event("control", step, payload)], Identity.me())


def test_nothing_was_set(store: Store, run: str) -> None:
    store.append(
        run, [Event("control", 3, {"command": "pause", "requested": None, "applied": "paused"})], Identity.me()
    )
    assert rates.lost(store, run, at(0)) == []


def test_what_the_checkpoint_knows_is_not_lost(store: Store, run: str) -> None:
    asked(store, run, 0.01, told_at=3)
    assert rates.lost(store, run, at(3, Asked(0.01, 3))) == []
    assert rates.lost(store, run, at(5, Asked(0.01, 3))) == []


def test_each_is_set_again_behind_its_step(store: Store, run: str) -> None:
    asked(store, run, 0.01, told_at=3)
    asked(store, run, 0.02, told_at=5)
    assert rates.lost(store, run, at(2)) == [Asked(0.01, 3), Asked(0.02, 5)]
    assert rates.lost(store, run, at(3)) == [Asked(0.01, 3), Asked(0.02, 5)]
    assert rates.lost(store, run, at(3, Asked(0.01, 3))) == [Asked(0.02, 5)]


def test_a_later_wish_for_an_earlier_step_counts(store: Store, run: str) -> None:
    """Set at step 5, killed, gone on from step 2, set to something else at step 4, killed."""
    asked(store, run, 0.01, told_at=5)
    told(store, run, 0.01, 5)  # the promise
    asked(store, run, 0.02, told_at=4)
    assert rates.lost(store, run, at(2)) == [Asked(0.02, 4)]


def test_taken_and_not_yet_told_is_set_at_once(store: Store, run: str) -> None:
    asked(store, run, 0.01)
    assert rates.lost(store, run, at(2)) == [Asked(0.01, 2)]
    told(store, run, 0.01, 2)
    asked(store, run, 0.01)  # once more, for the schedule had made less of it
    assert rates.lost(store, run, at(4, Asked(0.01, 2))) == [Asked(0.01, 4)]


def test_what_nobody_took_is_not_lost(store: Store, run: str) -> None:
    """The run takes it, as any other."""
    store.send(run, Command("lr", 0.01))
    assert rates.lost(store, run, at(2)) == []


def test_what_was_refused_is_not_set(store: Store, run: str) -> None:
    asked(store, run, 0.01)
    refusal = {"command": "lr", "requested": 0.01, "applied": 0.1, "message": "No."}
    store.append(run, [Event("control", 3, refusal)], Identity.me())
    assert rates.lost(store, run, at(2)) == []
