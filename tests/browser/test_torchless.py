"""The app where PyTorch is missing: all that needs none works, the rest is one sentence, and no process is started."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.processes.torchless import MISSING
from core.record.events import Event
from core.spec import RunSpec, preset
from core.store.identity import Identity
from core.store.store import Store
from tests.browser.conftest import ROOT, Server
from tests.confined import copy_of_the_lab

MOST_MB = 600  # of the environment that make view makes
PAIR = "smallresnet.dlrec,smallresnet-nobn.dlrec"


class Viewed(Server):
    """Served by make view, from an environment that it has made."""

    def _words(self) -> list[str]:
        return ["make", "view", f"PORT={self.port}"]


def made(folder: Path) -> Path:
    """A checkout with the environment of make view."""
    checkout = copy_of_the_lab(ROOT, folder / "checkout")
    for path in (ROOT / "Makefile", *ROOT.glob("requirements*")):
        shutil.copy(path, checkout)
    command = ["make", "-n", "view"]
    typed = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True).stdout
    assert ".view/bin/python -m core serve" in typed
    subprocess.run(
        ["make", ".view/.run", "VENV=.view", "NEEDED=requirements-view", "SMALL=--no-compile"], cwd=checkout, check=True
    )
    return checkout


@pytest.fixture(scope="module", params=["hidden", pytest.param("made", marks=pytest.mark.long)])
def torchless(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Server]:
    """Without torch, because none is found or because make view has installed none; with a run that was stopped."""
    folder = tmp_path_factory.mktemp("torchless")
    store = Store(folder / "lab")
    me = Identity.me()
    run_id = store.create_run(RunSpec(net=preset("plain20")), holder=me)
    store.append(run_id, [Event("stopped", 7)], me, status="stopped", step=7, total_steps=100)
    store.close()
    if request.param == "hidden":
        (folder / "sitecustomize.py").write_text('import sys\nsys.modules["torch"] = None\n')
        server = Server(store.home, PYTHONPATH=str(folder))
    else:
        server = Viewed(store.home, checkout=made(folder))
    yield server
    started = [" ".join(process.cmdline()) for process in server.engine_processes()]
    log = server.log.read_text()
    server.close()
    assert not [command for command in started if "core." in command]
    assert [path.name for path in store.home.rglob("*.log")] == ["server.log"]
    assert "Traceback" not in log, log
    assert log.count(MISSING) == 1
    if request.param == "made":
        taken = subprocess.run(["du", "-sm", server.checkout / ".view"], capture_output=True, text=True, check=True)
        size = int(taken.stdout.split()[0])
        assert size <= MOST_MB, size


def open_at(page: Page, server: Server, path: str) -> None:
    page.goto(f"{server.url}/{path}")
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    expect(page.locator("[data-testid=stException], [data-testid=stAlertContentError]")).to_have_count(0)


@pytest.mark.parametrize("path", ["", "architecture", "train", "runs", "compare", "run?file=plain-56.dlrec"])
def test_every_page_that_needs_none_opens(page: Page, torchless: Server, path: str) -> None:
    open_at(page, torchless, path)
    expect(page.locator("[data-testid=stAlert]")).to_have_count(0)


def test_home_says_it(page: Page, torchless: Server) -> None:
    open_at(page, torchless, "")
    expect(page.get_by_text(MISSING)).to_be_visible()
    expect(page.get_by_text("warming up")).to_have_count(0)


def test_recordings_play_and_are_compared(page: Page, torchless: Server) -> None:
    open_at(page, torchless, f"compare?runs={PAIR}")
    expect(page.get_by_text("These runs differ in norm alone")).to_be_visible()
    expect(page.locator(".js-plotly-plot .scatterlayer path.js-line").first).to_be_attached()


def test_xray_shows_what_was_measured_elsewhere(page: Page, torchless: Server) -> None:
    open_at(page, torchless, "xray")
    expect(page.get_by_text("Measured by this project")).to_be_visible()
    expect(page.locator("[data-testid=stAlertContentInfo]")).to_contain_text(MISSING)


def test_inspect_says_it_once(page: Page, torchless: Server) -> None:
    open_at(page, torchless, "inspect")
    expect(page.locator("[data-testid=stAlertContentInfo]").get_by_text(MISSING)).to_have_count(1)


def test_what_would_train_says_it_and_leaves_the_runs_alone(page: Page, torchless: Server) -> None:
    open_at(page, torchless, "train")
    page.locator(".st-key-train button").click()
    expect(page.get_by_text(MISSING)).to_be_visible()
    store = Store(torchless.home)
    assert [run.status for run in store.runs()] == ["stopped"]
    store.close()
