"""Runs in a browser: found, selected, named, laid beside each other, deleted and put back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.record.events import Event
from core.spec import NetSpec, RunSpec
from core.store.identity import Identity
from core.store.store import Store
from tests.browser.conftest import Server

ME = Identity(1, 1.0)
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
ROW = 35  # px


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A lab of its own, with three runs that have ended."""
    home: Path = tmp_path_factory.mktemp("few")
    store = Store(home)
    for depth in (8, 20, 56):
        run_id = store.create_run(RunSpec(net=NetSpec(depth=depth)), holder=ME)
        tests = [Event("evaluation", epoch, {"epoch": epoch, "test_accuracy": epoch / 10}) for epoch in (1, 2, 3)]
        store.append(run_id, tests, ME, status="finished", step=3)
    server = Server(home)
    yield server
    server.close()


def select(page: Page, *rows: int) -> None:
    """Tick rows of the list, counted from 1."""
    page.wait_for_selector(SETTLED)
    box = page.get_by_test_id("stDataFrame").bounding_box()
    assert box
    for row in rows:
        page.mouse.click(box["x"] + 20, box["y"] + ROW * row + ROW / 2)
        page.wait_for_selector(SETTLED)


def test_find_name_compare_delete_and_put_back(page: Page, few: Server) -> None:
    store = Store(few.home)
    page.goto(f"{few.url}/runs")
    expect(page.get_by_text("3 runs. Select runs at their left edge")).to_be_visible()
    page.get_by_role("textbox", name="Search").fill("depth>10")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 of 3 runs. Select runs")).to_be_visible()
    assert "find=depth" in page.url

    select(page, 1)  # the newest: ResNet-56
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill("My <b>deep</b> net")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Save")).to_be_hidden()
    assert [run.title for run in store.runs()] == ["My <b>deep</b> net", "", ""]

    page.get_by_role("textbox", name="Search").fill("")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 selected")).to_be_visible()  # what was selected stays so in another list
    select(page, 2)
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.locator(".st-key-runs_actions").get_by_role("link", name="Compare").click()
    page.wait_for_url("**/compare?runs=**")
    expect(page.get_by_text("My <b>deep</b> net").first).to_be_visible()

    page.goto(f"{few.url}/runs")
    select(page, 2, 3)
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete 2 runs").click()
    expect(page.get_by_text("2 runs in the bin for 24 hours")).to_be_visible()
    expect(page.get_by_text("1 run. Select runs")).to_be_visible()
    assert len(store.runs()) == 1
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("3 runs. Select runs")).to_be_visible()
    assert len(store.runs()) == 3


def test_a_link_to_a_run_that_was_deleted_says_so_and_the_rest_goes_on(page: Page, few: Server) -> None:
    from core.store import bin

    store = Store(few.home)
    deleted, *others = [run.id for run in store.runs()]
    bin.delete(store, [deleted])
    page.goto(f"{few.url}/compare?runs={deleted},{','.join(others)}")
    expect(
        page.get_by_text(re.compile("There is no run .* it was deleted, and the page Runs can put it back"))
    ).to_be_visible()
    expect(page.get_by_text("These runs differ in depth alone")).to_be_visible()
    bin.put_back(store, [deleted])
