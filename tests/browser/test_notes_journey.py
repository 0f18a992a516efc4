"""Notes are pinned on the dashboard, marked on its bar of time, and open what was seen; so do trees of runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.engine.race import execute
from core.nets import build
from core.record.events import Event
from core.spec import NetSpec, ProbeSpec, RunSpec, TrainSpec
from core.store import notes
from core.store.identity import Identity
from core.store.store import Store
from tests.browser.conftest import Server
from tests.browser.test_live_vanished import recorded
from tests.browser.test_runs_journey import select

NET = NetSpec(depth=8, width=4)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A lab of its own."""
    home: Path = tmp_path_factory.mktemp("own")
    server = Server(home)
    yield server
    server.close()


def test_a_note_is_pinned_marked_and_opens_what_was_seen(page: Page, own: Server) -> None:
    run = recorded(own.home, build(NET), steps=6)
    page.goto(f"{own.url}/train?run={run}&l_gradient=update_ratio&l_step=3")
    expect(page.get_by_test_id("cursor-chip")).to_contain_text("all views show step 3")
    page.get_by_role("button", name="Pin a note").click()
    expect(page.get_by_text("Note at step 3")).to_be_visible()
    text = page.get_by_role("textbox", name="What is to be remembered here")
    expect(text).to_be_focused()
    page.get_by_label(re.compile("at its layer ")).check()
    text.fill("<b>here</b>\nשלום")
    page.keyboard.press("Control+Enter")
    mark = page.locator(".dl-tick[data-kind=note]")
    expect(mark).to_have_count(1)
    [note] = notes.of_runs(Store(own.home), [run])
    assert (note.step, note.text) == (3, "<b>here</b>\nשלום")
    assert note.layer
    label = mark.get_attribute("aria-label") or ""
    assert label.startswith("step 3: Note: ")
    assert f"{note.layer}: <b>here</b> שלום" in label
    page.get_by_test_id("cursor-slider").focus()
    page.keyboard.press("End")
    expect(page.get_by_test_id("cursor-chip")).to_contain_text("all views show the last step")
    mark.click()
    expect(page.get_by_test_id("cursor-chip")).to_contain_text("all views show step 3")

    page.goto(f"{own.url}/run?run={run}")
    expect(page.locator(".note")).to_have_text("<b>here</b>\nשלום")
    page.get_by_role("link", name=f"step 3 · {note.layer}").click()
    page.wait_for_url(f"**/train?run={run}**")
    expect(page.get_by_test_id("cursor-chip")).to_contain_text("all views show step 3")
    assert "l_gradient=update_ratio" in page.url


def test_a_note_that_is_refused_is_still_there(page: Page, own: Server) -> None:
    run = recorded(own.home, build(NET), steps=6)
    page.goto(f"{own.url}/train?run={run}")
    page.get_by_role("button", name="Pin a note").click()
    text = page.get_by_role("textbox", name="What is to be remembered here")
    text.fill("x" * 10_000)
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_text("A note of 10,000 characters is too long: write at most 2,000.")).to_be_visible()
    expect(text).to_be_visible()
    expect(text).to_have_value("x" * 10_000)
    page.keyboard.press("Escape")
    expect(text).to_be_hidden()
    assert notes.of_runs(Store(own.home), [run]) == []


def test_a_tree_opens_a_run_where_it_leaves_its_parent(page: Page, own: Server) -> None:
    first = recorded(own.home, build(NET), steps=6)
    store = Store(own.home)
    child = store.create_run(RunSpec(net=NET.but(skip=False)), holder=Identity(1, 1.0), parent=first, fork_step=4)
    store.update(child, {"starting"}, status="stopped", step=6)
    notes.write(store, first, 2, "look here", view="l_flow=ledger")
    page.goto(f"{own.url}/run?run={child}")
    tree = page.get_by_test_id("lineage")
    line = tree.get_by_role("link", name=re.compile("from step 4: without skips"))
    expect(line).to_be_visible()
    line.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/train?run={child}&with={first}&l_step=4**")
    page.goto(f"{own.url}/runs?bin=Tree&find={first}")
    tree.get_by_role("link", name="Note at step 2: look here").click()
    page.wait_for_url(f"**/train?run={first}**")
    assert {"l_flow=ledger", "l_step=2"} <= {*page.url.partition("?")[2].split("&")}


def test_runs_looks_by_itself_for_what_is_new(page: Page, tmp_path: Path) -> None:
    store = Store(tmp_path / "lab")
    run = store.create_run(RunSpec(net=NET), owner="cli", holder=Identity.me())
    server = Server(tmp_path / "lab")
    try:
        page.goto(f"{server.url}/runs")
        expect(page.get_by_text("1 run. Select runs at their left edge")).to_be_visible()
        select(page, 1)
        expect(page.get_by_text("1 selected")).to_be_visible()
        store.append(run, [Event("evaluation", 4, {"epoch": 1, "test_accuracy": 0.5})], Identity.me(), status="running")
        other = store.create_run(RunSpec(net=NET.but(depth=14)), owner="cli", holder=Identity.me())
        expect(page.get_by_text("1 selected")).to_be_visible()
        page.get_by_role("button", name="Rename").click()
        expect(page.get_by_role("textbox", name="Name")).to_be_visible()
        page.wait_for_timeout(4000)  # longer than it waits until it looks again
        expect(page.get_by_role("textbox", name="Name")).to_be_visible()
        page.keyboard.press("Escape")
        select(page, 2)  # the first one, which is the second now
        expect(page.get_by_text("2 runs. Select runs at their left edge").first).to_be_visible()
        for each in (run, other):
            store.update(each, {"starting", "running"}, status="finished")
        page.goto("about:blank")
    finally:
        server.close()


def test_a_film_of_a_picture_moves_with_the_bar_of_time(page: Page, own: Server) -> None:
    """Also between two measurements, where the bar itself has no moment."""
    spec = RunSpec(
        net=NET,
        train=TrainSpec(epochs=1, batch_size=500, precision="float32", device="cpu", threads=1),
        probes=ProbeSpec(film=60, budget=1.0),  # many moments, but not each step
    )
    store = Store(own.home)
    run = store.create_run(spec, owner="cli", holder=Identity.me())
    assert execute(store, [run])[0].status == "finished"
    page.goto(f"{own.url}/train?run={run}")
    page.get_by_role("button", name="Film").click()
    page.get_by_text("Show a picture at each checkpoint").click()
    film = page.get_by_role("group", name=re.compile("Film of "))
    frames = film.get_by_role("button")
    expect(frames).to_have_count(11)
    expect(page.get_by_text("11 checkpoints are kept; its film has up to 60.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Show a picture at each checkpoint")).to_be_hidden()  # its button has the focus again
    now = film.locator("[aria-current]")
    expect(now).to_have_attribute("aria-label", re.compile("^step 10: "))
    slider = page.get_by_test_id("cursor-slider")
    slider.press("Home")
    expect(now).to_have_attribute("aria-label", re.compile("^step 0: "))
    film.get_by_role("button", name=re.compile("^step 7: ")).click()
    expect(now).to_have_attribute("aria-label", re.compile("^step 7: "))
    expect(page.get_by_test_id("cursor-chip")).to_contain_text(re.compile("all views show step [1-7]"))
    slider.press("Home")
    expect(now).to_have_attribute("aria-label", re.compile("^step 0: "))
