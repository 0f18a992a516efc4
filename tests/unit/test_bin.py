"""The bin: what is deleted is hidden at once, comes back whole, and is gone for good once the bin is emptied."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.record.events import Command, Event
from core.spec import RunSpec
from core.store import bin
from core.store.identity import Identity
from core.store.store import EngineError, LostRunError, Store

ME = Identity.me()
GONE = Identity(1, 1.0)


@pytest.fixture
def store(home: Path) -> Store:
    return Store(home)


def ended(store: Store) -> str:
    run_id = store.create_run(RunSpec(), holder=ME)
    store.append(run_id, [Event("evaluation", 1), Event("finished", 1)], ME, status="finished")
    (store.folder(run_id) / "checkpoint-1.safetensors").write_bytes(b"x" * 1000)
    return run_id


def test_what_is_deleted_is_hidden_and_comes_back_whole(store: Store) -> None:
    run_id, other = ended(store), ended(store)
    before = store.known(run_id)
    bin.delete(store, [run_id])
    assert [run.id for run in store.runs()] == [other]
    assert store.run(run_id) is None
    with pytest.raises(EngineError, match="lies in the bin"):
        store.known(run_id)
    assert [run.id for run in store.binned()] == [run_id]
    bin.put_back(store, [run_id])
    assert store.known(run_id) == before
    assert [event.kind for event in store.events(run_id)] == ["evaluation", "finished"]


def test_emptying_removes_it_for_good_and_nothing_else(store: Store) -> None:
    run_id, other = ended(store), ended(store)
    bin.delete(store, [run_id])
    assert bin.empty(store) == 1
    assert not store.folder(run_id).exists()
    assert store.events(run_id) == []
    assert store.binned() == []
    assert store.folder(other).exists()
    assert len(store.events(other)) == 2
    with pytest.raises(EngineError, match="There is no run"):
        store.known(run_id)
    with pytest.raises(EngineError, match="in the bin"):
        bin.put_back(store, [run_id])


def test_only_what_lay_long_enough_is_removed(store: Store) -> None:
    first, second = ended(store), ended(store)
    bin.delete(store, [first])
    [lying] = store.binned()
    bin.delete(store, [second])
    assert bin.empty(store, before=lying.deleted) == 1
    assert [run.id for run in store.binned()] == [second]


def test_what_is_trained_is_refused_and_the_others_stay(store: Store) -> None:
    done, trained = ended(store), store.create_run(RunSpec(), holder=ME)
    with pytest.raises(EngineError, match="starting: stop it, then delete it"):
        bin.delete(store, [done, trained])
    assert {run.id for run in store.runs()} == {done, trained}


def test_a_queued_run_leaves_the_queue_and_nobody_can_claim_it(store: Store) -> None:
    run_id = store.create_run(RunSpec())
    bin.delete(store, [run_id])
    assert store.queue() == []
    assert not store.claim(run_id, ME, "supervisor", only_in={"queued", "stopped"})
    assert not store.send(run_id, Command("stop"))
    bin.put_back(store, [run_id])
    assert store.known(run_id).status == "stopped"


def test_a_run_whose_process_is_gone_can_be_deleted(store: Store) -> None:
    run_id = store.create_run(RunSpec(), holder=GONE)
    store.append(run_id, [Event("metrics", 1)], GONE, status="running", step=1)
    bin.delete(store, [run_id])
    assert bin.empty(store) == 1
    with pytest.raises(LostRunError):
        store.append(run_id, [Event("metrics", 2)], GONE)


def test_a_kill_between_the_store_and_the_folder_leaves_work_for_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = ended(store)
    bin.delete(store, [run_id])

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("core.store.bin.shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            bin.empty(store)
    assert store.folder(run_id).exists()
    assert store.events(run_id) == []
    assert bin.empty(Store(store.home)) == 0  # of runs none is left, only the folder
    assert not store.folder(run_id).exists()
