"""Labs with real processes, each in a temporary DEPTHLAB_HOME."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.engine import client
from tests.engine.engines import ENVIRONMENT, Engine


@pytest.fixture
def engine(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A lab of its own, with a supervisor, for tests that kill."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    engine = Engine(home)
    client.ensure_supervisor()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One lab for a module's tests, whose workers stay warm."""
    engine = Engine(tmp_path_factory.mktemp("lab"))
    engine.start_supervisor()
    yield engine
    engine.close()


@pytest.fixture
def lab(shared: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The module's lab, with nothing going on in it."""
    monkeypatch.setenv("DEPTHLAB_HOME", str(shared.home))
    yield shared
    for run in shared.store.runs(("queued", "starting", "running", "paused")):
        client.command(run.id, "stop")
        shared.until_status(run.id, "stopped", "finished")
