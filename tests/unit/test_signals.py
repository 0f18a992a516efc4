"""Which signals end a process, and that the tests do not depend on those they inherit."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.signals import ENDING, heeded, on_end
from core.store.home import ROOT

HERE = Path(__file__)


def test_tests_have_their_own_signals() -> None:
    assert heeded() == ENDING
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("ignored", ["", "INT", "INT QUIT", "HUP", "HUP INT TERM USR1 PIPE"])
def test_tests_do_not_inherit_signals(ignored: str) -> None:
    """make test & in a script, under nohup, or from whoever ignores them."""
    again = f"{HERE}::{test_tests_have_their_own_signals.__name__}"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", again]
    done = subprocess.run(
        ["sh", "-c", f'trap "" {ignored}; exec "$@"' if ignored else 'exec "$@"', "sh", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
@pytest.mark.parametrize("inherited", [signal.SIG_DFL, signal.SIG_IGN])
def test_ignored_stays_ignored(number: signal.Signals, inherited: signal.Handlers) -> None:
    code = (
        "import os, signal, sys; from core.signals import on_end\n"
        "on_end(lambda number, frame: sys.exit(100 + number))\n"
        f"os.kill(os.getpid(), {int(number)}); print('goes on')"
    )

    def inherit() -> None:
        signal.signal(number, inherited)

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=inherit
    )
    if inherited is signal.SIG_IGN:
        assert (done.returncode, done.stdout) == (0, "goes on\n")
    else:
        assert done.returncode == 100 + number


def test_a_handler_is_called_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up: dict[int, object] = {}
    monkeypatch.setattr(signal, "signal", set_up.__setitem__)
    on_end(print)
    assert set_up == dict.fromkeys(ENDING, print)
