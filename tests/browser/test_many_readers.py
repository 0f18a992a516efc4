"""Many who look at one lab at once, and a run that is deleted while it is looked at: the rest goes on."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core.record.events import Event
from core.spec import RunSpec, TrainSpec
from core.store import bin
from core.store.identity import Identity
from core.store.store import Store
from tests.browser.conftest import PATIENCE, Server

ME = Identity.me()
READERS = 20
ANSWERED = 1.0  # s within which half of all questions are, on a machine that does much else
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"


def told(store: Store, spec: RunSpec, steps: int = 40) -> str:
    """A run that has reported so many steps and was stopped."""
    run_id = store.create_run(spec, holder=ME)
    traces = {name: np.linspace(2, 1, steps, dtype=np.float32) for name in ("loss", "accuracy", "lr")}
    pace = {"seconds": 1.0, "seconds_left": 0.0, "images_per_second": 9.0, "epoch": 1.0}
    metrics = Event("metrics", steps, {"steps": np.arange(1, steps + 1, dtype=np.int32), **traces, **pace})
    store.append(run_id, [metrics, Event("stopped", steps)], ME, status="stopped", step=steps)
    return run_id


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    store = Store(tmp_path_factory.mktemp("many"))
    for seed in range(4):
        told(store, RunSpec(train=TrainSpec(seed=seed)))
    store.close()
    server = Server(store.home)
    yield server
    server.close()
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


def ids(server: Server) -> list[str]:
    store = Store(server.home)
    found = [run.id for run in store.runs()]
    store.close()
    return found


def test_twenty_readers_are_answered(server: Server) -> None:
    """Each asks as a tab does: from the beginning, then once a second for what is new, for one run after the other."""
    runs, end = ids(server), time.monotonic() + 8
    waited: list[float] = []
    wrong: list[object] = []

    def read(number: int) -> None:
        with httpx.Client(base_url=server.url, timeout=30) as client:
            after = 0
            while time.monotonic() < end:
                began = time.monotonic()
                answer = client.get(f"/api/runs/{runs[number % len(runs)]}/events", params={"after": after})
                waited.append(time.monotonic() - began)
                if answer.status_code != 200 or (after == 0) != bool(answer.json()["events"]):
                    wrong.append((answer.status_code, answer.text[:200]))
                    return
                after = answer.json()["seq"]
                time.sleep(max(0.0, 1 - waited[-1]))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong
    assert len(waited) >= 2 * READERS
    assert statistics.median(waited) < ANSWERED


def opened(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/compare?runs={','.join(ids(server)[:2])}")
    page.wait_for_selector(SETTLED)


@pytest.mark.long
def test_twenty_tabs_are_drawn_and_one_more_is_too(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    pages = [context.new_page() for _ in range(READERS)]
    for page in pages:
        page.goto(f"{server.url}/compare?runs={','.join(ids(server)[:2])}", wait_until="commit")
    for page in pages:
        expect(page.get_by_text("What differs, and what came of it")).to_be_visible(timeout=3 * PATIENCE)
        expect(page.locator(".js-plotly-plot path.js-line").first).to_be_attached(timeout=3 * PATIENCE)
    one_more = context.new_page()
    opened(one_more, server)
    expect(one_more.locator(".js-plotly-plot path.js-line").first).to_be_attached()
    assert httpx.get(f"{server.url}/_stcore/health").text == "ok"
    context.close()


def test_a_run_deleted_while_it_is_compared_is_told_and_the_other_stays(browser: Browser, server: Server) -> None:
    store = Store(server.home)
    page = browser.new_page()  # the console of another tab may not tell of what is not found
    kept, gone = (told(store, RunSpec(train=TrainSpec(seed=seed))) for seed in (7, 8))
    page.goto(f"{server.url}/compare?runs={kept},{gone}")
    page.wait_for_selector(SETTLED)
    expect(page.get_by_text("What differs, and what came of it")).to_be_visible()
    bin.delete(store, [gone])
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # who comes back to a tab is told at once
    expect(page.get_by_text("There is no run")).to_be_visible()  # in its line of state
    expect(page.locator(".js-plotly-plot path.js-line").first).to_be_attached()
    page.reload()
    page.wait_for_selector(SETTLED)
    expect(page.locator("[data-testid=stAlertContentWarning]")).to_contain_text("the page Runs can put it back")
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect(page.locator(".js-plotly-plot path.js-line").first).to_be_attached()
    page.close()
    store.close()
