"""Where PyTorch is missing, pages say so in a sentence and no process is started, again and again, to find out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MISSING = "PyTorch is not installed, so nothing can be trained or asked of nets: pip install -r requirements.txt."


@pytest.fixture
def without_torch(tmp_path: Path) -> dict[str, str]:
    """An environment whose Python finds no torch."""
    (tmp_path / "sitecustomize.py").write_text('import sys\nsys.modules["torch"] = None\n')
    return os.environ | {"PYTHONPATH": str(tmp_path), "DEPTHLAB_HOME": str(tmp_path / "lab")}


def test_nothing_is_started_and_everything_says_why(without_torch: dict[str, str], tmp_path: Path) -> None:
    code = """
from core.answers import ask
from core.engine import client
from core.store.database import EngineError
from core.spec import RunSpec
for question in (ask.ensure_inference, client.ensure_supervisor, lambda: client.submit(RunSpec()),
                 lambda: ask.ask("xray", {}, "topic")):
    try:
        question()
    except EngineError as error:
        print(error)
print(client.engine_line())
print(len(client.runs()))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=without_torch, capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines() == [MISSING] * 5 + ["0"]
    assert not list(tmp_path.rglob("*.log"))


def test_what_needs_no_torch_works(without_torch: dict[str, str]) -> None:
    def core(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "core", *words]
        return subprocess.run(command, cwd=ROOT, env=without_torch, capture_output=True, text=True)

    assert "269,722" in core("describe", "resnet20").stdout
    refused = core("train", "resnet20", "--epochs", "1")
    assert (refused.returncode, refused.stderr.strip()) == (2, MISSING)
