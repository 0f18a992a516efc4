"""Every test has its own lab: DEPTHLAB_HOME points to a temporary folder."""

from pathlib import Path

import pytest

from core.engine.processor import be_a_good_neighbour

be_a_good_neighbour()  # tests and the processes they start share two cores


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lab"
    monkeypatch.setenv("DEPTHLAB_HOME", str(folder))
    return folder
