"""Pages are run as the shell runs them, through Streamlit's AppTest."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from streamlit.testing.v1 import AppTest

from core.answers import ask, wire
from core.store.home import ROOT
from core.store.identity import lock
from core.web import answers
from core.web.registry import Page

SHELL = Path(__file__).parents[2] / "core" / "web" / "shell.py"


@pytest.fixture(autouse=True)
def nothing_goes_on(home: Path) -> Iterator[None]:
    """End what a test has started by pressing Train: it would go on beside all later tests."""
    yield
    if not home.exists():
        return
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get("DEPTHLAB_HOME") == str(home):
                process.kill()


@pytest.fixture
def open_page() -> Callable[..., AppTest]:
    """``open_page(subject, **query)``: that page, run once, with those query parameters in its address."""

    def run(subject: Page, **query: str) -> AppTest:
        app = AppTest.from_file(str(SHELL), default_timeout=120)
        app.query_params.update(query)
        app.switch_page(subject.path)
        return app.run()

    return run


@pytest.fixture
def starting(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The lab's inference worker does not come further than its start: its lock is held, and it says no address. What
    earlier tests were answered is forgotten."""
    monkeypatch.setattr(answers, "_shared", answers.Kept(answers.MOST_BYTES))
    home.mkdir(parents=True, exist_ok=True)
    held = lock(home / wire.LOCK)
    assert held
    with held:
        yield


@pytest.fixture(scope="module")
def warm_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A lab whose inference worker listens; it ends by itself when it is not wanted for a while."""
    home = tmp_path_factory.mktemp("lab")
    environment = os.environ | {"DEPTHLAB_HOME": str(home)}
    process = subprocess.Popen([sys.executable, "-m", "core.answers.inference"], cwd=ROOT, env=environment)
    deadline = time.monotonic() + 240
    while not wire.read_address(home):
        assert time.monotonic() < deadline
        time.sleep(0.02)  # nothing tells when another process listens
    yield home
    process.terminate()
    process.wait(60)


@pytest.fixture
def warm(warm_lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages of this test belong to that lab."""
    monkeypatch.setenv("DEPTHLAB_HOME", str(warm_lab))
    os.utime(warm_lab / wire.LOCK)
    assert ask.ready()
