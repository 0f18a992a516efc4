"""Where the lab cannot run, every way in says so in one sentence, without a traceback."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from core.store.home import ROOT

# Loaded by Python as it starts: from the first import of core on, the machine is another one.
ELSEWHERE = {
    "windows": "sys.platform = 'win32'; sys.modules['fcntl'] = None",
    "an old Python": "sys.version_info = (3, 10, 13)",
    "a new Python": "sys.version_info = (3, 14, 0)",
}
HOOK = """
import sys

class Elsewhere:
    def find_spec(self, name, path=None, target=None):
        if name == "core":
            {change}
        return None

sys.meta_path.insert(0, Elsewhere())
"""
SAID = {
    "windows": "Depth Lab needs Linux or macOS: on Windows, run it in WSL (the Windows Subsystem for Linux).",
    "an old Python": "Depth Lab needs Python 3.11, 3.12 or 3.13, and this is 3.10: install one of these.",
    "a new Python": "Depth Lab needs Python 3.11, 3.12 or 3.13, and this is 3.14: install one of these.",
}
WAYS = {
    "the command line": ["-m", "core", "describe", "resnet20"],
    "fetching": ["-m", "core.data.fetch", "nowhere"],
    "the server": ["-m", "streamlit", "run", "app.py", "--server.headless", "true", "--server.port", "0"],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", ELSEWHERE)
def test_one_sentence(tmp_path: Path, place: str, way: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(HOOK.format(change=ELSEWHERE[place]))
    done = subprocess.run(
        [sys.executable, *WAYS[way]],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert said[-1] == SAID[place]
    assert "Traceback" not in done.stdout + done.stderr


def test_the_pythons_of_pyproject_and_no_others_are_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """That they are these three is held in test_lock.py."""
    let_in = []
    for minor in range(6, 20):
        monkeypatch.setattr(sys, "version_info", (3, minor, 0))
        with suppress(SystemExit):
            runpy.run_path(str(ROOT / "core" / "__init__.py"))
            let_in.append(minor)
    assert let_in == [11, 12, 13]
