"""The supervisor: gives queued runs to workers, keeps one worker warm, and picks up what a dead one left behind.

``python -m core.engine.supervisor``, one for each $DEPTHLAB_HOME, held single by a lock on a file. It keeps nothing in
memory that matters: killed at any moment, the next one reads the store and goes on; workers train meanwhile.
It never imports torch.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

from core.processes.processor import slots
from core.record.events import Command
from core.signals import on_end
from core.store import bin
from core.store.deaths import OutOfMemory
from core.store.home import LOCK, ROOT, home
from core.store.identity import Identity, lock
from core.store.standing import holding, left
from core.store.store import EngineError, Run, Store, StoreError
from core.vocabulary.states import ACTIVE

TICK = 0.05  # s between two looks at whether the store has changed
CHECK = 1.0  # s between two looks at whether processes live
LOCK_PATIENCE = 0.3  # s: somebody who asks whether the lock is held holds it himself for a moment
SILENCE = 600.0  # s after which a worker that was told to stop and shows no sign of life is ended
LAST_THREADS = 5.0  # s that the threads of a process take to end after it, at most
EMPTYING = 60.0  # s between two looks into the bin
SLOWEST_RESTART = 60.0  # s between two starts of what dies while it starts

log = logging.getLogger("supervisor")


class Supervisor:
    """Moves runs from the queue to workers and back; :meth:`look` is one pass over everything."""

    def __init__(self, store: Store, places: int) -> None:
        self.store = store
        self.slots = places
        self.spare: subprocess.Popen[str] | None = None
        self.gentle = False  # whether the spare gives way to all other work until it is warm
        self.workers: list[subprocess.Popen[str]] = []  # children with a run, to reap
        self.codes: dict[int, int] = {}  # by pid: how those ended that did not end well
        self.out_of_memory = OutOfMemory()
        self.vain: Counter[str] = Counter()  # by run: deaths in a row before it got further than ever
        self.reached: Counter[str] = Counter()  # by run: the furthest step at a death
        self.not_before: dict[str, float] = {}  # by run: when it may start again
        self.deaths = 0  # of spares in a row
        self.next_spare_at = 0.0

    def look(self) -> None:
        """Recover runs whose process is gone, start what waits, keep a spare."""
        self._reap()
        short = self.out_of_memory.lately()
        for run in self.store.runs(ACTIVE):
            if run.step > self.reached[run.id]:
                self.vain.pop(run.id, None)
            if run.orphaned:
                self._recover(run, short)
            elif run.holder and self._ignores_stop(run):
                log.warning("%s: worker %s does not answer, so it is ended", run.id, run.holder.pid)
                with suppress(ProcessLookupError):
                    os.kill(run.holder.pid, signal.SIGKILL)
        self._start_waiting()
        # A run that has not shown its first point yet needs the processor more than the next spare does.
        if self.spare is None and time.monotonic() >= self.next_spare_at and not self.store.runs({"starting"}):
            self.gentle = bool(self.store.runs(ACTIVE))
            self.spare = self._spawn("--gently") if self.gentle else self._spawn()

    def close(self) -> None:
        """Let the spare go: it ends when its input does. Workers with a run go on."""
        if self.spare is not None and self.spare.stdin is not None:
            self.spare.stdin.close()

    def _spawn(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "core.engine.worker", *words],
            cwd=ROOT,
            env={**os.environ, "DEPTHLAB_HOME": str(self.store.home)},
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def _start_waiting(self) -> None:
        """Give free slots to what waits. A race is one worker's, which takes up by itself what joins it; and what is
        paused holds no slot."""
        free = self.slots - len(holding(self.store))
        running = {run.group for run in self.store.runs(ACTIVE) if run.owner == "supervisor"}
        waiting: dict[str, list[Run]] = {}
        for run in self.store.queue():
            if run.group not in running and self.not_before.get(run.id, 0.0) <= time.monotonic():
                waiting.setdefault(run.group, []).append(run)
        for runs in [*waiting.values()][: max(0, free)]:
            self._start(runs)

    def _start(self, runs: list[Run]) -> None:
        """Hand the runs of a race to the spare; if that dies of it, the next look finds them without a process.

        A spare that gives way to all other work might not be warm for minutes where there is much of that: then another
        worker is quicker.
        """
        if self.spare is None or (self.gentle and not self._is_warm(self.spare)):
            worker = self._spawn()
        else:
            worker, self.spare = self.spare, None
        claimed = []
        with suppress(psutil.NoSuchProcess):
            holder = Identity.of(worker.pid)
            claimed = [run.id for run in runs if self.store.claim(run.id, holder, "supervisor", only_in={"queued"})]
        assert worker.stdin is not None
        with suppress(BrokenPipeError), worker.stdin:
            worker.stdin.write(" ".join(claimed))  # none where they were cancelled in the meantime: the worker ends
        self.workers.append(worker)
        if claimed:
            self.deaths = 0
            log.info("%s: given to worker %s", ", ".join(claimed), worker.pid)

    def _is_warm(self, spare: subprocess.Popen[str]) -> bool:
        told = self.store.meta("spare")
        return told is not None and told["pid"] == spare.pid

    def _recover(self, run: Run, out_of_memory: bool) -> None:
        """A run's process is gone without a word: end what was to end, put the rest back to where it was."""
        for worker in self.workers:
            if worker.pid == run.pid:  # seen to be gone while its last threads end: how it ended is not known before
                with suppress(subprocess.TimeoutExpired):
                    worker.wait(LAST_THREADS)
        self._reap()
        code = self.codes.get(run.pid or 0)
        change = left(self.store, run, code, out_of_memory)
        if change["status"] == "queued":
            change["message"] = self._postpone(run)
        if not self.store.update(run.id, {run.status}, **change):
            return
        log.warning("%s: process %s is gone (%s), so the run is %s", run.id, run.pid, code, change["status"])
        if run.status == "paused" and change["status"] == "queued":
            self.store.send(run.id, Command("pause"))

    def _postpone(self, run: Run) -> str:
        """Let a run that dies again and again before it gets further wait longer each time, lest its starts take all
        of the machine; what there is to say about it."""
        wait = min(SLOWEST_RESTART, float(self.vain[run.id]))
        self.vain[run.id] += 1
        self.reached[run.id] = max(self.reached[run.id], run.step)
        self.not_before[run.id] = time.monotonic() + wait
        if not wait:
            return ""
        return (
            f"Its process has ended {self.vain[run.id]} times without getting further, perhaps because memory runs "
            f"out; it is started again in {wait:.0f} s."
        )

    def _ignores_stop(self, run: Run) -> bool:
        stop = self.store.last_command(run.id, "stop")
        quiet_since = max(run.heartbeat or 0, stop.sent if stop else time.time())
        return run.owner == "supervisor" and time.time() - quiet_since > SILENCE

    def _reap(self) -> None:
        # asked once: one that ends between two questions would be forgotten with its code
        ended = {worker.pid: code for worker in self.workers if (code := worker.poll()) is not None}
        self.codes |= {pid: code for pid, code in ended.items() if code}
        self.workers = [worker for worker in self.workers if worker.pid not in ended]
        if self.spare is not None and self.spare.poll() is not None:
            self.deaths += 1
            self.next_spare_at = time.monotonic() + min(SLOWEST_RESTART, 2.0**self.deaths)
            log.error("a spare worker ended with code %s before it had a run", self.spare.returncode)
            self.spare = None


def serve(store: Store, places: int, guard: IO[str]) -> None:
    """Work until a signal says to end, or the state folder is gone and with it the lock that makes this one single."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    on_end(stop)
    supervisor = Supervisor(store, places)
    changes = store.changes()
    next_check = next_emptying = 0.0
    while not stopping:
        due = time.monotonic() >= next_check
        if due:
            next_check = time.monotonic() + CHECK
            if not _still_there(guard):
                break
        try:
            if changes.any() or due:
                supervisor.look()
            if time.monotonic() >= next_emptying:
                next_emptying = time.monotonic() + EMPTYING
                bin.empty(store, before=time.time() - bin.KEPT)
        except StoreError:  # such as a full disk: it may pass
            log.exception("the store does not answer, trying again")
            time.sleep(CHECK)
        time.sleep(TICK)
    supervisor.close()


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    store = Store(home())
    try:
        store.prepare()
    except EngineError as error:
        log.error("%s", error)
        return 2
    guard = _take_lock(store.home / LOCK)
    if guard is None:
        return 0
    with guard:
        log.info("supervisor %s serves %s, %s at a time", os.getpid(), store.home, slots())
        serve(store, slots(), guard)
    return 0


def _take_lock(path: Path) -> IO[str] | None:
    deadline = time.monotonic() + LOCK_PATIENCE
    while (guard := lock(path)) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return guard


def _still_there(guard: IO[str]) -> bool:
    try:
        return Path(guard.name).stat().st_ino == os.fstat(guard.fileno()).st_ino
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(main())
