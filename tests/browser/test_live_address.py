"""The address holds the view of the dashboard: it is there after a reload, and outlives what is pressed beside it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.nets import build
from core.spec import NetSpec
from tests.browser.conftest import PATIENCE, Server
from tests.browser.test_live_vanished import choose, recorded
from tests.browser.test_train import settle, unfold_form

VIEW = "l_time=epoch&l_loss=log&l_gradient=signal_grad&l_signals=dead&l_large=gradient&l_step=3&l_layer=1"
SHOWN = """() => ({
    pressed: [...document.querySelectorAll(".dl-root [aria-pressed=true]")].map((button) => button.dataset.value),
    large: [...document.querySelectorAll(".dl-large")].map((card) => card.dataset.testid),
    step: document.querySelector(".dl-shown")?.textContent,
    layer: document.querySelector("[data-testid=card-signals] .dl-time .dl-caption")?.textContent,
})"""
CHOSEN = {
    "pressed": ["log", "epoch", "signal_grad", "dead", "blocks"],
    "large": ["card-gradient"],
    "step": "all views show step 3",
    "layer": "fc over time · dotted line: step 3",
}


@pytest.fixture
def run_id(lab: Server) -> str:
    return recorded(lab.home, build(NetSpec(depth=8, width=8)), 6)


def open_run(page: Page, lab: Server, run_id: str, view: str = "") -> None:
    page.goto(f"{lab.url}/train?run={run_id}{view and '&'}{view}")
    expect(page.get_by_test_id("live-status")).to_have_text("stopped", timeout=2 * PATIENCE)
    settle(page)


def expect_shown(page: Page, shown: dict[str, Any]) -> None:
    page.wait_for_function(f"shown => JSON.stringify(({SHOWN})()) === JSON.stringify(shown)", arg=shown)


def pick_last_layer(page: Page) -> None:
    plot = page.get_by_test_id("card-signals").locator(".dl-now .js-plotly-plot:visible .nsewdrag").bounding_box()
    assert plot
    page.mouse.click(plot["x"] + plot["width"] - 4, plot["y"] + plot["height"] / 2)
    expect(page.get_by_test_id("card-signals").locator(".dl-time .dl-caption")).to_contain_text("fc over time")


def held(page: Page) -> set[str]:
    """What the address says of the dashboard."""
    return set(re.findall(r"l_\w+=[^&]+", page.evaluate("location.search")))


def test_what_is_chosen_goes_into_the_address_and_is_there_after_a_reload(page: Page, lab: Server, run_id: str) -> None:
    open_run(page, lab, run_id)
    assert not held(page)  # it holds nothing that is usual
    page.get_by_test_id("cursor-slider").fill("3")
    for card, value in (("learns", "epoch"), ("learns", "log"), ("gradient", "signal_grad"), ("signals", "dead")):
        choose(page, card, value)
    pick_last_layer(page)
    page.get_by_test_id("card-gradient").get_by_role("button", name="Make this view large").click()
    assert held(page) == set(VIEW.split("&"))
    expect_shown(page, CHOSEN)
    page.reload()
    expect_shown(page, CHOSEN)
    assert held(page) == set(VIEW.split("&"))
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Back to all four views").click()
    page.get_by_role("button", name="back to the last step").click()
    assert held(page) == set(VIEW.split("&")) - {"l_large=gradient", "l_step=3"}


def test_the_view_outlives_what_is_pressed_beside_it(page: Page, lab: Server, run_id: str) -> None:
    recorded(lab.home, build(NetSpec(depth=14, width=8)), 6)  # to compare it with
    open_run(page, lab, run_id, VIEW)
    expect_shown(page, CHOSEN)
    unfold_form(page)
    page.get_by_text("All of CIFAR-10", exact=True).click()  # the browser writes the address anew
    expect(page).to_have_url(re.compile("data="))
    settle(page)
    assert held(page) == set(VIEW.split("&"))
    page.get_by_role("button", name="Compare with").click()
    page.locator("[class*=st-key-compare-] input").click()  # and here the server
    page.get_by_role("option").filter(has_not_text="Select all").first.click()
    page.wait_for_url(re.compile("with="))
    settle(page)
    page.wait_for_function("() => document.querySelectorAll('.dl-name').length === 2")
    assert held(page) == set(VIEW.split("&")) - {"l_step=3"}  # of two runs, the newest step is shown first


def test_what_the_address_cannot_ask_for_is_said_and_left_out(page: Page, lab: Server, run_id: str) -> None:
    open_run(page, lab, run_id, "l_time=hours&l_step=-3&l_large=learns")
    expect(page.get_by_text("choose step, epoch, seconds or macs")).to_be_visible()
    expect(page.get_by_text("give the number of a step")).to_be_visible()
    expect(page.get_by_test_id("card-learns")).to_have_class(re.compile("dl-large"))
    assert held(page) == {"l_large=learns"}


def test_a_step_that_was_not_measured_is_the_one_before(page: Page, lab: Server, run_id: str) -> None:
    open_run(page, lab, run_id, "l_step=4000")
    expect(page.locator(".dl-shown")).to_have_text("all views show step 5")
    assert held(page) == {"l_step=5"}
