"""What becomes of a run whose process is gone without a word."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.store.records import Run

ATTEMPTS = 3  # deaths of its own without progress before a run is given up
LATELY = 10.0  # s between the end of a process and somebody who notices
FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGINT)
MEMORY = (
    "The system ended its process because memory ran out: choose a smaller batch, depth, width or growth rate, or end "
    "other work."
)
UNSAID = (
    "Its process was ended before its first report, most likely because memory ran out: choose a smaller batch, depth, "
    "width or growth rate, or end other work."
)


def after_death(run: Run, code: int | None, out_of_memory: bool, log: Path) -> dict[str, Any]:
    """What to set of a run that was not told to stop: queued again, or ended with a sentence.

    ``code`` is how its process ended, as subprocess has it, None where nobody knows. A death counts where the run's own
    work brought it about: a crash, which would come again, or want of memory, of which the kernel tells. Who is killed
    from outside is not to blame, however often that happens, also where the run gets no further for it. What was typed
    in a terminal cannot be started again; where such a run ends before its first report, nothing is as likely as want
    of memory.
    """
    began = run.status != "starting"
    if out_of_memory and not began:
        return _failed(MEMORY)
    if run.owner == "cli":
        return (
            {"status": "stopped", "ended": time.time()}
            if began and not out_of_memory
            else _failed(MEMORY if out_of_memory else UNSAID)
        )
    from_outside = code is None or -code in FROM_OUTSIDE
    attempts = run.attempts + (out_of_memory or not from_outside)
    if attempts < ATTEMPTS:
        return {"status": "queued", "attempts": attempts}
    if out_of_memory:
        return _failed(MEMORY)
    return _failed(
        f"Its process died {ATTEMPTS} times without getting further: {log} may say why, and it can be resumed."
    )


def _failed(message: str) -> dict[str, Any]:
    return {"status": "failed", "ended": time.time(), "message": message}


class OutOfMemory:
    """Whether the kernel has just ended a process, any, for want of memory; it counts these (Linux)."""

    def __init__(self, counters: Path = Path("/proc/vmstat")) -> None:
        self.counters = counters
        self.count = self._read()
        self.seen = -LATELY

    def lately(self) -> bool:
        """To be asked often: what happened is as old as the last question."""
        before, self.count = self.count, self._read()
        if self.count > before:
            self.seen = time.monotonic()
        return time.monotonic() - self.seen < LATELY

    def _read(self) -> int:
        with suppress(OSError, ValueError):
            for line in self.counters.read_text().splitlines():
                name, _, value = line.partition(" ")
                if name == "oom_kill":
                    return int(value)
        return 0
