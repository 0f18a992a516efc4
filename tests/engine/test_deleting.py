"""Runs are deleted while others train, and a bin is emptied by a process that is killed at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from core.engine import client
from core.record.events import Event
from core.spec import RunSpec
from core.store import bin
from core.store.home import ROOT
from core.store.identity import Identity
from core.store.store import Store
from tests.engine.engines import Engine, tiny

ME = Identity(1, 1.0)
EVENTS, FILES = 40, 12
EMPTY = "from core.store import bin; from core.store.store import store; print(flush=True); bin.empty(store())"


def ended(store: Store) -> str:
    run_id = store.create_run(RunSpec(), holder=ME)
    store.append(run_id, [Event("metrics", step) for step in range(EVENTS)], ME, status="finished")
    for number in range(FILES):
        (store.folder(run_id) / f"checkpoint-{number}.safetensors").write_bytes(bytes(1000))
    return run_id


def test_whoever_is_killed_while_emptying_leaves_a_run_whole_or_gone(home: Path) -> None:
    store, chance = Store(home), random.Random(0)
    kept, lying = ended(store), [ended(store) for _ in range(150)]
    bin.delete(store, lying)
    kills = 0
    while store.binned():
        with subprocess.Popen(
            [sys.executable, "-c", EMPTY],
            cwd=ROOT,
            env=os.environ | {"DEPTHLAB_HOME": str(home)},
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()  # it begins
            time.sleep(chance.uniform(0.0, 0.015))
            process.kill()
        kills += process.returncode == -signal.SIGKILL
        whole = {run.id for run in store.binned()}
        for run_id in lying:
            files = len(list(store.folder(run_id).glob("checkpoint-*"))) if run_id in whole else FILES
            assert (len(store.events(run_id)), files) == (EVENTS if run_id in whole else 0, FILES)
    assert kills > 1
    bin.empty(store)
    assert [folder.name for folder in (home / "runs").iterdir()] == [kept]
    assert len(store.events(kept)) == EVENTS


def test_a_run_of_a_race_is_deleted_while_the_other_goes_on(engine: Engine) -> None:
    first, second = client.submit_race([tiny(epochs=1000), tiny(epochs=1000, width=8)])
    engine.until_step(first, 5)
    client.command(first, "stop")
    engine.until_status(first, "stopped")
    bin.delete(engine.store, [first])
    assert bin.empty(engine.store) == 1
    at = engine.run(second).step
    engine.until_step(second, at + 20)
    assert engine.run(second).status == "running"
    client.command(second, "stop")
    engine.until_status(second, "stopped")


def test_the_supervisor_empties_what_lay_for_a_day(home: Path) -> None:
    store = Store(home)
    old, young = ended(store), ended(store)
    bin.delete(store, [old, young])
    with store.database.writing() as database:
        database.execute("UPDATE runs SET deleted = deleted - ? WHERE id = ?", (bin.KEPT + 1, old))
    engine = Engine(home)
    engine.start_supervisor()
    try:
        engine.until(lambda: not store.folder(old).exists(), "the old one is removed")
        assert [run.id for run in store.binned()] == [young]
        assert store.folder(young).exists()
    finally:
        engine.close()
