"""The recording of a long run that has ended is kept in its folder; it is always what its events say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.record import file
from core.record.events import Event
from core.record.recording import Recording
from core.spec import RunSpec, TrainSpec
from core.store import annotating, recordings
from core.store.identity import Identity
from core.store.store import Store
from core.vocabulary.states import Status

ME = Identity(1, 1.0)
EVENTS = 30


@pytest.fixture
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Runs are long from ten events on."""
    monkeypatch.setattr(recordings, "LONG", 10)
    anew()
    return Store(home)


def anew() -> None:
    """A server that has read nothing yet."""
    recordings._known.clear()


def metrics(step: int) -> Event:
    traces = {name: np.full(1, 1 / step, np.float32) for name in ("loss", "accuracy", "lr")}
    pace = {"seconds": 1.0, "seconds_left": 0.0, "images_per_second": 9.0, "epoch": 1.0}
    return Event("metrics", step, {"steps": np.array([step], np.int32), **traces, **pace})


def trained(store: Store, data: str = "sample", status: Status = "stopped") -> str:
    run_id = store.create_run(RunSpec(train=TrainSpec(data=data)), holder=ME)
    spec = store.known(run_id).spec.model_dump(mode="json")
    events = [Event("started", 0, {"steps_per_epoch": 9, "spec": spec}), *map(metrics, range(1, EVENTS))]
    store.append(run_id, events, ME, status=status, step=EVENTS - 1)
    return run_id


def known(store: Store, run_id: str) -> Recording:
    return recordings.recording(store, store.known(run_id))


def kept(store: Store, run_id: str) -> list[Path]:
    return sorted(store.folder(run_id).glob("recording-*"))


def read(monkeypatch: pytest.MonkeyPatch, store: Store, run_id: str) -> tuple[Recording, int]:
    """The recording as a new server has it, and how many events it read for that."""
    counted = 0
    events = Store.events

    def counting(self: Store, *words: Any) -> Any:
        nonlocal counted
        found = events(self, *words)
        counted += len(found)
        return found

    anew()
    with monkeypatch.context() as patch:
        patch.setattr(Store, "events", counting)
        return known(store, run_id), counted


def test_a_new_server_reads_it_instead_of_every_event(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where pictures lie, which a file that leaves this machine does not tell."""
    run_id = trained(store, "/somewhere/cifar")
    first = known(store, run_id)
    assert len(kept(store, run_id)) == 1
    again, count = read(monkeypatch, store, run_id)
    assert again == first
    assert count <= 2
    started = again.last("started")
    assert started
    assert started["spec"]["train"]["data"] == "/somewhere/cifar"


def test_what_happens_later_is_read_from_the_beginning(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = trained(store)
    known(store, run_id)
    store.update(run_id, {"stopped"}, status="running", pid=ME.pid, pid_created=ME.created)
    store.append(run_id, [Event("resumed", 20, {"step": 20}), metrics(21)], ME, status="stopped", step=21)
    again, count = read(monkeypatch, store, run_id)
    assert count >= EVENTS
    traces = again.last("metrics")
    assert traces
    assert list(traces["steps"]) == list(range(1, 22))
    assert read(monkeypatch, store, run_id) == (again, 1)


def test_its_name_is_that_of_the_run_now(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = trained(store)
    known(store, run_id)
    annotating.annotate(store, run_id, title="mine")
    assert read(monkeypatch, store, run_id)[0].head.title == "mine"


@pytest.mark.parametrize("spoilt", [b"", b"half", None])
def test_what_cannot_be_read_is_made_anew(store: Store, monkeypatch: pytest.MonkeyPatch, spoilt: bytes | None) -> None:
    """None: it is that of another run, which has more events."""
    run_id = trained(store)
    first = known(store, run_id)
    [path] = kept(store, run_id)
    if spoilt is None:
        file.write(path, Recording(first.head, first.seq + 1, first.events), here=True)
    else:
        path.write_bytes(spoilt)
    assert read(monkeypatch, store, run_id)[0] == first
    assert read(monkeypatch, store, run_id) == (first, 1)


def test_other_code_makes_it_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = trained(store)
    first = known(store, run_id)
    [path] = kept(store, run_id)
    path.rename(path.with_name("recording-0123456789ab.dlrec"))
    again, count = read(monkeypatch, store, run_id)
    assert (again, count >= EVENTS) == (first, True)


def test_nothing_is_kept_of_a_run_that_goes_on_or_where_nothing_can_be_written(store: Store) -> None:
    goes_on = trained(store, status="running")
    known(store, goes_on)
    assert not kept(store, goes_on)
    closed = trained(store)
    folder = store.folder(closed)
    moved = folder.rename(folder.with_name("away"))
    assert known(store, closed).seq == EVENTS
    moved.rename(folder)
    assert not kept(store, closed)
