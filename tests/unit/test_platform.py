"""Where the lab cannot run, every way in says so in one sentence, without a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.store.home import ROOT

# Loaded by Python as it starts: from the first import of core on, the machine is another one.
ELSEWHERE = {
    "windows": "sys.platform = 'win32'; sys.modules['fcntl'] = None",
    "an old Python": "sys.version_info = (3, 10, 13)",
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
    "an old Python": "Depth Lab needs Python 3.11 or later, and this is 3.10: install a newer one.",
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
