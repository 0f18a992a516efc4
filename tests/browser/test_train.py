"""The main journey, as a visitor makes it: press Train, watch, zoom, pause, step, change the rate, reload, stop."""

import re
import signal
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.engine import client
from core.spec import NetSpec, RunSpec, TrainSpec
from tests.browser.conftest import Server

CARDS = ("learns", "gradient", "signals", "flow")
SMALL = "/train?depth=8&width=8&batch=64&seed=3"
# what a chart shows along x, and whether it is still the same node
RANGE = "node => node.layout.xaxis.range.map(Number)"


def settle(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def unfold_form(page: Page) -> None:
    """While runs are shown the form is folded away."""
    page.locator(".st-key-new_run summary").first.click()


def press_train(page: Page, lab: Server, address: str) -> str:
    """Open the page, press Train, wait for the first point; the id of the run."""
    page.goto(lab.url + address)
    settle(page)
    page.locator(".st-key-train button").click()
    page.wait_for_url(re.compile(r"run="))
    expect(page.get_by_text("Train the twin", exact=True)).to_be_visible()  # no recording any more
    expect(page.get_by_test_id("live-step")).to_contain_text(re.compile(r"^[1-9]"))
    found = re.search(r"run=([\w-]+)", page.url)
    assert found
    return found[1]


def begin(page: Page, lab: Server, **recipe: Any) -> str:
    """As :func:`press_train`, for tests of what comes then: the run is submitted, and its dashboard opened at once."""
    spec = RunSpec(net=NetSpec(depth=8, width=8), train=TrainSpec.make(batch_size=64, seed=3, **recipe))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEPTHLAB_HOME", str(lab.home))
        run_id = client.submit(spec)
    page.goto(f"{lab.url}/train?run={run_id}")
    expect(page.get_by_test_id("live-step")).to_contain_text(re.compile(r"^[1-9]"))
    settle(page)
    return run_id


def step_of(page: Page) -> int:
    return int(page.get_by_test_id("live-step").inner_text().split("/")[0].replace(",", ""))


def chart(page: Page, card: str) -> Locator:
    return page.get_by_test_id(f"card-{card}").locator(".js-plotly-plot").first


def await_updates(page: Page, more: int) -> None:
    """Until every view has been drawn anew that many times."""
    before = {card: int(page.get_by_test_id(f"card-{card}").get_attribute("data-updates") or 0) for card in CARDS}
    for card, count in before.items():
        page.wait_for_function(
            "([card, count]) => Number(document.querySelector(`[data-testid=card-${card}]`).dataset.updates) >= count",
            arg=[card, count + more],
            timeout=90_000,
        )


def test_every_view_is_live_and_zoom_survives(page: Page, lab: Server) -> None:
    press_train(page, lab, SMALL + "&epochs=200")
    await_updates(page, 1)
    nodes = {card: chart(page, card).element_handle() for card in CARDS}
    chart(page, "learns").evaluate("node => Plotly.relayout(node, {'xaxis.range': [2, 30]})")
    await_updates(page, 3)
    assert chart(page, "learns").evaluate(RANGE) == [2, 30]
    for card, node in nodes.items():
        assert node is not None
        assert node.evaluate("(node) => node.isConnected"), f"{card} was drawn from scratch"
    for card, said in (("learns", "raining loss "), ("gradient", "Gradient: "), ("signals", "Std of the responses: ")):
        expect(page.get_by_test_id(f"card-{card}").locator(".dl-finding")).to_contain_text(said)
    page.get_by_test_id("transport-stop").click()
    expect(page.get_by_test_id("live-status")).to_have_text("stopped")


def test_a_run_that_waits_says_for_what_and_can_begin_now(page: Page, lab: Server) -> None:
    first = begin(page, lab, epochs=200)
    page.goto(lab.url + SMALL.replace("seed=3", "seed=4") + "&epochs=200")
    settle(page)
    page.locator(".st-key-train button").click()
    waits = page.get_by_test_id("live-waits")
    expect(waits).to_contain_text(
        re.compile(r"^Waits for ResNet-8 ×0.5 · seed 3 \(step [\d,]+ of [\d,]+\) to end, in ")
    )
    expect(page.get_by_test_id("live-status")).to_have_text("queued")
    page.get_by_test_id("begin-now").click()
    expect(page.get_by_test_id("live-step")).to_contain_text(re.compile(r"^[1-9]"))
    expect(waits).to_be_hidden()
    page.goto(lab.url + f"/train?run={first}")
    expect(page.get_by_test_id("live-status")).to_have_text("paused")


def test_transport_and_learning_rate(page: Page, lab: Server) -> None:
    begin(page, lab, epochs=500, schedule="constant")
    page.get_by_test_id("transport-pause").click()
    expect(page.get_by_test_id("live-status")).to_have_text("paused")
    settle(page)
    paused_at = step_of(page)
    page.get_by_test_id("transport-step").click()
    expect(page.get_by_test_id("live-step")).to_contain_text(f"{paused_at + 1:,} /")
    page.get_by_test_id("lr-input").fill("0.025")
    page.get_by_test_id("lr-apply").click()
    expect(page.get_by_test_id("lr-asked")).to_have_text("asked 0.025")

    page.reload()  # the run, its pause and the rate asked for are where they were
    expect(page.get_by_test_id("live-status")).to_have_text("paused")
    expect(page.get_by_test_id("lr-asked")).to_have_text("asked 0.025")
    assert step_of(page) == paused_at + 1

    page.get_by_test_id("transport-pause").click()
    expect(page.get_by_test_id("live-status")).to_have_text("running")
    expect(page.get_by_test_id("lr-applied")).to_have_text("0.025")
    page.get_by_test_id("transport-stop").click()
    expect(page.get_by_test_id("live-status")).to_have_text("stopped")
    page.get_by_test_id("transport-pause").click()  # a stopped run goes on from its checkpoint
    expect(page.get_by_test_id("live-status")).to_have_text("running")
    page.get_by_test_id("transport-stop").click()
    expect(page.get_by_test_id("live-status")).to_have_text("stopped")


def test_a_rate_is_read_as_it_is_written_and_what_comes_is_said(page: Page, lab: Server) -> None:
    begin(page, lab, epochs=500, schedule="cosine", grad_clip=0.01)
    asked, box = page.get_by_test_id("lr-asked"), page.get_by_test_id("lr-input")
    expect(page.get_by_test_id("live-status")).to_have_text("running")
    box.fill("0,02")
    box.press("Enter")
    expect(asked).to_have_text("asked 0.02")
    note = page.locator("#dl-remarks")
    expect(note).to_contain_text(re.compile(r"learning rate 0\.02 (at|from) step [\d,]+( to [\d,]+)?, then falling"))
    expect(note).to_contain_text("gradient clipped to 0.01 in 100 % of the steps")
    expect(page.get_by_test_id("card-gradient")).to_contain_text("gradient before clipping")

    box.fill("1,000")
    box.press("Enter")
    expect(page.get_by_text("can be read as 1 or as 1000")).to_be_visible()
    expect(box).to_have_value("1,000")  # to be mended, and nothing was asked
    expect(box).to_be_enabled()
    expect(asked).to_have_text("asked 0.02")
    page.reload()  # what comes is still known to a reader who comes late
    page.get_by_test_id("transport-pause").click()
    expect(page.get_by_test_id("live-status")).to_have_text("paused")
    expect(note).to_contain_text("learning rate 0.02")
    page.get_by_test_id("transport-stop").click()
    expect(page.get_by_test_id("live-status")).to_have_text("stopped")


def test_second_browser_and_server_restart(page: Page, browser: Browser, lab: Server) -> None:
    run_id = begin(page, lab, epochs=500)
    second = browser.new_context().new_page()
    second.goto(lab.url)
    settle(second)
    second.get_by_role("link", name=re.compile("Watch")).first.click()
    expect(second.get_by_test_id("live-status")).to_have_text("running")
    assert run_id in second.url
    second.context.close()

    page.goto("about:blank")  # a page that is open would, rightly, complain that its server is gone
    lab.kill(signal.SIGKILL)
    lab.start()
    page.goto(f"{lab.url}/train?run={run_id}")
    expect(page.get_by_test_id("live-status")).to_have_text("running")
    before = step_of(page)
    page.wait_for_function(
        "before => Number(document.querySelector('[data-testid=live-step]').textContent.split('/')[0].replace(',', ''))"
        " > before",
        arg=before,
    )
    page.get_by_test_id("transport-stop").click()
    expect(page.get_by_test_id("live-status")).to_have_text("stopped")


def test_twin_is_laid_over_the_run(page: Page, lab: Server) -> None:
    begin(page, lab, epochs=1)
    expect(page.get_by_test_id("live-status")).to_have_text("finished", timeout=120_000)
    page.locator(".st-key-twin_norm button").click()
    page.wait_for_url(re.compile("with="))
    expect(page.get_by_test_id("live-status-2")).to_have_text("finished", timeout=120_000)
    names = page.locator(".dl-name").all_inner_texts()
    assert names == ["ResNet-8 ×0.5", "ResNet-8 ×0.5 no BN"]
    traces = chart(page, "learns").evaluate(
        "node => node.data.filter(trace => trace.x?.length).map(trace => trace.line?.dash)"
    )
    assert "dash" in traces
    assert "solid" in traces


def test_home_sets_up_one_net_after_another(page: Page, lab: Server) -> None:
    page.goto(lab.url)
    for name in ("plain-56", "DenseNet-BC-40-12", "ResNet-20"):
        page.get_by_role("link", name=f"Set up {name}").click()
        expect(page.locator(".st-key-train button")).to_contain_text(re.compile(f"Train {name}$"))
        page.get_by_role("link", name="Home").click()
