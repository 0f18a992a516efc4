"""How a run ends that nobody told to: signals, kills faster than it starts, crashes, a full disk; and what is kept."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from core import arith
from core.engine import client
from core.store import deaths
from core.store.home import ROOT, checkpoints, step_of
from core.store.identity import Identity
from core.store.store import EngineError, Run, Store
from core.vocabulary.states import ENDED
from core.web.train import recordings
from tests.confined import UNSHARE, can_mount
from tests.engine.engines import ENVIRONMENT, Engine, curve, kill, tiny

TRAIN = ["train", "--family", "resnet", "--depth", "8", "--width", "4", "--batch-size", "100", "--precision", "float32"]
SLURM_AND_CO = [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1]


def name(number: signal.Signals) -> str:
    return number.name


def mostly(quick: signal.Signals, numbers: list[signal.Signals]) -> list[Any]:
    """All these signals, of which the ordinary suite sends one; another test sends another."""
    return [pytest.param(number, marks=[pytest.mark.long] * (number != quick)) for number in numbers]


def typed(*words: str, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    command = [*before, sys.executable, "-m", "core", *TRAIN, "--epochs", "1000", *words]
    environment = os.environ | ENVIRONMENT
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("how", mostly(signal.SIGUSR1, SLURM_AND_CO), ids=name)
def test_worker_told_to_end_stops_with_a_checkpoint(engine: Engine, how: signal.Signals) -> None:
    run_id = client.submit(tiny(epochs=1000))
    run = engine.until_step(run_id, 5)
    assert run.pid
    os.kill(run.pid, how)
    stopped = engine.until_status(run_id, "stopped", "failed")
    assert stopped.status == "stopped"
    assert (engine.store.folder(run_id) / f"checkpoint-{stopped.step}.safetensors").exists()


@pytest.mark.parametrize("how", mostly(signal.SIGTERM, [*SLURM_AND_CO, signal.SIGINT]), ids=name)
def test_command_line_told_to_end_stops_with_a_checkpoint(home: Path, how: signal.Signals) -> None:
    engine = Engine(home)
    process = typed()
    run = engine.until(lambda: engine.store.runs(["running"]), "it trains")[0]
    process.send_signal(how)
    _, said = process.communicate()
    assert process.returncode == 128 + how
    stopped = engine.run(run.id)
    assert stopped.status == "stopped"
    assert (engine.store.folder(run.id) / f"checkpoint-{stopped.step}.safetensors").exists()
    assert f"--resume {run.id}" in said


def test_closed_terminal_says_so_twice(home: Path) -> None:
    """The kernel and the shell both do, and nothing can be printed there any more."""
    engine = Engine(home)
    process = typed()
    assert process.stderr
    process.stderr.close()
    run = engine.until(lambda: engine.store.runs(["running"]), "it trains")[0]
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGHUP)
    assert process.wait() == 128 + signal.SIGHUP
    assert engine.run(run.id).status == "stopped"


@pytest.mark.parametrize("how", mostly(signal.SIGHUP, [signal.SIGHUP, signal.SIGINT]), ids=name)
def test_what_was_ignored_from_the_start_stays_ignored(home: Path, how: signal.Signals) -> None:
    """nohup python -m core train, or in the background of a script."""
    engine = Engine(home)
    process = typed(before=("sh", "-c", f'trap "" {how.name.removeprefix("SIG")}; exec "$@"', "sh"))
    run = engine.until(lambda: engine.store.runs(["running"]), "it trains")[0]
    process.send_signal(how)
    engine.until_step(run.id, engine.run(run.id).step + 60)
    process.terminate()
    process.communicate()
    assert process.returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize("how", mostly(signal.SIGHUP, SLURM_AND_CO), ids=name)
def test_supervisor_told_to_end_lets_its_run_go_on(engine: Engine, how: signal.Signals) -> None:
    run_id = client.submit(tiny(epochs=1000))
    worker = engine.until_status(run_id, "running")
    engine.start_supervisor().wait()  # there is one already, and this one leaves
    [supervisor] = [process for process in engine.processes() if "core.engine.supervisor" in process.cmdline()]
    supervisor.send_signal(how)
    engine.until(lambda: not engine.supervised(), "it is gone")
    engine.until_step(run_id, engine.run(run_id).step + 5)
    assert engine.run(run_id).pid == worker.pid


def killed_at_start(engine: Engine, run_id: str, how: signal.Signals, times: int) -> None:
    """As soon as a process has the run, and so before it can have trained."""
    pids: set[int | None] = set()

    def started() -> Run | None:
        run = engine.run(run_id)
        return run if run.status == "starting" and run.pid not in pids else None

    for _ in range(times):
        run = engine.until(started, f"a process has it, after {len(pids)}; it is {engine.run(run_id).status}")
        pids.add(run.pid)
        assert run.pid
        os.kill(run.pid, how)


def test_kills_faster_than_it_starts_do_not_end_a_run(engine: Engine) -> None:
    run_id = client.submit(tiny())
    killed_at_start(engine, run_id, signal.SIGKILL, 5)
    waiting = engine.until(lambda: engine.run(run_id) if engine.run(run_id).message else None, "it says that it waits")
    assert waiting.message.startswith("Its process has ended 5 times without getting further")
    finished = engine.until_status(run_id, "finished", "failed")
    assert (finished.status, finished.message) == ("finished", "")


@pytest.mark.long
def test_crash_at_every_start_ends_a_run(engine: Engine) -> None:
    """A native fault that the run itself brings about would come again each time."""
    run_id = client.submit(tiny())
    killed_at_start(engine, run_id, signal.SIGSEGV, 3)
    failed = engine.until_status(run_id, "failed", "finished")
    assert failed.status == "failed"
    assert "died 3 times without getting further" in failed.message
    client.resume(run_id)
    engine.until_status(run_id, "finished")


def test_death_of_the_command_line_before_its_first_report_is_told(engine: Engine) -> None:
    gone = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    run_id = engine.store.create_run(tiny(), owner="cli", holder=Identity.of(gone.pid))
    gone.kill()
    gone.wait()
    failed = engine.until_status(run_id, "failed", "stopped")
    assert failed.status == "failed"
    assert "most likely because memory ran out" in failed.message
    client.resume(run_id)
    engine.until_status(run_id, "finished")


def test_killed_command_line_is_seen_to_be_gone_by_whoever_looks(home: Path) -> None:
    """Nobody supervises, and nothing is written for it; a second command line goes on with the run."""
    engine = Engine(home)
    process = typed()
    run = engine.until(lambda: engine.store.runs(["running"]), "it trains")[0]
    assert [shown.id for shown in client.runs(["running"])] == [run.id]
    process.kill()
    process.communicate()
    assert engine.run(run.id).status == "running"  # as it said last
    [shown] = client.runs()
    assert (shown.id, shown.status, shown.message) == (run.id, "stopped", "")
    alone = client.run(run.id)
    assert alone
    assert (alone.status, client.runs(["running"])) == ("stopped", [])
    assert [listed.id for listed in client.runs(ENDED, limit=1)] == [run.id]
    assert recordings.summary(engine.store, shown)["status"] == "stopped"
    assert client.status().running == 0
    with pytest.raises(EngineError, match=r"not running any more \(stopped\)"):
        client.command(run.id, "pause")
    assert engine.run(run.id).status == "running"  # all these only read
    again = subprocess.Popen(
        [sys.executable, "-m", "core", "train", "--resume", run.id], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    engine.until(lambda: engine.run(run.id).pid == again.pid and engine.events(run.id, "resumed"), "it goes on")
    again.kill()
    again.wait()
    client.resume(run.id)  # as the page does
    assert engine.until_status(run.id, "running").owner == "supervisor"
    engine.close()


def test_command_line_killed_before_its_first_report_is_seen_to_have_failed(home: Path) -> None:
    engine = Engine(home)
    process = typed()
    run = engine.until(lambda: engine.store.runs(["starting"]), "it starts")[0]
    process.kill()
    process.communicate()
    shown = client.run(run.id)
    assert shown
    assert (shown.status, shown.message) == ("failed", deaths.UNSAID)


def test_stop_that_nobody_took_is_void_when_the_run_goes_on(engine: Engine) -> None:
    run_id = client.submit(tiny(epochs=1000))
    run = engine.until_status(run_id, "running")
    assert run.pid
    os.kill(run.pid, signal.SIGSTOP)
    client.command(run_id, "stop")
    kill(run)
    engine.until_status(run_id, "stopped")
    client.resume(run_id)
    engine.until_step(run_id, engine.until_status(run_id, "running", "stopped").step + 20)


def test_best_epoch_is_kept_beside_the_newest_two(engine: Engine) -> None:
    spec = tiny(epochs=5, watched=False)
    run_id = client.submit(spec.but(train=spec.train.but(lr=1.0, schedule="constant", weight_decay=0.0)))
    engine.until_step(run_id, 110)
    client.command(run_id, "stop")
    engine.until_status(run_id, "stopped")
    client.resume(run_id)
    finished = engine.until_status(run_id, "finished", "diverged")
    judged = {event.step: event.payload["test_accuracy"] for event in engine.events(run_id, "evaluation")}
    best = max(judged, key=lambda step: (judged[step], -step))
    left = {step_of(path) for path in checkpoints(engine.store.folder(run_id))}
    assert left == {best, finished.step - 50, finished.step}


FULL_DISK = 'mount -t tmpfs -o size=100m lab "$1" && mkdir "$1/lab" && shift && exec "$@"'


def on_a_small_disk(home: Path, who: str) -> dict[str, Any]:
    """What tests/engine/full_disk.py says; the disk is seen by that process and its children alone."""
    disk = home.with_name("disk")
    disk.mkdir()
    done = subprocess.run(
        [*UNSHARE, "sh", "-c", FULL_DISK, "sh", str(disk), sys.executable, "-m", "tests.engine.full_disk", who],
        cwd=ROOT,
        env=os.environ | {"DEPTHLAB_HOME": str(disk / "lab")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if can_mount():

    def test_disk_that_runs_full_ends_what_was_typed_with_a_true_sentence(home: Path) -> None:
        found = on_a_small_disk(home, "cli")
        newest = max(step_of(Path(name)) for name in found["kept"])
        assert found["code"] == 2
        assert "no space left" in found["said"]
        assert found["said"].endswith(f"; its checkpoint of step {newest} is kept.\n")
        assert len(found["said"].splitlines()) == 1
        assert found["status"] in ("stopped", "failed")  # once there was room, it did not stay as if it trained
        assert found["resumed"] == newest

    def test_run_goes_on_by_itself_once_the_disk_has_room(home: Path) -> None:
        found = on_a_small_disk(home, "supervisor")
        assert found["resumed"] == max(step_of(Path(name)) for name in found["kept"])


def test_log_that_cannot_be_written_does_not_end_a_run(home: Path) -> None:
    """A folder is in its place: whoever opens it is refused, root as well."""
    store = Store(home)
    run_id = store.create_run(tiny(), owner="cli", holder=Identity.me())
    (store.folder(run_id) / "log.txt").mkdir()
    from core.engine.race import execute

    [run] = execute(store, [run_id])
    assert run.status == "finished"


HUNGRY = tiny(watched=False).but(train=tiny().train.but(batch_size=140))
ENOUGH = int(1.03 * arith.training_bytes(HUNGRY.net, 140))  # by the estimate, which is one from below
MEMORY_GROUPS = {  # by version: where, and which files hold the limits of memory and of memory with swap
    Path("/sys/fs/cgroup/memory"): {"memory.limit_in_bytes": ENOUGH, "memory.memsw.limit_in_bytes": ENOUGH},
    Path("/sys/fs/cgroup"): {"memory.max": ENOUGH, "memory.swap.max": 0},
}


def memory_group() -> Path | None:
    """A new control group whose processes have just enough memory; None where we may not make one."""
    for top, limits in MEMORY_GROUPS.items():
        group = top / f"depthlab-test-{os.getpid()}"
        with suppress(OSError):
            group.mkdir()
            for number, (file, limit) in enumerate(limits.items()):
                try:
                    (group / file).write_text(str(limit))
                except OSError:
                    if not number:  # the second is not there where swap is not counted
                        group.rmdir()
                        raise
            return group
    return None


def gone(group: Path) -> bool:
    """Remove it, as soon as its last process has been reaped."""
    with suppress(OSError):
        group.rmdir()
    return not group.exists()


if (probe := memory_group()) and gone(probe):

    @pytest.mark.long
    def test_run_killed_for_memory_says_so(engine: Engine) -> None:
        """The kernel ends its worker before the first report."""
        engine.until(lambda: client.status().warm, "there is a spare")
        group = memory_group()
        assert group
        (group / "cgroup.procs").write_text(str(engine.store.meta("spare")["pid"]))
        run_id = client.submit(HUNGRY)
        failed = engine.until_status(run_id, "failed", "finished")
        engine.until(lambda: gone(group), "its control group is empty")
        assert (failed.status, failed.message) == ("failed", deaths.MEMORY)


KILLS = ["worker", "worker as it starts", "supervisor", "spare"] * 3


def victim(engine: Engine, run_id: str, kind: str) -> Identity | None:
    """A process of that kind, if there is one now."""
    run = engine.run(run_id)
    if run.status != {"worker": "running", "worker as it starts": "starting"}.get(kind, run.status):
        return None
    for process in engine.processes():
        with suppress(psutil.Error):
            module = process.cmdline()[2].removeprefix("core.engine.")
            found = "worker" if process.pid == run.pid else "spare" if module == "worker" else module
            if found == kind.split()[0]:
                return Identity.of(process.pid)
    return None


def end(engine: Engine, run_id: str, kind: str) -> None:
    killed = engine.until(lambda: victim(engine, run_id, kind), f"there is a {kind}")
    os.kill(killed.pid, signal.SIGKILL)
    engine.until(lambda: not killed.alive, f"the {kind} is gone")


@pytest.mark.long
def test_random_kills_of_anything_change_nothing(engine: Engine) -> None:
    """Whichever process and whenever: the same losses, bit for bit.

    How far the run gets meanwhile is up to the machine, and so is from which checkpoints it goes on.
    """
    spec = tiny(epochs=10_000, watched=False)
    run_id = client.submit(spec)
    chance = random.Random(0)

    def supervised() -> bool:
        client.ensure_supervisor()
        return engine.supervised()

    for kind in chance.sample(KILLS, len(KILLS)):
        if kind == "worker as it starts":
            end(engine, run_id, "worker")
        else:
            engine.until_step(run_id, engine.run(run_id).step + chance.randrange(1, 30))
        end(engine, run_id, kind)
        engine.until(supervised, "one supervises")
    reached = engine.until_step(run_id, engine.run(run_id).step + 30).step
    client.command(run_id, "stop")
    stopped = engine.until_status(run_id, "stopped", "failed")
    assert (stopped.status, stopped.message) == ("stopped", "")

    undisturbed = client.submit(spec)
    for step in range(10, reached + 10, 10):
        engine.until_step(undisturbed, step)
    client.command(undisturbed, "stop")
    engine.until_status(undisturbed, "stopped", "failed")
    losses, expected = curve(engine.events(run_id)), curve(engine.events(undisturbed))
    assert losses.keys() >= set(range(1, reached + 1)) <= expected.keys()
    assert all(losses[step] == expected[step] for step in range(1, reached + 1))
