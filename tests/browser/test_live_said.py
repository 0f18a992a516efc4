"""What the cards say comes from the server, and never stands over a view of another step."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from core.nets import build
from core.record import file
from core.spec import NetSpec
from core.store.recordings import recording
from core.store.store import Store
from tests.browser.conftest import Server
from tests.browser.test_live_vanished import recorded

CARDS = ("learns", "gradient", "signals", "flow")


def finding(page: Page, card: str) -> Locator:
    return page.get_by_test_id(f"card-{card}").locator(".dl-finding")


def test_while_the_words_for_a_step_are_on_their_way_none_stand_there(page: Page, lab: Server) -> None:
    run = recorded(lab.home, build(NetSpec(depth=8, width=4)), steps=6)
    held: list[Route] = []
    page.route("**/api/findings?*step=1*", lambda route: held.append(route))
    page.goto(f"{lab.url}/train?run={run}")
    expect(finding(page, "gradient")).to_contain_text("Gradient: ")
    height = finding(page, "gradient").bounding_box()
    slider = page.get_by_test_id("cursor-slider")
    slider.focus()
    page.keyboard.press("Home")
    expect(finding(page, "gradient")).to_contain_text("Gradient at step 0: ")
    page.keyboard.press("ArrowRight")
    for card in CARDS:
        expect(finding(page, card)).to_have_text("")
    caption = page.get_by_test_id("card-gradient").locator(".dl-now .dl-caption").first
    expect(caption).to_contain_text("step 1")  # which is drawn at once
    assert finding(page, "gradient").bounding_box() == height
    for route in held:
        route.continue_()
    for card in CARDS[1:]:
        expect(finding(page, card)).to_contain_text("at step 1: ")
    expect(finding(page, "learns")).to_contain_text("At step 1: ")
    chart = page.get_by_test_id("card-gradient").get_by_role(
        "application", name=re.compile("Gradient at step 1: .*layer")
    )
    expect(chart).to_have_count(2)


@pytest.mark.parametrize("source", ["run", "file"])
def test_a_run_and_its_recording_say_the_same(page: Page, lab: Server, source: str) -> None:
    run = recorded(lab.home, build(NetSpec(depth=8, width=4, init="zero-gamma")))
    address: dict[str, Callable[[], str]] = {"run": lambda: f"run={run}", "file": lambda: f"file={as_file(lab, run)}"}
    page.goto(f"{lab.url}/train?{address[source]()}")
    expect(finding(page, "learns")).to_have_text("Training loss 1 at step 3, just begun")
    expect(finding(page, "flow")).to_have_text("Branch ÷ shortcut: blocks 1–3 none (the branch answers 0)")


def as_file(lab: Server, run_id: str) -> str:
    store = Store(lab.home)
    run = store.run(run_id)
    assert run
    folder = Path(lab.home / "recordings")
    folder.mkdir(exist_ok=True)
    file.write(folder / "said.dlrec", recording(store, run))
    store.close()
    return "said.dlrec"
