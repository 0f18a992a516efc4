"""Who a process is: its pid and the time it was created, because pids are used again."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

CLOCK_SLACK = 2.0  # s: the kernel derives creation times from the wall clock, which is corrected now and then


@dataclass(frozen=True)
class Identity:
    """A process, told apart from a later one with the same pid."""

    pid: int
    created: float  # s since the epoch

    @classmethod
    def of(cls, pid: int) -> Identity:
        """Raises psutil.NoSuchProcess."""
        return cls(pid, psutil.Process(pid).create_time())

    @classmethod
    def me(cls) -> Identity:
        return cls.of(os.getpid())

    @property
    def alive(self) -> bool:
        """Whether that very process still runs; a zombie, which only waits to be reaped, does not."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < CLOCK_SLACK
            return same and process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        except psutil.Error:
            return False


def lock(path: Path) -> IO[str] | None:
    """Lock the file for as long as the returned handle is open; None while another process holds it.

    The kernel lets go of the lock when the process ends, however it ends (POSIX only: ``flock``).
    """
    handle = path.open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def is_locked(path: Path) -> bool:
    """Whether a process holds :func:`lock` on the file. Asks with a shared lock, so that two who ask do not meet."""
    try:
        with path.open("r") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # it is not there, or closed to us
        return False
    return False
