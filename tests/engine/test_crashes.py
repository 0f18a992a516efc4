"""Kill -9 of each process in turn, a full disk, a broken checkpoint: the run goes on, or says why not."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import torch

from core.engine import client
from core.spec import RunSpec
from core.spec.film import frames
from core.store import kept
from core.store.home import ROOT
from core.store.identity import Identity
from core.store.store import Run
from core.train import checkpoint
from tests.engine.engines import Engine, curve, kill, tiny


def test_killed_worker_costs_nothing_but_time(engine: Engine) -> None:
    spec = tiny(epochs=2)
    undisturbed = client.submit(spec)
    engine.until_status(undisturbed, "finished")
    run_id = client.submit(spec)
    kill(engine.until_step(run_id, 52))
    engine.until_status(run_id, "finished")
    assert [event.step for event in engine.events(run_id, "resumed")] == [50]
    assert curve(engine.events(run_id)) == curve(engine.events(undisturbed))
    assert_same_state(final_state(engine, run_id), final_state(engine, undisturbed))


def test_film_and_pins_outlive_kills(engine: Engine) -> None:
    """Whatever the process is killed for: the film has all of its frames, and what was pinned is what it was."""
    spec = tiny(epochs=4).but(probes={"enabled": False, "film": 12})
    run_id = client.submit(spec)
    engine.until_step(run_id, 52)
    kept.pin(engine.store, run_id, 50)
    pinned = engine.store.folder(run_id) / "checkpoint-50.safetensors"
    content = pinned.read_bytes()
    kill(engine.until_step(run_id, 60))
    kill(engine.until_step(run_id, 130))
    run = engine.until_status(run_id, "finished")
    there = kept.listed(engine.store, run)
    film = set(frames(200, 12))
    assert {each.step for each in there if "film" in each.why} == film
    assert {each.step for each in there if each.why == {"pinned"}} == {50}
    assert pinned.read_bytes() == content
    best = {each.step for each in there if "best" in each.why}
    assert {each.step for each in there} == film | {50, 150, 200} | best


def test_killed_before_the_first_checkpoint_starts_again(engine: Engine) -> None:
    run_id = client.submit(tiny(epochs=1))
    kill(engine.until_step(run_id, 1))
    engine.until_status(run_id, "finished")
    assert [event.step for event in engine.events(run_id, "resumed")] == [0]
    assert list(curve(engine.events(run_id))) == list(range(1, 51))


def test_paused_run_comes_back_paused(engine: Engine) -> None:
    run_id = client.submit(tiny(epochs=1000))
    paused = pause(engine, run_id)
    kill(paused)
    again = engine.until(
        lambda: engine.run(run_id) if len(engine.events(run_id, "control")) == 2 else None, "it is paused again"
    )
    assert (again.status, again.step) == ("paused", paused.step)
    assert again.pid != paused.pid


def killed_while_it_trains(engine: Engine, run_id: str, how: signal.Signals, times: int) -> None:
    """Each time as soon as it trains again: without a new checkpoint in between."""
    pids: set[int | None] = set()

    def trains() -> Run | None:
        run = engine.run(run_id)
        return run if run.status in ("running", "failed") and run.pid not in pids else None

    for _ in range(times):
        run = engine.until(trains, f"a worker trains it, after {len(pids)}")
        assert run.status == "running", run.message
        pids.add(run.pid)
        kill(run, how)


def endless_epoch() -> RunSpec:
    """Of so many steps that it does not end here, and no checkpoint comes."""
    spec = tiny(epochs=1000)
    return spec.but(train=spec.train.but(batch_size=1))


def test_run_that_keeps_crashing_is_given_up(engine: Engine) -> None:
    run_id = client.submit(endless_epoch())
    killed_while_it_trains(engine, run_id, signal.SIGSEGV, 3)
    failed = engine.until_status(run_id, "failed")
    assert "died 3 times" in failed.message
    assert "resumed" in failed.message
    client.resume(run_id)
    engine.until_step(run_id, 1)


@pytest.mark.long
def test_run_that_others_keep_killing_goes_on(engine: Engine) -> None:
    run_id = client.submit(endless_epoch())
    killed_while_it_trains(engine, run_id, signal.SIGKILL, 4)
    run = engine.until(lambda: engine.run(run_id) if engine.run(run_id).status != "queued" else None, "it goes on")
    assert (run.active, run.message) == (True, "")


def test_killed_supervisor_is_replaced_and_its_run_goes_on(engine: Engine) -> None:
    run_id = client.submit(tiny(epochs=1000))
    worker = engine.until_status(run_id, "running")
    [old] = supervisors(engine)
    os.kill(old, signal.SIGKILL)
    engine.until(lambda: not engine.supervised(), "the lock is free")
    engine.until_step(run_id, engine.run(run_id).step + 5)  # nobody supervises, and it trains
    client.ensure_supervisor()
    engine.until(engine.supervised, "another supervises")
    queued = client.submit(tiny())
    engine.until_step(run_id, engine.run(run_id).step + 5)
    assert engine.run(run_id).pid == worker.pid
    assert engine.run(queued).status == "queued"  # the new one knows that the slot is taken
    kill(engine.run(run_id))
    recovered = engine.until(
        lambda: engine.run(run_id) if engine.run(run_id).pid != worker.pid else None, "the new one recovers it"
    )
    assert recovered.active
    client.command(run_id, "stop")
    assert engine.until_status(queued, "finished", "failed").status == "finished"


def test_supervisor_stops_alone(engine: Engine) -> None:
    run_id = client.submit(tiny(epochs=1000))
    worker = engine.until_status(run_id, "running")
    engine.until(lambda: client.status().warm, "there is a spare")
    spare = Identity(**engine.store.meta("spare"))
    os.kill(supervisors(engine)[0], signal.SIGTERM)
    engine.until(lambda: not engine.supervised(), "it is gone")
    engine.until(lambda: not spare.alive, "its spare is gone")
    engine.until_step(run_id, engine.run(run_id).step + 5)
    assert engine.run(run_id).pid == worker.pid


@pytest.mark.long
def test_spare_that_gives_way_to_other_work_holds_up_no_run(engine: Engine) -> None:
    """It would be warm in minutes where that work never ends; here it is stopped outright."""
    run_id = client.submit(tiny(epochs=1000))
    run = engine.until_status(run_id, "running")

    def beside() -> list[psutil.Process]:
        return [process for process in engine.processes() if "--gently" in process.cmdline()]

    [spare] = engine.until(beside, "there is a spare")
    spare.suspend()
    told = engine.store.meta("spare")
    assert told is None or told["pid"] != spare.pid
    kill(run)
    again = engine.until(lambda: engine.run(run_id) if engine.run(run_id).pid != run.pid else None, "another has it")
    assert again.pid != spare.pid
    engine.until_step(run_id, again.step + 5)


def test_there_is_one_supervisor(engine: Engine) -> None:
    engine.until(engine.supervised, "one supervises")
    [first] = supervisors(engine)
    assert engine.start_supervisor().wait(20) == 0
    assert supervisors(engine) == [first]
    os.kill(first, signal.SIGKILL)
    engine.until(lambda: not engine.supervised(), "the lock is free")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.ensure_supervisor(), range(8)))
    rival = engine.start_supervisor()
    engine.until(lambda: engine.supervised() and len(supervisors(engine)) == 1, "one of them has won")
    assert rival.poll() in (None, 0)


def test_run_of_a_dead_command_line_is_stopped_and_can_go_on(engine: Engine) -> None:
    command = [sys.executable, "-m", "core", "train", "--family", "resnet", "--depth", "8", "--width", "4"]
    typed = subprocess.Popen([*command, "--epochs", "1000"], cwd=ROOT, stdout=subprocess.DEVNULL)
    run = engine.until(lambda: engine.store.runs(["running"]), "it trains")[0]
    assert (run.owner, run.pid) == ("cli", typed.pid)
    typed.kill()
    typed.wait()
    engine.until_status(run.id, "stopped")
    client.resume(run.id)
    assert engine.until_status(run.id, "running").owner == "supervisor"


@pytest.mark.long
def test_full_disk_fails_the_run_and_keeps_its_checkpoint(engine: Engine) -> None:
    """The kernel takes no byte beyond a limit from the worker: room for events, none for another checkpoint."""
    run_id = client.submit(tiny(epochs=1000, width=32))
    pause(engine, run_id)
    [kept] = engine.store.folder(run_id).glob("*.safetensors")
    content = kept.read_bytes()
    limit = len(content) // 2
    assert limit > 2 * sum(path.stat().st_size for path in engine.home.glob("lab.db*"))
    worker = engine.run(run_id)
    assert worker.pid
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (limit, limit))
    client.command(run_id, "step")
    engine.until_step(run_id, worker.step + 1)
    client.command(run_id, "stop")
    failed = engine.until_status(run_id, "failed", "stopped")
    assert failed.status == "failed"
    assert "could not be written" in failed.message
    assert "free some space" in failed.message
    [told] = engine.events(run_id, "failed")
    assert (told.step, told.payload) == (worker.step + 1, {"message": failed.message})
    assert failed.ended is not None
    left = [path for path in engine.store.folder(run_id).iterdir() if path.name not in ("log.txt", "spec.json")]
    assert left == [kept]
    assert kept.read_bytes() == content
    client.resume(run_id)
    engine.until_step(run_id, failed.step + 1)
    [resumed] = engine.events(run_id, "resumed")
    assert resumed.step == worker.step


def test_unreadable_checkpoint_falls_back_to_the_one_before(engine: Engine) -> None:
    run_id = client.submit(tiny(epochs=1000))
    paused = pause(engine, run_id)
    client.command(run_id, "resume")
    engine.until_step(run_id, paused.step + 1)
    client.command(run_id, "stop")
    stopped = engine.until_status(run_id, "stopped")
    newest = engine.store.folder(run_id) / f"checkpoint-{stopped.step}.safetensors"
    newest.write_bytes(newest.read_bytes()[:1000])
    client.resume(run_id)
    [resumed] = engine.until(lambda: engine.events(run_id, "resumed"), "it goes on")
    assert resumed.step == paused.step < stopped.step


def test_lost_data_is_one_sentence(engine: Engine, tmp_path: Path) -> None:
    """The folder passes the check of a submission, and is gone when the worker opens it."""
    spec = tiny()
    run_id = engine.store.create_run(spec.but(train=spec.train.but(data=str(tmp_path / "gone"))))
    failed = engine.until_status(run_id, "failed")
    assert failed.message.startswith("There is no CIFAR-10 in")
    assert "Traceback" in (engine.store.folder(run_id) / "log.txt").read_text()


def pause(engine: Engine, run_id: str) -> Run:
    """Pause a run behind its first step and wait until that is in a checkpoint."""
    engine.until_step(run_id, 1)
    client.command(run_id, "pause")
    paused = engine.until_status(run_id, "paused")
    engine.until(
        lambda: [event for event in engine.events(run_id, "checkpoint") if event.step == paused.step], "it is kept"
    )
    return paused


def supervisors(engine: Engine) -> list[int]:
    """Pids of this lab's supervisors; a child that one of them forks bears its name until it has become a worker."""
    found = {process.pid: process for process in engine.processes() if "core.engine.supervisor" in process.cmdline()}
    return [pid for pid, process in found.items() if process.ppid() not in found]


def final_state(engine: Engine, run_id: str) -> checkpoint.State:
    state, _ = checkpoint.load(engine.store.folder(run_id) / f"checkpoint-{engine.run(run_id).step}.safetensors")
    state.pop("seconds")  # how long it took
    return state


def assert_same_state(one: checkpoint.State, other: checkpoint.State) -> None:
    """Bit for bit."""
    assert one.keys() == other.keys()
    assert [name for name in one if not torch.equal(one[name], other[name])] == []
