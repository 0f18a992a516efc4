"""Every test has its own lab: DEPTHLAB_HOME points to a temporary folder."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lab"
    monkeypatch.setenv("DEPTHLAB_HOME", str(folder))
    return folder
