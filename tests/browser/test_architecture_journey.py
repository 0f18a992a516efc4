"""A walk through an architecture, by mouse and then by keyboard alone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.relay import Relay


@pytest.fixture
def far_away(lab: Server) -> Iterator[Relay]:
    """The server, 0.3 s there and back. To be asked for before the page, which must leave first."""
    relay = Relay(lab.port, delay=0.15)
    yield relay
    relay.close()


def open_page(page: Page, lab: Server | Relay, address: str, name: str) -> None:
    page.goto(f"{lab.url}/architecture?{address}")
    expect(page.get_by_test_id("net-name")).to_have_text(name)


def test_block_formula_code_and_row_light_up_together(page: Page, lab: Server) -> None:
    open_page(page, lab, "depth=20", "ResNet-20")
    page.locator("[data-unit='stage2.block1']").click()
    expect(page.get_by_test_id("formula")).to_contain_text("y = relu(shortcut(x) + branch(x))")
    expect(page.get_by_test_id("chain")).to_contain_text("zero padding")
    page.get_by_test_id("chain").get_by_role("button", name=re.compile("^conv1")).click()
    row = page.get_by_test_id("layers").locator(".da-lit")
    expect(row).to_contain_text("stage2.block1.conv1")
    expect(row).to_contain_text("3·3·16·32 = 4,608")
    expect(page.get_by_test_id("formula").locator(".da-lit", has_text=re.compile("^conv1$"))).to_be_visible()
    expect(page.get_by_test_id("code").locator(".da-lit").first).to_contain_text('parts[f"conv{index}"] = module')
    page.get_by_test_id("layers").get_by_text("stage2.block2.norm2").click()  # and the other way round
    expect(page.locator("[data-unit='stage2.block2']")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("chain").locator(".da-lit")).to_have_attribute("data-op", "norm2")
    page.wait_for_url(re.compile("open=stage2.block2"))
    page.reload()  # the link reproduces the page
    expect(page.locator("[data-unit='stage2.block2']")).to_have_attribute("aria-pressed", "true")


def test_deep_net_by_keyboard(page: Page, lab: Server) -> None:
    open_page(page, lab, "depth=1202", "ResNet-1202")
    expect(page.get_by_test_id("total-parameters")).to_have_text("19,421,274")
    page.get_by_role("button", name="Open Stage 2: 200 blocks").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-unit='stage2.block1']")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Open Stage 1: 200 blocks")).to_be_visible()
    page.locator("[data-unit='stage2.block1']").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-unit='stage2.block2']")).to_be_focused()
    page.get_by_test_id("chain").get_by_role("button", name=re.compile("^norm1")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("layers").locator(".da-lit")).to_contain_text("stage2.block2.norm1")

    page.wait_for_url(re.compile("open=stage2.block2"))
    drawing = page.get_by_test_id("architecture").element_handle()
    page.locator(".st-key-depth input").focus()
    for _ in range(3):  # faster than the server answers
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_test_id("net-name")).to_have_text("ResNet-602")
    page.wait_for_url(re.compile("depth=602"))
    assert drawing is not None
    assert drawing.evaluate("node => node.isConnected")
    box = page.locator(".st-key-depth_exact input")
    box.fill("21")
    box.press("Enter")
    expect(page.get_by_test_id("stToast")).to_contain_text("choose 20 or 26")
    expect(page.get_by_test_id("net-name")).to_have_text("ResNet-602")
    box.fill("998")
    box.press("Enter")
    expect(page.get_by_test_id("net-name")).to_have_text("ResNet-998")


def test_preset_views_and_train(page: Page, lab: Server) -> None:
    open_page(page, lab, "view=Channels", "ResNet-20")
    page.locator(".st-key-preset input").fill("densenet-bc-100")
    page.get_by_role("option", name="densenet-bc-100-12").click()
    expect(page.get_by_test_id("net-name")).to_have_text("DenseNet-BC-100-12")
    expect(page.get_by_test_id("finding")).to_contain_text("24 → 216 → 108 → 300 → 150 → 342")
    page.get_by_role("radio", name="Memory").click()
    expect(page.get_by_test_id("finding")).to_contain_text("8.2× the activations of ResNet-56")
    page.get_by_role("radio", name="Compare").click()
    expect(page.get_by_test_id("finding")).to_contain_text("rows differ")
    expect(page.get_by_test_id("differences").locator(".da-differs").first).to_be_visible()
    expect(page.get_by_text("widths to a scale of its own")).to_be_visible()  # of 342 channels against 64
    page.wait_for_url(re.compile("view=Compare"))
    page.reload()  # with nothing but the address to know the net by
    page.get_by_role("link", name="Train DenseNet-BC-100-12").click()
    page.wait_for_url(re.compile("/train.*depth_bc=100"))
    expect(page.locator(".st-key-train button")).to_have_text(re.compile("Train DenseNet-BC-100-12"))


def move(page: Page, key: str, times: int, pause: int) -> None:
    """The depth's slider, with so many milliseconds between two moves."""
    slider = page.locator(".st-key-depth input")
    slider.focus()
    for _ in range(times):
        slider.press(key)
        page.wait_for_timeout(pause)


def test_answers_that_come_late_do_not_write_an_old_address(far_away: Relay, page: Page) -> None:
    """The opened block goes into the address while the slider is on its way."""
    open_page(page, far_away, "depth=56", "ResNet-56")
    for depth, block in ((32, 2), (8, 1)):
        page.locator(f"[data-unit='stage1.block{block}']").click()
        move(page, "ArrowLeft", times=4, pause=150)
        expect(page.get_by_test_id("net-name")).to_have_text(f"ResNet-{depth}")
        expect(page).to_have_url(re.compile(rf"depth={depth}\b"))
        expect(page).to_have_url(re.compile(rf"open=stage1.block{block}\b"))


def test_slider_moved_faster_than_the_network_answers(far_away: Relay, page: Page) -> None:
    """To and fro, so that drawings come back which the browser has had some answers ago."""
    open_page(page, far_away, "depth=56", "ResNet-56")
    for _ in range(2):
        move(page, "ArrowLeft", times=4, pause=260)
        move(page, "ArrowLeft", times=2, pause=0)
        move(page, "ArrowRight", times=6, pause=0)
    expect(page.get_by_test_id("net-name")).to_have_text("ResNet-56")
    expect(page).to_have_url(re.compile(r"depth=56\b"))


def test_protocols_stand_whole_and_move_nothing(page: Page, lab: Server) -> None:
    """A class in front of a projector points at nothing."""
    page.set_viewport_size({"width": 1280, "height": 720})
    heights = set()
    for address, name in (("depth=56&skip=false", "plain-56"), ("depth=20", "ResNet-20"), ("depth=26", "ResNet-26")):
        open_page(page, lab, address, name)
        paper = page.get_by_test_id("paper")
        if name == "plain-56":
            expect(paper).to_contain_text("Published: 14.74 % test error after 200 epochs")
            expect(paper).to_contain_text("number of runs not stated).")
        assert paper.evaluate(
            "(node) => node.scrollWidth <= node.clientWidth && node.scrollHeight <= node.clientHeight"
        )
        heights.add(paper.evaluate("(node) => node.clientHeight"))
    assert len(heights) == 1
