"""Charts are walked through by keyboard, and what is there is said in words."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.record import file
from core.record.recording import Recording
from core.web.train.opened import SHIPPED
from tests.browser.conftest import Server
from tests.browser.test_live_player import opened


@pytest.fixture
def recording(page: Page, lab: Server) -> Recording:
    """What the page shows, and its own numbers."""
    page.emulate_media(reduced_motion="reduce")
    opened(page, lab, "file=smallresnet.dlrec")
    return file.read(SHIPPED / "smallresnet.dlrec")


def chart(page: Page, card: str, place: str) -> Locator:
    """Of a card: what is measured now (``dl-now``), or over time (``dl-time``)."""
    return page.get_by_test_id(f"card-{card}").locator(f".{place} .js-plotly-plot").first


def test_a_heatmap_is_walked_cell_by_cell_and_enter_shows_the_moment(page: Page, recording: Recording) -> None:
    looks = list(recording.of_kind("probe"))
    started = recording.last("started")
    assert started
    over_time = chart(page, "gradient", "dl-time")
    over_time.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight"):
        over_time.press(key)  # the first one goes to the first layer, at the first measurement
    said = over_time.locator(".dl-spoken")
    expect(said).to_contain_text(f"layer 3, {started['layers'][2]}")
    number = float(said.inner_text().split(", ")[-1].replace("−", "-").replace("µ", "e-6").replace("m", "e-3"))
    assert number == pytest.approx(looks[2].payload["weight_grad"][2], rel=0.01)
    over_time.press("Enter")
    expect(page.get_by_test_id("cursor-chip")).to_contain_text(f"all views show step {looks[2].step}")
    over_time.press("Home")
    expect(said).to_have_text(re.compile("^layer 3, "))
    over_time.press("Escape")
    expect(said).to_have_text("")
    expect(page.get_by_test_id("cursor-chip")).to_contain_text(f"step {looks[2].step}")  # which the second Esc leaves
    over_time.press("Escape")
    expect(page.get_by_test_id("cursor-chip")).to_contain_text("the last step")


def test_layers_are_walked_and_one_is_picked(page: Page, recording: Recording) -> None:
    started = recording.last("started")
    assert started
    shapes = chart(page, "signals", "dl-now")
    shapes.focus()
    for _ in range(5):
        shapes.press("ArrowDown")
    said = shapes.locator(".dl-spoken")
    expect(said).to_contain_text(started["layers"][4])
    shapes.press("Enter")
    expect(page.get_by_test_id("card-signals").locator(".dl-panel").last).to_contain_text(started["layers"][4])
    bars = chart(page, "gradient", "dl-now")
    bars.focus()
    bars.press("End")
    bars.press("End")
    expect(bars.locator(".dl-spoken")).to_contain_text(started["layers"][-1])


def test_arrows_within_a_chart_go_nowhere_else(page: Page, recording: Recording) -> None:
    curve = page.get_by_test_id("card-learns").locator(".js-plotly-plot").first
    heard = (
        "window.heard = []; document.querySelector('.dl-root').addEventListener('keydown', (e) => heard.push(e.key))"
    )
    page.evaluate(heard)
    curve.focus()
    for key in ("ArrowRight", "PageDown", " "):  # a step of the run is the arrow's elsewhere
        curve.press(key)
    assert page.evaluate("heard") == [" "]
    expect(curve.locator(".dl-spoken")).not_to_be_empty()
