"""The lab without a browser: ``python -m core describe|train|runs|...``, and ``--help`` for all of it."""

from __future__ import annotations

import signal
import sys
from importlib import import_module

from core.cli.arguments import parse
from core.cli.output import guarded
from core.processes.refusals import REFUSALS
from core.processes.torchless import check_torch


def main(words: list[str] | None = None) -> int:
    """Do what was typed; the exit code. What is wrong is one sentence on standard error, and code 2."""
    typed = parse(words)
    try:
        if typed.torch:
            check_torch()
        module = import_module(f"core.cli.{typed.module}")  # no other command's imports are waited for
        return int(getattr(module, typed.command)(typed) or 0)
    except REFUSALS as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(guarded(main))
