"""Through the X-ray, by mouse and by keyboard: what the page says is what its charts show."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE, Server

# What a plot shows, once it is drawn: its lines as they lie between the ticks of the axis, of which two are read.
CURVES = """([selector, number]) => {
    const plot = document.querySelectorAll(`${selector} .xp-plot`)[number - 1]
    if (!plot?.querySelector(".xp-curve")) return null
    const DIGITS = [..."⁰¹²³⁴⁵⁶⁷⁸⁹"]
    const raised = (text) => [...text].map((letter) => letter === "⁻" ? "-" : DIGITS.indexOf(letter)).join("")
    const ticks = [...plot.querySelectorAll("text[text-anchor=end]")].map((text) => {
        const said = text.textContent.replace(/,/g, "")
        const [mantissa, exponent] = said.split(/(?:·|^)10(?=[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])/)
        const log = exponent ? Math.log10(Number(mantissa) || 1) + Number(raised(exponent)) : Math.log10(Number(said))
        return {y: Number(text.getAttribute("y")) - 4, log}
    })
    const [low, high] = [ticks[0], ticks.at(-1)]
    const value = (y) => 10 ** (low.log + (y - low.y) / (high.y - low.y) * (high.log - low.log))
    return [...plot.querySelectorAll(".xp-curve")].map((curve) => {
        const line = curve.querySelector("path")
        const points = [...line.getAttribute("d").matchAll(/[ML]\\S+ ([-\\d.]+)/g)]
        const [dash, colour] = ["stroke-dasharray", "stroke"].map((name) => line.getAttribute(name))
        return {name: curve.dataset.name, dash, colour, y: points.map(([, y]) => value(Number(y)))}
    })
}"""
# whether the head of a column says how much its line changes from the last layer to the first
AGREE = f"""([selector, number, net]) => {{
    const head = document.querySelectorAll(`${{selector}} .x-head`)[number - 1]
    const line = ({CURVES})([selector, number])?.find(({{ name }}) => name === "measured")
    const said = Number(head?.textContent.match(/×([\\d.,]+) in all/)?.[1].replace(",", ""))
    return head?.querySelector("b").textContent === net && Math.abs(line?.y[0] / line?.y.at(-1) / said - 1) < 0.02
}}"""
ROW = ".st-key-x_panels_{}"


def head(page: Page, number: int) -> Locator:
    """Of a column of nets, where they are chosen."""
    return page.locator(f".st-key-x_column{number} .x-head b")


def curves(page: Page, row: str, number: int = 1) -> list[dict[str, Any]]:
    """Of the plot of that number in a row."""
    found: list[dict[str, Any]] = page.wait_for_function(CURVES, arg=[ROW.format(row), number]).json_value()
    return found


def column_agrees_with_its_line(page: Page, number: int, net: str) -> None:
    """In the gradient's row, as soon as that net is in it."""
    expect(head(page, number)).to_have_text(net)
    page.wait_for_function(AGREE, arg=[ROW.format("gradient"), number, net])


def open_view(page: Page, lab: Server, address: str) -> None:
    page.goto(f"{lab.url}/xray?{address}")


def test_three_nets_by_mouse(page: Page, lab: Server) -> None:
    open_view(page, lab, "x_depth=8")
    vermilion, blue = "rgb(213,94,0)", "rgb(0,114,178)"
    drawn = [("plain-8 no BN", vermilion, "6 4"), ("plain-8", vermilion, None), ("ResNet-8", blue, None)]
    for number, (net, colour, dash) in enumerate(drawn, 1):
        column_agrees_with_its_line(page, number, net)
        line = curves(page, "gradient", number)[0]
        assert (line["colour"], line["dash"]) == (colour, dash)
    expect(page.get_by_text("Measured on this machine.")).to_be_visible()

    page.locator(".st-key-x_skip1 label").click()
    column_agrees_with_its_line(page, 1, "ResNet-8 no BN")
    page.locator(".st-key-x_net2 input").click()
    page.get_by_role("option", name="PreAct").click()
    page.locator(".st-key-x_skip2 label").click()
    column_agrees_with_its_line(page, 2, "PreAct-8")
    page.wait_for_function(f"arg => ({CURVES})(arg)?.[1]?.y.length === 3", arg=[ROW.format("propagation"), 2])
    theory = [line["y"] for line in curves(page, "propagation", 2) if line["name"] == "theory"]
    assert theory[0] == pytest.approx([1.057, 1.210, 1.287], abs=1e-3)
    page.get_by_role("radio", name="Of weights").click()
    expect(page.get_by_text(re.compile("^Toward the input .* weight gradient"))).to_be_visible()
    column_agrees_with_its_line(page, 2, "PreAct-8")

    page.reload()  # the link reproduces the page
    expect(page.get_by_text(re.compile("^Toward the input .* weight gradient"))).to_be_visible()
    column_agrees_with_its_line(page, 1, "ResNet-8 no BN")
    column_agrees_with_its_line(page, 2, "PreAct-8")


def test_three_nets_by_keyboard(page: Page, lab: Server) -> None:
    open_view(page, lab, "x_depth=8")
    expect(head(page, 3)).to_have_text("ResNet-8")
    page.locator(".st-key-x_depth input").focus()
    page.keyboard.press("ArrowRight")
    expect(head(page, 3)).to_have_text("ResNet-14")
    expect(page).to_have_url(re.compile("x_depth=14"))
    page.locator(".st-key-x_net3 input").focus()
    page.keyboard.type("Dense")
    page.keyboard.press("Enter")
    expect(head(page, 3)).to_have_text("DenseNet-BC-16-12")
    page.locator(".st-key-x_bn3 input").focus()
    page.keyboard.press("Space")
    expect(head(page, 3)).to_have_text("DenseNet-BC-16-12 no BN")
    page.locator(".st-key-x_init3 input").focus()
    page.keyboard.type("Fixup")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Fixup replaces normalisation")
    page.keyboard.type("He")
    page.keyboard.press("Enter")
    expect(head(page, 3)).to_have_text("DenseNet-BC-16-12 no BN")
    page.get_by_role("radio", name="Three nets").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    said = page.get_by_text(re.compile("^At depth 110 "))
    expect(said).to_be_visible(timeout=PATIENCE)
    assert {line["name"] for line in curves(page, "sweep")} == {"plain without BN", "plain with BN", "residual with BN"}


def test_stacks_and_the_way_back(page: Page, lab: Server) -> None:
    open_view(page, lab, "x_view=Fully+connected&x_units=32")
    left = page.get_by_text(re.compile(r"^[\d.]+·10⁻\S+ left at layer 1: vanishes, ×0\.\d+ a layer"))
    expect(left).to_be_visible()
    lines = curves(page, "linear_gradient")
    measured = next(line["y"] for line in lines if line["name"] == "without skips")
    assert len(measured) == 30
    assert measured[-1] == pytest.approx(1, rel=0.02)
    assert measured[0] < 1e-9
    assert next(line["y"] for line in lines if line["name"] == "with skips")[0] > 0.1
    page.get_by_role("radio", name="Beyond CNNs").click()
    expect(page.get_by_text(re.compile("^On the way to block 1 "))).to_be_visible()
    page.get_by_role("radio", name="Fully connected").click()
    expect(page.locator(".st-key-x_units input")).to_have_value("32")  # a view keeps its settings
    expect(page).to_have_url(re.compile("x_units=32"))


def test_the_address_keeps_what_views_hold_that_are_not_shown(page: Page, lab: Server) -> None:
    held = {"x_depth": "8", "x_skip1": "true", "x_grad": "Of weights", "x_units": "32", "x_init": "PyTorch default"}
    open_view(page, lab, urlencode(held | {"x_view": "Fully connected"}))
    expect(page.get_by_text(re.compile("^On the way to layer 1 "))).to_be_visible()
    expect(page.locator(".st-key-x_depth")).to_be_hidden()
    page.get_by_role("radio", name="Three nets").click()
    column_agrees_with_its_line(page, 1, "ResNet-8 no BN")
    expect(page.get_by_text(re.compile("weight gradient"))).to_be_visible()
    expect(page.locator(".st-key-x_units")).to_be_hidden()
    page.get_by_role("radio", name="Beyond CNNs").click()
    expect(page.get_by_text(re.compile("^On the way to block 1 "))).to_be_visible()
    assert dict(parse_qsl(urlsplit(page.url).query)) == held | {"x_view": "Beyond CNNs"}
    page.reload()
    page.get_by_role("radio", name="Three nets").click()
    column_agrees_with_its_line(page, 1, "ResNet-8 no BN")
    expect(page.get_by_text(re.compile("weight gradient"))).to_be_visible()
