"""Processes of which a lab has one: each holds a lock on a file for as long as it lives."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from core.engine.home import ROOT
from core.engine.identity import is_locked

START_GRACE = 20.0  # s that a process just started has to take its lock

_starting = threading.Lock()
_started: dict[Path, tuple[subprocess.Popen[bytes], float]] = {}  # by lock: the last one started here, and when


def ensure(module: str, lock: Path, log: Path) -> bool:
    """Start ``python -m module`` for the lab that ``lock`` lies in unless one runs; whether one ran already.

    Cheap when it does; any number of threads and processes may ask at once, because a second one leaves at once.
    """
    if is_locked(lock):
        return True
    with _starting:
        last, since = _started.get(lock, (None, 0.0))
        if last is not None and last.poll() is None and time.monotonic() - since < START_GRACE:
            return False
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=ROOT,
                env={**os.environ, "DEPTHLAB_HOME": str(lock.parent)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        _started[lock] = process, time.monotonic()
    return False
