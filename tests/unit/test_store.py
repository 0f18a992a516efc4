"""The store: what is written is what every reader sees, once, in order, from any number of processes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.record.events import Command, Event
from core.spec import NetSpec, RunSpec
from core.store.database import VERSION, EngineError
from core.store.home import ROOT
from core.store.identity import Identity, is_locked, lock
from core.store.store import LostRunError, Store, StoreError

ME = Identity(1, 1.0)


@pytest.fixture
def store(home: Path) -> Store:
    return Store(home)


def started(store: Store) -> str:
    return store.create_run(RunSpec(), holder=ME)


# A history is what happens to two runs in turn: append so many events to one of them, or read a page of so many.
HISTORIES = st.lists(st.tuples(st.sampled_from(["append", "read"]), st.integers(0, 1), st.integers(0, 7)), max_size=30)


@settings(max_examples=60)
@given(history=HISTORIES)
def test_a_cursor_misses_nothing_and_repeats_nothing(history: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        runs = [started(store), started(store)]
        written: list[list[int]] = [[], []]
        read: list[list[int]] = [[], []]
        cursors = [0, 0]
        for what, index, count in [*history, ("read", 0, 1000), ("read", 1, 1000)]:
            if what == "append":
                steps = list(range(len(written[index]), len(written[index]) + count))
                store.append(runs[index], [Event("metrics", step) for step in steps], ME)
                written[index] += steps
            else:
                page = store.events(runs[index], after=cursors[index], limit=count)
                assert len(page) == min(count, len(written[index]) - len(read[index]))
                assert [event.seq for event in page] == [cursors[index] + i for i in range(1, len(page) + 1)]
                read[index] += [event.step for event in page]
                cursors[index] += len(page)
        assert read == written
        store.close()


def test_concurrent_writers_get_numbers_of_their_own(store: Store) -> None:
    run_id = started(store)

    def write(writer: int) -> list[int]:
        added = (store.append(run_id, [Event("metrics", writer), Event("probe", writer)], ME) for _ in range(25))
        return [event.seq for events in added for event in events]

    with ThreadPoolExecutor(8) as pool:
        seqs = list(pool.map(write, range(8)))
    assert sorted(seq for own in seqs for seq in own) == list(range(1, 401))
    assert [event.seq for event in store.events(run_id)] == list(range(1, 401))
    assert all(pair[0] + 1 == pair[1] for own in seqs for pair in zip(own[::2], own[1::2], strict=True))


def test_processes_open_a_new_store_at_the_same_time(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from core.store.store import Store; from core.spec import RunSpec\n"
        "store = Store(Path(sys.argv[1]))\n"
        "for _ in range(20): print(store.create_run(RunSpec()))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(5)
    ]
    made = [line for process in processes for line in process.communicate()[0].split()]
    assert [process.returncode for process in processes] == [0] * 5
    assert len(made) == 100
    assert {run.id for run in Store(home).runs()} == set(made)


def test_events_come_back_as_they_were(store: Store) -> None:
    payload = {
        "loss": np.array([1.5, np.nan], np.float32),
        "steps": np.array([3, 4]),
        "what": "×",
        "nested": {"a": [1]},
    }
    run_id = started(store)
    [added] = store.append(run_id, [Event("metrics", 4, payload)], ME, status="running", step=4)
    [event] = store.events(run_id)
    assert event == added
    assert (event.seq, event.step, event.kind) == (1, 4, "metrics")
    np.testing.assert_array_equal(event.payload["loss"], payload["loss"])
    np.testing.assert_array_equal(event.payload["steps"], payload["steps"])
    assert event.payload["nested"] == {"a": [1]}
    run = store.known(run_id)
    assert (run.status, run.step, run.heartbeat) == ("running", 4, event.time)


def test_latest_looks_backwards(store: Store) -> None:
    run_id = started(store)
    store.append(run_id, [Event(kind, step) for step, kind in enumerate(["probe", "metrics", "probe", "metrics"])], ME)
    assert [event.step for event in store.latest(run_id, "probe", 5)] == [2, 0]
    assert [event.step for event in store.latest(run_id, "metrics")] == [3]
    assert store.latest(run_id, "finished") == []


def test_a_run_is_kept_whole(store: Store) -> None:
    spec = RunSpec(net=NetSpec(depth=56, norm="none"))
    run_id = store.create_run(spec, twin_of="other", parent="parent", fork_step=7)
    run = store.known(run_id)
    assert (run.spec, run.name, run.status, run.holder) == (spec, "ResNet-56 no BN", "queued", None)
    assert (run.twin_of, run.parent, run.fork_step) == ("other", "parent", 7)
    assert RunSpec.from_json((store.folder(run_id) / "spec.json").read_text()) == spec


def test_a_run_is_claimed_once(store: Store) -> None:
    run_id = store.create_run(RunSpec())
    with ThreadPoolExecutor(8) as pool:
        claims = list(
            pool.map(lambda pid: store.claim(run_id, Identity(pid, 1.0), "supervisor", only_in={"queued"}), range(8))
        )
    assert claims.count(True) == 1
    holder = store.known(run_id).holder
    assert holder is not None
    assert holder.pid == claims.index(True)


def test_who_lost_a_run_cannot_write_to_it(store: Store) -> None:
    """A worker taken for dead wakes up: it must not add to what its successor reports."""
    run_id = started(store)
    store.append(run_id, [Event("started", 0)], ME)
    store.update(run_id, {"starting"}, status="queued")
    store.claim(run_id, Identity(2, 2.0), "supervisor", only_in={"queued"})
    with pytest.raises(LostRunError):
        store.append(run_id, [Event("metrics", 1)], ME, status="finished")
    assert [event.kind for event in store.events(run_id)] == ["started"]
    assert store.known(run_id).status == "starting"


def test_append_is_all_or_nothing(store: Store) -> None:
    run_id = started(store)
    with pytest.raises(TypeError):
        store.append(run_id, [Event("metrics", 1), Event("metrics", 2, {"what": object()})], ME, status="running")
    assert store.events(run_id) == []
    assert store.known(run_id).status == "starting"
    store.append(run_id, [Event("metrics", 1)], ME)  # nobody is locked out


def test_commands_are_taken_once_in_order(store: Store) -> None:
    run_id = started(store)
    assert store.take_commands(run_id) == []
    commands = [Command("lr", 0.1), Command("pause"), Command("lr", 0.2)]
    assert all(store.send(run_id, command) for command in commands)
    asked = store.last_command(run_id, "lr")
    assert asked is not None
    assert (asked.command.value, asked.taken) == (0.2, None)
    assert store.take_commands(run_id) == commands
    assert store.take_commands(run_id) == []
    asked = store.last_command(run_id, "lr")
    assert asked is not None
    assert asked.taken is not None


def test_an_ended_run_takes_no_commands(store: Store) -> None:
    run_id = started(store)
    store.send(run_id, Command("stop"))
    store.append(run_id, [Event("finished", 1)], ME, status="finished")
    assert store.take_commands(run_id) == []  # what came too late must not stop it when it goes on
    assert not store.send(run_id, Command("pause"))
    assert not store.send("nobody", Command("pause"))


def test_watch_sees_other_writers_only_when_they_write(store: Store, home: Path) -> None:
    changes = store.changes()
    assert not changes.any()
    Store(home).create_run(RunSpec())
    assert changes.any()
    assert not changes.any()


def test_meta_is_replaced(store: Store) -> None:
    assert store.meta("devices") is None
    store.set_meta("devices", [{"id": "cpu"}])
    store.set_meta("devices", [{"id": "cuda:0"}])
    assert store.meta("devices") == [{"id": "cuda:0"}]


def test_unknown_run_is_one_sentence(store: Store) -> None:
    assert store.run("none") is None
    with pytest.raises(EngineError, match='There is no run "none"'):
        store.known("none")


def refused(home: Path, sentence: str) -> None:
    """Whether it is to be read or written."""
    for use in (Store.runs, Store.prepare, lambda store: store.create_run(RunSpec())):
        with pytest.raises(StoreError, match=sentence):
            use(Store(home))


def test_reading_makes_nothing(home: Path) -> None:
    store = Store(home)
    assert (store.runs(), store.queue(), store.run("a"), store.meta("devices")) == ([], [], None, None)
    assert not home.exists()
    run_id = Store(home).create_run(RunSpec())  # another process begins to keep runs
    assert [run.id for run in store.runs()] == [run_id]


def test_newer_store_is_refused(home: Path) -> None:
    Store(home).create_run(RunSpec())
    database = sqlite3.connect(home / "lab.db")
    database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    refused(home, "newer Depth Lab")


def test_store_of_something_else_is_refused(home: Path) -> None:
    home.mkdir()
    (home / "lab.db").write_text("a diary, and not a short one " * 100)
    refused(home, "not a Depth Lab store")
    assert (home / "lab.db").read_text().startswith("a diary")


def test_database_of_something_else_stays_as_it_is(home: Path) -> None:
    home.mkdir()
    database = sqlite3.connect(home / "lab.db")
    database.execute("CREATE TABLE mice (name)")
    database.close()
    before = (home / "lab.db").read_bytes()
    refused(home, "not a Depth Lab store")
    assert (home / "lab.db").read_bytes() == before


def test_home_that_cannot_be_written_is_refused(home: Path) -> None:
    home.write_text("a file where the folder should be")
    assert Store(home).runs() == []
    with pytest.raises(StoreError, match="make it writable or set DEPTHLAB_HOME"):
        Store(home).create_run(RunSpec())


def test_lock_has_one_holder_and_can_be_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_locked(path)
    held = lock(path)
    assert held is not None
    assert is_locked(path)
    assert lock(path) is None
    held.close()
    assert not is_locked(path)


def test_identity_is_pid_and_creation_time() -> None:
    me = Identity.me()
    assert me.alive
    assert not Identity(me.pid, me.created - 60).alive  # another process had this pid before
    child = subprocess.Popen([sys.executable, "-c", ""])
    identity = Identity.of(child.pid)
    child.wait()
    assert not identity.alive


def test_zombie_is_not_alive() -> None:
    with subprocess.Popen([sys.executable, "-c", "print()"], stdout=subprocess.PIPE) as child:
        identity = Identity.of(child.pid)
        assert child.stdout is not None
        child.stdout.read()  # until it has closed its end
        while psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE:
            pass
        assert not identity.alive
