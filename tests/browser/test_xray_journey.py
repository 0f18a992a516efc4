"""Through the X-ray, by mouse and by keyboard: what the page says is what its charts show."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE, Server

# what a chart shows, once it is drawn
TRACES = """selector => document.querySelector(selector)?._fullData?.map(trace => ({
    name: trace.name, dash: trace.line.dash, colour: trace.line.color, y: Array.from(trace.y),
}))"""
# whether the titles of three panels say how much the lines below them change from the last layer to the first
AGREE = """([selector, net]) => {
    const node = document.querySelector(selector)
    const texts = [...(node?.querySelectorAll(".annotation-text") ?? [])].map(({ textContent }) => textContent)
    const said = texts.map(text => text.match(/×([\\d.]+) from the last/)?.[1]).filter(Boolean).map(Number)
    const lines = node?._fullData?.filter(({ name }) => name === "measured") ?? []
    const right = lines.every(({ y }, index) => Math.abs(y[0] / y.at(-1) / said[index] - 1) < 0.005)
    return texts.some(text => text.startsWith(net)) && said.length === 3 && lines.length === 3 && right
}"""
CHART = ".st-key-x_chart_{} .js-plotly-plot"


def finding(page: Page) -> Locator:
    return page.get_by_text(re.compile("^Toward the input the gradient"))


def traces(page: Page, chart: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.wait_for_function(TRACES, arg=CHART.format(chart)).json_value()
    return found


def titles_agree_with_lines(page: Page, net: str) -> None:
    """In the gradient's chart, as soon as that net is in it."""
    page.wait_for_function(AGREE, arg=[CHART.format("gradient"), f"{net}:"])


def open_view(page: Page, lab: Server, address: str) -> None:
    page.goto(f"{lab.url}/xray?{address}")


def test_three_nets_by_mouse(page: Page, lab: Server) -> None:
    open_view(page, lab, "x_depth=8")
    expect(finding(page)).to_contain_text(re.compile("plain-8 no BN; .* in plain-8; .* in ResNet-8"))
    titles_agree_with_lines(page, "ResNet-8")
    kinds = [(line["colour"], line["dash"]) for line in traces(page, "gradient") if line["name"] == "measured"]
    assert kinds == [("#D55E00", "dash"), ("#D55E00", "solid"), ("#0072B2", "solid")]

    page.locator(".st-key-x_skip1 label").click()
    expect(finding(page)).to_contain_text("in ResNet-8 no BN")
    page.locator(".st-key-x_net2 input").click()
    page.get_by_role("option", name="PreAct").click()
    page.locator(".st-key-x_skip2 label").click()
    expect(finding(page)).to_contain_text("in PreAct-8;")
    titles_agree_with_lines(page, "PreAct-8")
    expect(page.locator(".st-key-x_chart_propagation .annotation-text", has_text="PreAct-8:")).to_be_visible()
    theory = [line["y"] for line in traces(page, "propagation") if line["dash"] == "dot"]
    assert theory[0] == pytest.approx([1.057, 1.210, 1.287], abs=1e-3)
    page.get_by_role("radio", name="Of weights").click()
    expect(page.get_by_text(re.compile("^Toward the input the gradient of the weights"))).to_be_visible()
    titles_agree_with_lines(page, "PreAct-8")

    page.reload()  # the link reproduces the page
    expect(finding(page)).to_contain_text(re.compile("of the weights .* in ResNet-8 no BN; .* in PreAct-8; "))


def test_three_nets_by_keyboard(page: Page, lab: Server) -> None:
    open_view(page, lab, "x_depth=8")
    expect(finding(page)).to_contain_text("in ResNet-8.")
    page.locator(".st-key-x_depth input").focus()
    page.keyboard.press("ArrowRight")
    expect(finding(page)).to_contain_text("in ResNet-14.")
    expect(page).to_have_url(re.compile("x_depth=14"))
    page.locator(".st-key-x_net3 input").focus()
    page.keyboard.type("Dense")
    page.keyboard.press("Enter")
    expect(finding(page)).to_contain_text("in DenseNet-BC-16-12.")
    page.locator(".st-key-x_bn3 input").focus()
    page.keyboard.press("Space")
    expect(finding(page)).to_contain_text("in DenseNet-BC-16-12 no BN.")
    page.locator(".st-key-x_init3 input").focus()
    page.keyboard.type("Fixup")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Fixup replaces normalisation")
    page.keyboard.type("He")
    page.keyboard.press("Enter")
    expect(finding(page)).to_contain_text("in DenseNet-BC-16-12 no BN.")
    page.get_by_role("radio", name="Three nets").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    said = page.get_by_text(re.compile("^On its way to the input the gradient changes layer by layer"))
    expect(said).to_be_visible(timeout=4 * PATIENCE)  # 24 nets, the deepest of 110 layers
    assert {line["name"] for line in traces(page, "sweep")} == {"plain without BN", "plain with BN", "residual with BN"}


def test_stacks_and_the_way_back(page: Page, lab: Server) -> None:
    open_view(page, lab, "x_view=Fully+connected&x_units=32")
    left = page.get_by_text(re.compile("^Of a gradient of 1.0 at the last layer, at layer 1:"))
    expect(left).to_contain_text(re.compile(r"without skips: [\d.]+·10⁻\S+ is left, it vanishes, ×0\.\d+ a layer"))
    lines = traces(page, "linear_gradient")
    measured = next(line["y"] for line in lines if line["name"] == "without skips")
    assert len(measured) == 30
    assert measured[-1] == 1
    assert measured[0] < 1e-9
    assert next(line["y"] for line in lines if line["name"] == "with skips")[0] > 0.1
    page.get_by_role("radio", name="Beyond CNNs").click()
    expect(page.get_by_text(re.compile("^Of a gradient of 1.0 at the last block"))).to_contain_text("pre-norm")
    page.get_by_role("radio", name="Fully connected").click()
    expect(page.locator(".st-key-x_units input")).to_have_value("32")  # a view keeps its settings
    expect(page).to_have_url(re.compile("x_units=32"))


def test_the_address_keeps_what_views_hold_that_are_not_shown(page: Page, lab: Server) -> None:
    held = {"x_depth": "8", "x_skip1": "true", "x_grad": "Of weights", "x_units": "32", "x_init": "PyTorch default"}
    open_view(page, lab, urlencode(held | {"x_view": "Fully connected"}))
    expect(page.get_by_text(re.compile("^Of a gradient of 1.0 at the last layer"))).to_be_visible()
    expect(page.locator(".st-key-x_depth")).to_be_hidden()
    page.get_by_role("radio", name="Three nets").click()
    expect(page.get_by_text(re.compile("of the weights .* in ResNet-8 no BN"))).to_be_visible()
    expect(page.locator(".st-key-x_units")).to_be_hidden()
    page.get_by_role("radio", name="Beyond CNNs").click()
    expect(page.get_by_text(re.compile("^Of a gradient of 1.0 at the last block"))).to_be_visible()
    assert dict(parse_qsl(urlsplit(page.url).query)) == held | {"x_view": "Beyond CNNs"}
    page.reload()
    page.get_by_role("radio", name="Three nets").click()
    expect(page.get_by_text(re.compile("of the weights .* in ResNet-8 no BN"))).to_be_visible()
