"""Keys act while the dashboard has the focus and nowhere else; a chosen step and the axis of the loss are kept."""

import re

import pytest
from playwright.sync_api import Page, expect

from core.nets import build
from core.spec import NetSpec, RunSpec, TrainSpec
from core.store.store import Store
from tests.browser.conftest import Server
from tests.browser.test_live_vanished import recorded
from tests.browser.test_train import await_updates, begin, chart, settle, step_of

FOCUSED = "() => document.activeElement?.closest('[data-testid=live]') !== null"


@pytest.fixture
def live(page: Page, lab: Server) -> Page:
    """A run that goes on, and its dashboard."""
    begin(page, lab, epochs=500, schedule="constant")
    return page


def status(page: Page, word: str) -> None:
    expect(page.get_by_test_id("live-status")).to_have_text(word)


def commands(page: Page, lab: Server) -> list[str]:
    """What the run was sent so far."""
    found = re.search(r"run=([\w-]+)", page.url)
    assert found
    store = Store(lab.home)
    sent = [kind for kind in ("pause", "resume", "step", "stop") if store.last_command(found[1], kind)]
    store.close()
    return sent


def test_without_the_focus_no_key_reaches_the_run(live: Page, lab: Server) -> None:
    live.get_by_role("heading", level=1).or_(live.locator("[data-testid=stSidebar]")).first.click(
        position={"x": 5, "y": 5}
    )
    assert not live.evaluate(FOCUSED)
    for key in (" ", "ArrowRight", "Shift+S", "Escape"):
        live.keyboard.press(key)
    await_updates(live, 1)
    status(live, "running")
    assert commands(live, lab) == []


def test_a_click_gives_it_the_focus_and_the_keys_act(live: Page) -> None:
    chart(live, "learns").click(position={"x": 10, "y": 60})  # on an axis, where Plotly takes the press for itself
    assert live.evaluate(FOCUSED)
    live.keyboard.press(" ")
    status(live, "paused")
    settle(live)
    before = step_of(live)
    live.keyboard.press("ArrowRight")
    expect(live.get_by_test_id("live-step")).to_contain_text(f"{before + 1:,} /")
    live.keyboard.press(" ")
    status(live, "running")
    live.keyboard.press("Shift+S")
    status(live, "stopped")


def test_after_a_button_was_pressed_the_keys_still_act(live: Page) -> None:
    """A button that its own click switches off would take the focus with it."""
    live.get_by_test_id("transport-pause").click()
    status(live, "paused")
    assert live.evaluate(FOCUSED)
    before = step_of(live)
    live.keyboard.press("ArrowRight")
    expect(live.get_by_test_id("live-step")).to_contain_text(f"{before + 1:,} /")


def test_it_is_reached_by_tab_and_shows_that_it_has_the_focus(live: Page) -> None:
    root = live.get_by_test_id("live")
    live.get_by_test_id("transport-pause").focus()
    live.keyboard.press("Shift+Tab")
    expect(root).to_be_focused()
    expect(root).to_have_css("outline-style", "solid")
    live.keyboard.press(" ")
    status(live, "paused")
    title = live.get_by_test_id("transport-pause").get_attribute("title")
    assert title == "Resume (space, while the dashboard has the focus: click into it)"


def test_keys_of_its_own_controls_stay_theirs(live: Page, lab: Server) -> None:
    rate = live.get_by_test_id("lr-input")
    rate.focus()
    for key in (" ", "ArrowRight", "Shift+S"):
        live.keyboard.press(key)
    expect(rate).to_have_value(" S")
    live.get_by_role("button", name="epoch", exact=True).focus()
    live.keyboard.press(" ")  # presses that button, and nothing else
    expect(live.get_by_role("button", name="epoch", exact=True)).to_have_attribute("aria-pressed", "true")
    await_updates(live, 1)
    assert commands(live, lab) == []


def test_the_arrow_scrubs_on_the_slider_and_every_view_speaks_of_that_step(page: Page, lab: Server) -> None:
    run = recorded(lab.home, build(NetSpec(depth=8, width=4)), steps=6)
    page.goto(f"{lab.url}/train?run={run}")
    slider = page.get_by_test_id("cursor-slider")
    expect(slider).to_be_enabled()
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id("cursor-chip")).to_contain_text("all views show step 1")
    for card in ("gradient", "signals", "flow"):
        expect(page.get_by_test_id(f"card-{card}").locator(".dl-finding")).to_contain_text("at step 1:")
        expect(page.get_by_test_id(f"card-{card}").locator(".dl-time .dl-caption").first).to_contain_text("step 1")
    expect(page.get_by_test_id("card-learns").locator(".dl-finding")).to_have_text(
        re.compile("^At step 1: training loss 1")
    )
    expect(page.get_by_test_id("live-step")).to_have_text("1 / 6")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("cursor-chip")).to_contain_text("all views show the last step")
    expect(page.get_by_test_id("live-step")).to_have_text("6 / 6")
    page.keyboard.press("Home")
    expect(page.get_by_test_id("cursor-chip")).to_contain_text("all views show step 0")
    page.get_by_test_id("stSidebar").click(position={"x": 5, "y": 300})
    page.keyboard.press("Escape")  # not here any more
    expect(page.get_by_test_id("cursor-chip")).to_contain_text("all views show step 0")


AXES = """node => [node.layout.yaxis.type ?? "linear", node.layout.yaxis.title.text, node.layout.xaxis.title.text,
  ...node.layout.yaxis.range]"""


def choose_axis(page: Page, name: str, *wanted: str) -> list[float]:
    """Press a button of the loss card; the range of the loss once type and titles of the axes are those."""
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_function(
        f"wanted => `${{({AXES})(document.querySelector('[data-testid=card-learns] .js-plotly-plot')).slice(0, 3)}}`"
        " === `${wanted}`",
        arg=list(wanted),
    )
    found: list[float] = chart(page, "learns").evaluate(AXES)[3:]
    return found


def test_the_loss_can_be_seen_on_a_logarithmic_axis(page: Page, lab: Server) -> None:
    run = recorded(lab.home, build(NetSpec(depth=8, width=4)), steps=6)  # with a loss of 1 at each step
    page.goto(f"{lab.url}/train?run={run}")
    assert choose_axis(page, "lin", "linear", "loss", "step")[0] == 0
    chart(page, "learns").evaluate("node => Plotly.relayout(node, {'yaxis.range': [0.5, 1]})")
    low, high = choose_axis(page, "log", "log", "loss (log)", "step")
    assert low < 0 < high  # exponents; the zoom of the other axis means nothing here
    assert high - low >= 0.5
    assert choose_axis(page, "epoch", "log", "loss (log)", "epoch") == [low, high]
    assert choose_axis(page, "lin", "linear", "loss", "epoch")[0] == 0


def test_runs_of_one_net_are_told_apart_everywhere(page: Page, lab: Server) -> None:
    store = Store(lab.home)
    spec = RunSpec(net=NetSpec(depth=14, width=4))
    runs = [store.create_run(spec.but(train=TrainSpec(seed=seed))) for seed in (1, 2)]
    for run in runs:
        store.update(run, ["queued"], status="stopped")
    store.close()
    page.goto(f"{lab.url}/train?run={runs[0]}&with={runs[1]}")
    expect(page.locator(".dl-name")).to_have_text(["ResNet-14 ×0.25 · seed 1", "ResNet-14 ×0.25 · seed 2"])
    page.get_by_role("button", name="Compared with 1").click()
    expect(page.get_by_test_id("stMultiSelect")).to_contain_text("ResNet-14 ×0.25 · seed 2 · stopped")
