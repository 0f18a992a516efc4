"""``python -m core WORDS`` as tests type it: within their own process, or in another where the process is the point."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

import torch

from core.__main__ import main
from core.signals import ENDING
from core.store.home import ROOT

Done = subprocess.CompletedProcess[str]


def started(*words: object, **options: Any) -> Done:
    """It ran in a process of its own, which costs seconds where torch is imported."""
    command = [sys.executable, "-m", "core", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)


def called(*words: object) -> Done:
    """It ran in this process, on one thread, and left nothing behind.

    Not for what trains: glibc cannot forget how a process that trains keeps its memory. Not for what serves: the server
    would take the place of this process.
    """
    assert words[0] != "serve"
    out, err = StringIO(), StringIO()
    environment, threads = dict(os.environ), torch.get_num_threads()
    handlers = {number: signal.getsignal(number) for number in ENDING}
    torch.set_num_threads(1)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = _code(list(map(str, words)))
    finally:
        torch.set_num_threads(threads)
        os.environ.clear()
        os.environ.update(environment)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return Done([*map(str, words)], code, out.getvalue(), err.getvalue())


def _code(words: list[str]) -> int:
    try:
        return main(words)
    except SystemExit as end:  # argparse has printed something
        return end.code if isinstance(end.code, int) else 0
