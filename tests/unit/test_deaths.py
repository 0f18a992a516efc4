"""What becomes of a run whose process is gone without a word, and which of its checkpoints are kept."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from core.record.events import StoredEvent
from core.spec import RunSpec
from core.store import kept
from core.store.deaths import FROM_OUTSIDE, MEMORY, UNSAID, OutOfMemory, after_death
from core.store.home import checkpoints, step_of
from core.store.identity import Identity
from core.store.records import Run
from core.store.store import Store
from core.vocabulary.states import Status

LOG = Path("/lab/runs/1/log.txt")
CRASHES = [-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGABRT, -signal.SIGFPE, -signal.SIGILL, 1, 127]
OUTSIDE = [None, *(-number for number in FROM_OUTSIDE)]


@pytest.fixture
def run(home: Path) -> Run:
    store = Store(home)
    return store.known(store.create_run(RunSpec(), holder=Identity(1, 1.0)))


@pytest.mark.parametrize("status", ["starting", "running", "paused"])
@pytest.mark.parametrize("code", OUTSIDE)
@pytest.mark.parametrize("attempts", [0, 1, 2])
def test_killed_from_outside_is_not_its_fault(run: Run, code: int | None, attempts: int, status: Status) -> None:
    killed = replace(run, attempts=attempts, status=status)
    assert after_death(killed, code, False, LOG) == {"status": "queued", "attempts": attempts}


@pytest.mark.parametrize("status", ["starting", "running", "paused"])
@pytest.mark.parametrize("code", CRASHES)
def test_crash_each_time_ends(run: Run, code: int, status: Status) -> None:
    crashed = replace(run, status=status)
    for attempts in (0, 1):
        change = after_death(replace(crashed, attempts=attempts), code, False, LOG)
        assert change == {"status": "queued", "attempts": attempts + 1}
    last = after_death(replace(crashed, attempts=2), code, False, LOG)
    assert last["status"] == "failed"
    assert last["message"].startswith(f"Its process died 3 times without getting further: {LOG} may say why")


def test_want_of_memory_ends_a_start_at_once_and_is_named(run: Run) -> None:
    change = after_death(run, -signal.SIGKILL, True, LOG)
    assert (change["status"], change["message"]) == ("failed", MEMORY)
    trains = replace(run, status="running")
    for attempts in (0, 1):  # it may have been somebody else's
        change = after_death(replace(trains, attempts=attempts), -signal.SIGKILL, True, LOG)
        assert change == {"status": "queued", "attempts": attempts + 1}
    assert after_death(replace(trains, attempts=2), -signal.SIGKILL, True, LOG)["message"] == MEMORY


def test_what_was_typed_is_not_started_again(run: Run) -> None:
    typed = replace(run, owner="cli")
    assert after_death(typed, None, True, LOG)["message"] == MEMORY
    assert after_death(typed, None, False, LOG)["message"] == UNSAID
    assert "memory" in UNSAID
    assert after_death(replace(typed, status="running"), None, False, LOG)["status"] == "stopped"


def test_kernel_is_asked_whether_memory_ran_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counters = tmp_path / "vmstat"
    counters.write_text("pgfault 7\noom_kill 3\nother 1\n")
    now = [0.0]
    monkeypatch.setattr("core.store.deaths.time.monotonic", lambda: now[0])
    memory = OutOfMemory(counters)
    assert not memory.lately()  # these were before our time
    counters.write_text("pgfault 9\noom_kill 4\n")
    assert memory.lately()
    now[0] = 5
    assert memory.lately()
    now[0] = 11
    assert not memory.lately()


@pytest.mark.parametrize("text", [None, "", "oom_kill", "oom_kill many\n"])
def test_kernel_that_does_not_say(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "vmstat").write_text(text)
    assert not OutOfMemory(tmp_path / "vmstat").lately()


def written(folder: Path, *steps: int) -> Path:
    for step in steps:
        (folder / f"checkpoint-{step}.safetensors").touch()
    return folder


@pytest.mark.parametrize(
    ("accuracy", "left"),
    [
        ({}, [40, 50]),
        ({10: 0.5, 20: 0.9, 30: 0.7, 40: 0.6, 50: 0.8}, [20, 40, 50]),
        ({20: 0.9, 30: 0.9, 50: 0.9}, [20, 40, 50]),  # the first of equals
        ({20: 0.1, 50: 0.9}, [40, 50]),
        ({15: 0.99, 30: 0.2}, [30, 40, 50]),  # of step 15 there is none
    ],
)
def test_newest_two_and_the_best_are_kept(tmp_path: Path, accuracy: dict[int, float], left: list[int]) -> None:
    written(tmp_path, 10, 20, 30, 40, 50, 60)  # that of step 60 is of a time that is void, and is trained again
    for path in kept.superfluous(tmp_path, 50, accuracy):
        path.unlink()
    assert [step_of(path) for path in checkpoints(tmp_path)] == [*left, 60]


def test_what_was_judged_last_counts() -> None:
    def event(seq: int, step: int, accuracy: float) -> StoredEvent:
        return StoredEvent(seq, step, 0.0, "evaluation", f'{{"test_accuracy": {accuracy}}}')

    assert kept.scores([event(3, 10, 0.3), event(1, 10, 0.1), event(2, 20, 0.2)]) == {10: 0.3, 20: 0.2}


def test_what_is_kept_is_said(tmp_path: Path) -> None:
    said = "There is no space left on the disk: free some and resume the run."
    assert kept.with_checkpoint(said, tmp_path, 0) == said
    assert kept.with_checkpoint(said, tmp_path, 7).endswith("run; it has no checkpoint yet, so it would begin again.")
    written(tmp_path, 5, 1050)
    assert kept.with_checkpoint(said, tmp_path, 7).endswith("run; its checkpoint of step 1,050 is kept.")
