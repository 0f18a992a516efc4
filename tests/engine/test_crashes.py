"""Kill -9 of each process in turn, a full disk, a broken checkpoint: the run goes on, or says why not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from conftest import Engine, curve, kill, tiny

from core.engine import client
from core.engine.home import ROOT
from core.engine.identity import Identity
from core.engine.store import Store
from core.train import checkpoint


def test_killed_worker_costs_nothing_but_time(engine: Engine) -> None:
    spec = tiny(epochs=4)
    undisturbed = client.submit(spec)
    engine.until_status(undisturbed, "finished")
    run_id = client.submit(spec)
    kill(engine.until_step(run_id, 60))
    engine.until_status(run_id, "finished")
    [resumed] = engine.events(run_id, "resumed")
    assert resumed.step in (50, 100, 150)
    assert curve(engine.events(run_id)) == curve(engine.events(undisturbed))
    assert_same_state(final_state(engine, run_id), final_state(engine, undisturbed))


def test_killed_before_the_first_checkpoint_starts_again(engine: Engine) -> None:
    run_id = client.submit(tiny(epochs=2))
    kill(engine.until_step(run_id, 1))
    engine.until_status(run_id, "finished")
    assert [event.step for event in engine.events(run_id, "resumed")] == [0]
    assert list(curve(engine.events(run_id))) == list(range(1, 101))


def test_paused_run_comes_back_paused(engine: Engine) -> None:
    run_id = client.submit(tiny(epochs=1000))
    engine.until_step(run_id, 5)
    client.command(run_id, "pause")
    paused = engine.until_status(run_id, "paused")
    engine.until(lambda: engine.events(run_id, "checkpoint"), "the pause is kept")
    kill(paused)
    again = engine.until(
        lambda: engine.run(run_id) if len(engine.events(run_id, "control")) == 2 else None, "it is paused again"
    )
    assert (again.status, again.step) == ("paused", paused.step)
    assert again.pid != paused.pid


def test_run_that_keeps_dying_is_given_up(engine: Engine) -> None:
    run_id = client.submit(tiny(epochs=1000))
    pids = set()
    for _ in range(3):
        run = engine.until(
            lambda: engine.run(run_id) if engine.run(run_id).active and engine.run(run_id).pid not in pids else None,
            "a worker has it",
        )
        pids.add(run.pid)
        kill(run)
    failed = engine.until_status(run_id, "failed")
    assert "died 3 times" in failed.message
    assert "resumed" in failed.message
    client.resume(run_id)
    engine.until_step(run_id, 1)


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
    run = engine.until(lambda: engine.store.runs(("running",)), "it trains")[0]
    assert (run.owner, run.pid) == ("cli", typed.pid)
    typed.kill()
    typed.wait()
    engine.until_status(run.id, "stopped")
    client.resume(run.id)
    assert engine.until_status(run.id, "running").owner == "supervisor"


def test_full_disk_fails_the_run_and_keeps_its_checkpoint(home: Path) -> None:
    """The second checkpoint is written to /dev/full, where the kernel itself has no space left."""
    spec = tiny(epochs=3)
    run_id, code = train_alone(home, spec.to_json(), full_at=100)
    assert code == 0
    store = Store(home)
    run = store.known(run_id)
    assert run.status == "failed"
    assert "No space left on device" in run.message
    assert run.message.count(". ") == 0  # one sentence
    assert [event.payload for event in store.latest(run_id, "failed")] == [{"message": run.message}]
    assert [path.name for path in store.folder(run_id).glob("*.safetensors")] == ["checkpoint-50.safetensors"]

    engine = Engine(home)
    try:
        client.resume(run_id)
        engine.until_status(run_id, "finished")
        assert [event.step for event in engine.events(run_id, "resumed")] == [50]
        undisturbed = client.submit(spec)
        engine.until_status(undisturbed, "finished")
        assert_same_state(final_state(engine, run_id), final_state(engine, undisturbed))
    finally:
        engine.close()


def test_unreadable_checkpoint_falls_back_to_the_one_before(engine: Engine) -> None:
    run_id = client.submit(tiny(epochs=1000))
    engine.until_step(run_id, 110)
    client.command(run_id, "stop")
    stopped = engine.until_status(run_id, "stopped")
    newest = engine.store.folder(run_id) / f"checkpoint-{stopped.step}.safetensors"
    newest.write_bytes(newest.read_bytes()[:1000])
    client.resume(run_id)
    [resumed] = engine.until(lambda: engine.events(run_id, "resumed"), "it goes on")
    assert resumed.step < stopped.step
    assert resumed.step % 50 == 0


def test_lost_data_is_one_sentence(engine: Engine, tmp_path: Path) -> None:
    """The folder passes the check of a submission, and is gone when the worker opens it."""
    spec = tiny()
    run_id = engine.store.create_run(spec.but(train=spec.train.but(data=str(tmp_path / "gone"))))
    failed = engine.until_status(run_id, "failed")
    assert failed.message.startswith("There is no CIFAR-10 in")
    assert "Traceback" in (engine.store.folder(run_id) / "log.txt").read_text()


def supervisors(engine: Engine) -> list[int]:
    """Pids of this lab's supervisors."""
    return [process.pid for process in engine.processes() if "core.engine.supervisor" in process.cmdline()]


def final_state(engine: Engine, run_id: str) -> checkpoint.State:
    state, _ = checkpoint.load(engine.store.folder(run_id) / f"checkpoint-{engine.run(run_id).step}.safetensors")
    state.pop("seconds")  # how long it took
    return state


def assert_same_state(one: checkpoint.State, other: checkpoint.State) -> None:
    """Bit for bit."""
    assert one.keys() == other.keys()
    assert [name for name in one if not torch.equal(one[name], other[name])] == []


TRAIN_ALONE = """
import os, sys
from pathlib import Path
from core.engine.execution import execute
from core.engine.identity import Identity
from core.engine.store import Store
from core.spec import RunSpec

store = Store(Path(sys.argv[1]))
run_id = store.create_run(RunSpec.from_json(sys.argv[2]), holder=Identity.me())
name = f".checkpoint-{sys.argv[3]}.safetensors.{os.getpid()}"
os.symlink("/dev/full", store.folder(run_id) / name)
print(run_id, flush=True)
execute(store, run_id)
"""


def train_alone(home: Path, spec: str, full_at: int) -> tuple[str, int]:
    """A run in a process of its own, without a supervisor, whose checkpoint at that step meets a full disk."""
    done = subprocess.run(
        [sys.executable, "-c", TRAIN_ALONE, str(home), spec, str(full_at)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stdout.strip(), done.returncode
