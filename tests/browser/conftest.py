"""A real server with real workers, and Debian's Chromium, for journeys through the app."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from core.record.events import Command
from core.store.store import Store
from core.vocabulary.states import ACTIVE
from tests.processes import end_all, of_lab

ROOT = Path(__file__).parents[2]
PATIENCE = 45_000  # ms that anything may take on a machine that is busy with the rest of the tests

expect.set_options(timeout=PATIENCE)


class Server:
    """The app on a free port, with its own DEPTHLAB_HOME; it can be stopped and started again.

    ``checkout`` is where app.py lies; ``before`` are words before the command, ``log`` is for a home that cannot be
    written, and ``base`` is the path below which ``core serve`` serves it.
    """

    def __init__(
        self,
        home: Path,
        log: Path | None = None,
        checkout: Path = ROOT,
        before: Sequence[str] = (),
        base: str = "",
        **environment: str,
    ) -> None:
        self.home, self.checkout, self.before, self.environment = home, checkout, before, environment
        self.base = base
        if log is None:
            home.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://localhost:{self.port}{base}"
        self.log = log or home / "server.log"
        self.start()

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [*self.before, *self._words()],
                cwd=self.checkout,
                env=os.environ | {"DEPTHLAB_HOME": str(self.home)} | self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._await_health()

    def _words(self) -> list[str]:
        if self.base:
            return [sys.executable, "-m", "core", "serve", "--port", str(self.port), "--base-path", self.base]
        return [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]

    def _await_health(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"{self.url}/_stcore/health").text == "ok":
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)  # nothing tells when a server begins to listen
        raise AssertionError(f"the server did not start: {self.log.read_text()}")

    def kill(self, how: int = signal.SIGKILL) -> None:
        self.process.send_signal(how)
        self.process.wait(20)

    def engine_processes(self) -> list[psutil.Process]:
        """Supervisor and workers of this lab; they outlive the server by design."""
        return [process for process in of_lab(self.home) if process.pid != self.process.pid]

    def bytes_held(self) -> int:
        """Of uploaded files, for all sessions: one that has ended is kept for some time."""
        metrics = httpx.get(f"{self.url}/_stcore/metrics").text
        return sum(int(number) for number in re.findall(r'cache_type="UploadedFileManager".*} (\d+)', metrics))

    def close(self) -> None:
        self.kill(signal.SIGTERM)
        end_all(self.home)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all journeys; each uses runs of its own."""
    server = Server(tmp_path_factory.mktemp("lab"))
    yield server
    server.close()
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


@pytest.fixture(autouse=True)
def free_slot(request: pytest.FixtureRequest) -> Iterator[None]:
    """Stop what a failed test left running, so that the next one need not queue behind it."""
    lab: Server | None = request.getfixturevalue("lab") if "lab" in request.fixturenames else None
    yield
    if lab is None:
        return
    store = Store(lab.home)
    for run in store.runs(ACTIVE):
        store.send(run.id, Command("stop"))
    for run in store.queue():
        store.update(run.id, {"queued"}, status="stopped", ended=time.time())
    store.close()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
    return browser_type_launch_args | {"executable_path": shutil.which("chromium"), "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return browser_context_args | {"viewport": {"width": 1440, "height": 900}}


def is_ours(message: ConsoleMessage) -> bool:
    """Whether the console shows an error of the app: on a deep link Streamlit itself tries paths that are not there."""
    return message.type == "error" and "/_stcore/" not in message.location["url"]


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A tab that must not report an error of its own."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if is_ours(message) else None)
    page.set_default_timeout(PATIENCE)
    yield page
    page.close()
    assert not errors
