"""Signals that ask a process to end."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

# By hand, by whoever stops services, by a terminal that is closed, and by Slurm before it takes the machine away.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


def heeded() -> tuple[signal.Signals, ...]:
    """Those of them that this process obeys.

    One that was ignored when it began stays ignored: that is what nohup asks for, and what a script does with Ctrl-C
    for what it starts in the background.
    """
    return tuple(number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN)


def on_end(handler: Callable[[int, Any], None]) -> None:
    """Call the handler, in the main thread, when one of the signals comes that this process obeys."""
    for number in heeded():
        signal.signal(number, handler)
