"""What was measured plays by itself where nothing was trained yet, and fills the window for a projector."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from core.record import file
from core.web.train.opened import SHIPPED
from tests.browser.conftest import Server
from tests.browser.test_train import settle

SIZES = """() => [...document.querySelectorAll(".dl-root *")]
    .filter((node) => node.checkVisibility())
    .filter((node) => [...node.childNodes].some((part) => part.nodeType === 3 && part.data.trim()))
    .map((node) => parseFloat(getComputedStyle(node).fontSize))"""
# of what Plotly leaves for plots between its margins, where several stand one below the other: of all
HEIGHTS = """() => [...document.querySelectorAll(".dl-root .js-plotly-plot")]
    .filter((plot) => plot.checkVisibility() && plot.clientHeight)
    .map((plot) => plot._fullLayout._size.h)"""
VEILS = """() => [...document.querySelectorAll(".dl-veil > div")].map((veil) => veil.style.transform)"""

# of each trace in a chart that is painted
DRAWN_BY_PLOTLY = """() => {
    const traces = [...document.querySelectorAll(".dl-filmed :is(.trace, .hm)")]
    return traces.length ? traces.map((trace) => trace.checkVisibility({ opacityProperty: true })) : null
}"""

SHOWN_STEPS = """() => {
    const shown = document.querySelector(".dl-shown")
    window.shownSteps = []
    new MutationObserver(() => window.shownSteps.push(shown.textContent)).observe(shown, {childList: true})
}"""


def opened(page: Page, lab: Server, query: str = "") -> None:
    page.goto(f"{lab.url}/train?{query}")
    expect(page.get_by_test_id("card-learns").locator("h3")).not_to_be_empty()
    settle(page)


def test_a_recording_plays_until_it_is_paused_and_from_there_again(page: Page, lab: Server) -> None:
    opened(page, lab)
    chip = page.get_by_test_id("cursor-chip")
    expect(chip).to_contain_text(re.compile(r"all views show step \d"))  # it moves without a click
    first = chip.inner_text()
    expect(chip).not_to_have_text(first)
    page.get_by_role("button", name="Pause the replay").click()
    shown, places = chip.inner_text(), page.evaluate(VEILS)
    assert places  # the future lies under a veil
    assert f"l_step={re.findall(r'[0-9]+', shown.replace(',', ''))[0]}" in page.url  # what is shown is in the address
    page.get_by_test_id("cursor-slider").press("End")
    expect(chip).to_contain_text("all views show the last step")
    page.wait_for_function(f"!({VEILS})().length")
    page.get_by_role("button", name="Replay what was measured").click()
    expect(chip).to_contain_text("all views show step 0")  # from the end it begins anew
    page.get_by_role("button", name="Speed of the replay: 1×").click()
    expect(page.get_by_role("button", name="Speed of the replay: 2×")).to_be_visible()


def test_a_link_that_says_playing_opens_playing(page: Page, lab: Server) -> None:
    opened(page, lab, "file=smallresnet.dlrec&l_state=playing&l_step=40")
    chip = page.get_by_test_id("cursor-chip")
    expect(page.get_by_role("button", name="Pause the replay")).to_be_visible()
    expect(chip).not_to_contain_text("step 40")
    page.get_by_role("button", name="Pause the replay").click()
    page.wait_for_function("!location.search.includes('l_state')")
    page.get_by_role("button", name="Replay what was measured").click()
    page.wait_for_url("**l_state=playing**")
    opened(page, lab, "file=smallresnet.dlrec&l_state=flying")
    expect(page.get_by_text("write playing, or leave it out")).to_be_visible()
    expect(page.get_by_role("button", name="Replay what was measured")).to_be_visible()


def test_while_it_plays_layers_are_painted_and_on_pause_plotly_draws_what_is_shown(page: Page, lab: Server) -> None:
    opened(page, lab, "file=smallresnet.dlrec&l_state=playing&l_speed=4")
    page.wait_for_function("() => document.querySelector('[data-testid=card-gradient] .dl-filmed .dl-film')")
    seen = page.wait_for_function(DRAWN_BY_PLOTLY).json_value()
    assert set(seen) == {False}  # what Plotly drew before is not seen beside what is painted
    page.get_by_role("button", name="Pause the replay").click()
    expect(page.locator(".dl-film")).to_have_count(0)
    card = page.get_by_test_id("card-gradient")
    step = int(re.findall(r"step ([\d,]+)", card.locator(".dl-now .dl-caption").inner_text())[0].replace(",", ""))
    drawn = page.evaluate("[...document.querySelector('[data-testid=card-gradient] .js-plotly-plot').data[0].y]")
    looks = {event.step: event.payload for event in file.read(SHIPPED / "smallresnet.dlrec").of_kind("probe")}
    assert drawn == pytest.approx(looks[step]["weight_grad"].tolist())


def test_a_replay_goes_round_in_a_part_that_the_address_holds(page: Page, lab: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, lab, "l_from=32&l_to=8")
    expect(page.get_by_text("the loop begins at step 32: give a later one")).to_be_visible()
    page.wait_for_function("!location.search.includes('l_to')")
    slider, chip = page.get_by_test_id("cursor-slider"), page.get_by_test_id("cursor-chip")
    slider.fill("16")
    expect(chip).to_contain_text("all views show step 16")
    page.locator(".dl-root").press("o")  # before its beginning: that is dropped
    page.wait_for_function("location.search.includes('l_to=16') && !location.search.includes('l_from')")
    slider.press("ArrowLeft")
    expect(chip).to_contain_text("all views show step 8")
    page.get_by_role("button", name="Loop from here").click()
    page.get_by_role("button", name="Speed of the replay: 1×").click()
    page.wait_for_function("location.search.includes('l_from=8') && location.search.includes('l_speed=2')")
    expect(page.get_by_test_id("loop")).to_be_visible()
    page.evaluate(SHOWN_STEPS)
    page.get_by_role("button", name="Replay what was measured").click()
    page.wait_for_function("window.shownSteps.length > 3")
    assert set(page.evaluate("window.shownSteps")) == {"all views show step 8", "all views show step 16"}
    page.get_by_role("button", name="Pause the replay").click()
    page.get_by_role("button", name="Play all of it again").click()
    expect(page.get_by_test_id("loop")).to_be_hidden()
    box = slider.bounding_box()
    assert box
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 8)
    page.mouse.up()
    page.keyboard.up("Shift")
    start, end = (int(number) for number in re.findall(r"l_(?:from|to)=([0-9]+)", page.url))
    assert 110 < start < 125
    assert 180 < end < 195  # of 234


AXES = """() => {
    const { _fullLayout: layout } = [...document.querySelectorAll("[data-testid=card-signals] .js-plotly-plot")]
        .find((plot) => plot.checkVisibility() && plot.clientHeight)
    const names = Object.keys(layout).filter((name) => /^xaxis[0-9]*$/.test(name))
    return { ranges: names.map((name) => layout[name].range.join()),
             moments: layout.annotations.map((note) => note.text) }
}"""


def test_moments_stand_side_by_side_on_the_same_axes(page: Page, lab: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, lab, "l_signals=moments&l_step=96&l_beside=8,4")
    expect(page.get_by_text("give up to 6 steps in ascending order")).to_be_visible()
    card = page.get_by_test_id("card-signals")
    page.wait_for_function(f"({AXES})().moments.length === 4")
    shown = page.evaluate(AXES)
    assert len(shown["ranges"]) == 2 * 4  # runs, moments
    assert len(set(shown["ranges"])) == 1
    assert shown["moments"][0] == "step 0"
    assert min(page.evaluate(HEIGHTS)) >= 140
    card.get_by_role("button", name="add step 96").click()
    page.wait_for_function(f"({AXES})().moments.includes('step 96')")
    page.wait_for_url("**l_beside=**")
    card.get_by_role("button", name="without step 96").click()
    page.wait_for_function(f"!({AXES})().moments.includes('step 96')")
    card.get_by_role("button", name="as usual").click()
    page.wait_for_function("!location.search.includes('l_beside')")


def test_what_happened_is_marked_on_the_bar_and_can_be_walked(page: Page, lab: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, lab, "l_time=macs")
    marks = page.locator(".dl-tick")
    expect(marks.first).to_be_visible()
    assert page.locator(".dl-tick[tabindex='0']").count() == 1  # one press of the tabulator for all of them
    marks.first.focus()
    expect(page.locator(".dl-bubble")).to_contain_text("step")
    page.keyboard.press("End")
    expect(page.locator(".dl-bubble")).to_contain_text("End of epoch 6")
    page.keyboard.press("ArrowLeft")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    expect(page.locator(".dl-bubble")).to_have_text(name)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("cursor-chip")).to_contain_text("all views show step")
    expect(page.locator(".dl-place")).to_contain_text("MACs")
    before = page.get_by_test_id("cursor-chip").inner_text()
    page.get_by_test_id("cursor-slider").press("PageDown")
    expect(page.get_by_test_id("cursor-chip")).not_to_have_text(before)


def test_who_asks_for_less_motion_sees_it_stand(page: Page, lab: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, lab)
    expect(page.get_by_role("button", name="Replay what was measured")).to_be_visible()
    expect(page.get_by_test_id("cursor-chip")).to_contain_text("all views show the last step")


def test_present_can_be_read_from_the_back_row(page: Page, lab: Server) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    opened(page, lab)
    page.get_by_role("button", name="Present").click()
    settle(page)
    root = page.locator(".dl-root")
    assert root.bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 720}
    expect(page.locator(".dl-card:visible")).to_have_count(2)
    assert min(page.evaluate(SIZES)) >= 14
    assert min(page.evaluate(HEIGHTS)) >= 140
    page.get_by_role("button", name="Other views").click()
    expect(page.get_by_test_id("card-signals")).to_be_visible()
    page.wait_for_url("**l_present=2**")
    page.reload()
    expect(page.get_by_test_id("card-flow")).to_be_visible()
    expect(page.get_by_test_id("card-learns")).to_be_hidden()
    root.focus()
    page.get_by_role("button", name="Pause the replay").click()
    page.keyboard.press("Escape")
    expect(page.locator(".dl-card:visible")).to_have_count(4)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1440, 900), (1920, 1080)])
def test_plots_have_room_on_every_screen(page: Page, lab: Server, width: int, height: int) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": height})
    opened(page, lab)
    expect(page.get_by_test_id("card-flow").locator(".main-svg").first).to_be_visible()
    assert min(page.evaluate(HEIGHTS)) >= 140


def test_home_shows_one_that_moves(page: Page, lab: Server) -> None:
    page.goto(lab.url)
    finding = page.get_by_test_id("card-learns").locator("h3")
    expect(finding).to_contain_text(re.compile("at step|after epoch"))
    expect(finding).not_to_have_text(finding.inner_text())
    page.get_by_role("button", name="Train a net").click()
    page.wait_for_url("**/train**")
