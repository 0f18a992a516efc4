"""The app where it may not write, without a home folder, or beside a store that is none: pages, or a sentence."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from core.record.events import Event
from core.spec import RunSpec, preset
from core.store.identity import Identity
from core.store.store import Store
from tests.browser.conftest import ROOT, Server
from tests.confined import WAYS, copy_of_the_lab, read_only

REDACTED = "[data-testid=stException]"
PATHS = ("", "architecture", "train", "xray", "inspect")


@pytest.fixture(scope="module", params=[WAYS[0], *(pytest.param(way, marks=pytest.mark.long) for way in WAYS[1:])])
def closed(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A checkout that cannot be written and holds a run, for somebody without a home folder."""
    checkout = copy_of_the_lab(ROOT, tmp_path_factory.mktemp("somebody") / "elses lab – ünd")
    store = Store(checkout / ".depthlab")
    me = Identity.me()
    run_id = store.create_run(RunSpec(net=preset("plain20")), holder=me)
    store.append(run_id, [Event("stopped", 7)], me, status="stopped", step=7, total_steps=100)
    store.close()
    log = tmp_path_factory.mktemp("log") / "server.log"
    with read_only(request.param, checkout) as before:
        server = Server(store.home, log, checkout, before, HOME="/nowhere")
        yield server
        server.close()
    assert "Traceback" not in log.read_text(), log.read_text()


def open_at(page: Page, server: Server, path: str) -> None:
    page.goto(f"{server.url}/{path}")
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


@pytest.mark.parametrize("path", PATHS)
def test_every_page_opens(page: Page, closed: Server, path: str) -> None:
    open_at(page, closed, path)
    expect(page.locator(REDACTED)).to_have_count(0)
    expect(page.locator("[data-testid=stMainBlockContainer] [data-testid=stAlertContentError]")).to_have_count(0)


def test_home_says_that_nothing_can_be_trained_and_shows_the_runs(page: Page, closed: Server) -> None:
    open_at(page, closed, "")
    expect(page.get_by_text("read-only: nothing can be trained")).to_be_visible()
    expect(page.get_by_role("link", name="Open plain-20")).to_be_visible()


def test_trained_nets_answer(page: Page, closed: Server) -> None:
    open_at(page, closed, "inspect")
    expect(page.locator(".st-key-i_finding")).to_contain_text("They disagree")


def test_train_says_one_sentence(page: Page, closed: Server) -> None:
    open_at(page, closed, "train")
    page.locator(".st-key-train button").click()
    said = page.locator("[data-testid=stAlertContentError]")
    expect(said).to_have_count(1)
    expect(said).to_contain_text("make it writable or set DEPTHLAB_HOME to a folder that is.")
    expect(page.locator(REDACTED)).to_have_count(0)


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("damaged")
    (home / "lab.db").write_bytes(b"no database, and long enough to be looked at " * 100)
    server = Server(home)
    yield server
    server.close()
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


@pytest.mark.parametrize("path", ["", "architecture", "train", pytest.param("xray", marks=pytest.mark.long), "inspect"])
def test_store_that_is_none_is_one_sentence(page: Page, damaged: Server, path: str) -> None:
    open_at(page, damaged, path)
    expect(page.locator(REDACTED)).to_have_count(0)
    if path in ("", "train", "inspect"):  # the other two need no store
        said = page.locator("[data-testid=stAlertContentError]")
        expect(said).to_have_count(1)
        expect(said).to_contain_text("lab.db is not a Depth Lab store")
        expect(said).to_contain_text("move it away and start again.")


def test_other_visitors_are_told_as_well(damaged: Server) -> None:
    """What the live views ask for."""
    answer = httpx.get(f"{damaged.url}/api/runs/any/events")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/json")
    assert "is not a Depth Lab store" in answer.json()["error"]
