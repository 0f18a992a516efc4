"""Processes of which a lab has one: each holds a lock on a file for as long as it lives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from core.store.home import ROOT
from core.store.identity import is_locked

START_GRACE = 20.0  # s that a process just started has to take its lock
SLOWEST_RESTART = 60.0  # s between two starts of what ends with an error

KILLED = (-signal.SIGKILL, -signal.SIGTERM)  # by somebody else, who may have had a reason
LIKELY_ACCIDENTS = 2  # deaths of that kind in a row before another one that are not taken for a want, as of memory

_starting = threading.Lock()
_started: dict[Path, Started] = {}  # by lock: the last one started here


@dataclass(frozen=True)
class Started:
    """A process that was to take a lock."""

    process: subprocess.Popen[bytes]
    since: float
    failures: int  # of those in a row before it

    @property
    def failed(self) -> bool:
        return self.process.poll() not in (None, 0)

    @property
    def is_awaited(self) -> bool:
        """Whether another one would come too early: it may still take its lock, or failed, and the next one waits."""
        patience = START_GRACE
        if self.process.poll() is not None:
            patience = min(2.0**self.failures, SLOWEST_RESTART) if self.failed and self.failures else 0.0
        return time.monotonic() - self.since < patience


def ensure(module: str, lock: Path, log: Path, lab: Path) -> bool:
    """Start ``python -m module`` for the lab unless one holds the lock; whether one did already. Raises OSError.

    Cheap when it does; any number of threads and processes may ask at once, because a second one leaves at once.
    """
    if is_locked(lock):
        return True
    with _starting:
        last = _started.get(lock)
        if last is not None and last.is_awaited:
            return False
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=ROOT,
                env={**os.environ, "DEPTHLAB_HOME": str(lab)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        failures = last.failures + 1 if last is not None and last.failed else 0
        _started[lock] = Started(process, time.monotonic(), failures)
    return False


def cannot_start(lock: Path) -> bool:
    """Whether the last one that was started here has ended with an error; to be killed once or twice is none."""
    last = _started.get(lock)
    if last is None or not last.failed:
        return False
    return last.process.returncode not in KILLED or last.failures >= LIKELY_ACCIDENTS
