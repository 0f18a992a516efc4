"""Where the lab and its state lie."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from core.folders import named

ROOT = Path(__file__).resolve().parents[2]  # where app.py lies and core can be imported
LOCK = "supervisor.lock"  # locked by the supervisor for as long as it lives
LOG = "supervisor.log"
CHECKPOINT = re.compile(r"checkpoint-(\d+)\.safetensors")


def home() -> Path:
    """Where the lab keeps its state: $DEPTHLAB_HOME, or .depthlab beside app.py."""
    return named(os.environ.get("DEPTHLAB_HOME") or ROOT / ".depthlab").absolute()


def weights() -> Path:
    """Where published weights are kept that were fetched here."""
    return home() / "weights"


def checkpoints(folder: Path) -> list[Path]:
    """A run's checkpoints, the oldest first."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return sorted((path for path in folder.iterdir() if CHECKPOINT.fullmatch(path.name)), key=step_of)
    return []


def step_of(path: Path) -> int:
    found = CHECKPOINT.fullmatch(path.name)
    return int(found[1]) if found else -1
