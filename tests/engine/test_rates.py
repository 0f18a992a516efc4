"""A learning rate set by hand outlives the death of its worker, also one before it is in a checkpoint."""

from __future__ import annotations

import resource
import sqlite3
from contextlib import closing

import pytest

from core.engine import client
from core.record.events import StoredEvent
from core.store.records import Run
from tests.engine.engines import Engine, curve, kill, tiny

NEVER = "SELECT COUNT(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)"
HOLD = f"CREATE TRIGGER hold BEFORE INSERT ON events WHEN NEW.kind = 'control' BEGIN {NEVER}; END"


def paused(engine: Engine, width: int = 4) -> Run:
    """Behind a few steps of rate 0.05, which are in a checkpoint."""
    spec = tiny(epochs=1000, watched=False, width=width)
    run_id = client.submit(spec.but(train=spec.train.but(schedule="constant", lr=0.05)))
    engine.until_step(run_id, 1)
    client.command(run_id, "pause")
    engine.until(lambda: engine.events(run_id, "checkpoint"), "its step is kept")
    return engine.until_status(run_id, "paused")


def told(engine: Engine, run: Run) -> list[StoredEvent]:
    """What was said of rates."""
    return [event for event in engine.events(run.id, "control") if event.payload["command"] == "lr"]


def rate_is_taken(engine: Engine, run: Run) -> bool:
    command = engine.store.last_command(run.id, "lr")
    return command is not None and command.taken is not None


def change(database: sqlite3.Connection, statement: str) -> None:
    with database:
        database.execute(statement)


def test_worker_killed_between_taking_a_rate_and_setting_it(engine: Engine) -> None:
    """The store never ends to keep what it says, so that there it is killed."""
    run = paused(engine)
    with closing(sqlite3.connect(engine.home / "lab.db", timeout=60)) as database:
        change(database, HOLD)
        client.command(run.id, "lr", 0.01)
        engine.until(lambda: rate_is_taken(engine, run), "it takes the rate")
        kill(run)
        change(database, "DROP TRIGGER hold")
    engine.until(lambda: told(engine, run), "the rate is set")
    engine.until_status(run.id, "paused")
    client.command(run.id, "resume")
    engine.until_step(run.id, run.step + 5)
    assert {(event.step, event.payload["applied"]) for event in told(engine, run)} == {(run.step, 0.01)}
    rates = curve(engine.events(run.id), "lr")
    assert [rates[run.step + after] for after in range(4)] == pytest.approx([0.05, 0.01, 0.01, 0.01])


def test_rate_that_is_in_no_checkpoint_is_set_again_behind_the_same_step(engine: Engine) -> None:
    """The checkpoint that was to hold it could not be written; what is trained again is as it was."""
    run = paused(engine, width=32)
    client.command(run.id, "step")
    engine.until_step(run.id, run.step + 1)
    [kept] = engine.store.folder(run.id).glob("*.safetensors")
    limit = kept.stat().st_size // 2
    assert run.pid
    resource.prlimit(run.pid, resource.RLIMIT_FSIZE, (limit, limit))
    client.command(run.id, "lr", 0.01)
    engine.until_status(run.id, "failed")
    assert [event.step for event in told(engine, run)] == [run.step + 1]
    client.resume(run.id)
    engine.until_step(run.id, run.step + 2)
    kill(engine.run(run.id))  # now its checkpoint holds it
    engine.until(lambda: len(engine.events(run.id, "resumed")) == 2, "it goes on once more")
    engine.until_step(run.id, run.step + 5)
    assert [event.step for event in engine.events(run.id, "resumed")] == [run.step, run.step + 1]
    assert [event.step for event in told(engine, run)] == [run.step + 1, run.step, run.step + 1]
    promise = told(engine, run)[1].payload
    assert (promise["requested"], promise["applied"], promise["first"]) == (0.01, 0.01, run.step + 2)
    rates = curve(engine.events(run.id), "lr")
    assert [rates[run.step + after] for after in range(5)] == pytest.approx([0.05, 0.05, 0.01, 0.01, 0.01])
