"""A real engine for tests: supervisor and workers as processes of their own, and ways to wait for what they do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

from core.spec import NetSpec, ProbeSpec, RunSpec, TrainSpec
from core.store.home import LOCK, LOG, ROOT
from core.store.identity import is_locked
from core.store.store import Run, Store, StoredEvent
from core.vocabulary.states import Status
from tests.processes import end_all, of_lab

T = TypeVar("T")
PATIENCE = 120.0  # s: far more than anything here takes, so that only what never happens fails
# One thread for each worker: a small net gains nothing by two, and waits for both where other work wants the cores.
ENVIRONMENT = {"OMP_NUM_THREADS": "1"}


def tiny(epochs: int = 1, watched: bool = True, width: int = 4) -> RunSpec:
    """A run of 50 steps an epoch, some hundredths of a second each; float32, as on any machine."""
    return RunSpec(
        net=NetSpec(depth=8, width=width),
        train=TrainSpec(epochs=epochs, batch_size=100, precision="float32", device="cpu", threads=1),
        probes=ProbeSpec(enabled=watched),
    )


class Engine:
    """A lab, its processes, and ways to wait for what they do."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.store = Store(home)
        self.supervisors: list[subprocess.Popen[bytes]] = []

    def start_supervisor(self, first: Callable[[], None] | None = None) -> subprocess.Popen[bytes]:
        """Start it; the new process does ``first`` before anything else."""
        with (self.home / LOG).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "core.engine.supervisor"],
                cwd=ROOT,
                env={**os.environ, **ENVIRONMENT, "DEPTHLAB_HOME": str(self.home)},
                preexec_fn=first,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.supervisors.append(process)
        return process

    def supervised(self) -> bool:
        return is_locked(self.home / LOCK)

    def run(self, run_id: str) -> Run:
        return self.store.known(run_id)

    def events(self, run_id: str, *kinds: str) -> list[StoredEvent]:
        """All events of a run, or those of some kinds."""
        return [event for event in self.store.events(run_id, limit=10**6) if not kinds or event.kind in kinds]

    def until(self, happened: Callable[[], T | None], what: str) -> T:
        """The first true answer of ``happened``."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = happened()
            if answer:
                return answer
            time.sleep(0.01)  # the store is asked, because no process here can be told by another
        raise AssertionError(f"waited {PATIENCE:g} s in vain until {what}; {self.report()}")

    def until_status(self, run_id: str, *statuses: Status) -> Run:
        self.until(lambda: self.run(run_id).status in statuses, f"{run_id} is {' or '.join(statuses)}")
        return self.run(run_id)

    def until_step(self, run_id: str, step: int) -> Run:
        self.until(lambda: self.run(run_id).step >= step, f"{run_id} is at step {step}")
        return self.run(run_id)

    def report(self) -> str:
        """All that is known, for a failed test."""
        runs = [f"{run.id}: {run.status} at {run.step}, {run.message}" for run in self.store.runs()]
        logs = [path.read_text() for path in (self.home / LOG, *self.home.glob("runs/*/log.txt")) if path.exists()]
        return "\n".join([*runs, *logs])

    def processes(self) -> list[psutil.Process]:
        """Every process of this lab but the test's own, whoever started it."""
        return of_lab(self.home)

    def close(self) -> None:
        end_all(self.home)
        for supervisor in self.supervisors:
            supervisor.wait()
        self.store.close()


def curve(events: list[StoredEvent], trace: str = "loss") -> dict[int, float]:
    """Training loss, or another trace, by step; what was reported before a ``resumed`` and lies behind its step is
    void."""
    values: dict[int, float] = {}
    for event in events:
        if event.kind == "resumed":
            values = {step: value for step, value in values.items() if step <= event.step}
        elif event.kind == "metrics":
            values |= dict(zip(event.payload["steps"].tolist(), event.payload[trace].tolist(), strict=True))
    return values


def kill(run: Run, how: signal.Signals = signal.SIGKILL) -> None:
    """End the process of a run, by default as the kernel does when memory runs out."""
    assert run.pid
    os.kill(run.pid, how)
