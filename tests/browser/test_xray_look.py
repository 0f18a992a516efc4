"""The X-ray can be read in both themes, by pointer too, and leaves the lab as a figure for a paper."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.test_live_export import SVG, luminance
from tests.browser.test_look import LOOK, found
from tests.browser.test_xray_journey import curves, head, open_view

VIEWS = ("x_depth=8&x_net1=VGG", "x_view=Depth+sweep", "x_view=Fully+connected", "x_view=Beyond+CNNs")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_and_lines_stand_out(page: Page, lab: Server, scheme: str) -> None:
    page.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {LOOK} }})")
    page.emulate_media(reduced_motion="reduce", color_scheme=scheme)  # type: ignore[arg-type]
    problems = []
    for view in VIEWS:
        open_view(page, lab, view)
        expect(page.get_by_text("Measured on this machine.")).to_be_visible()
        page.wait_for_function("document.querySelectorAll('.xp-curve').length > 1")
        marks = found(page, "faint(21)")  # of which no colour has more
        assert any(each.startswith("null") for each in marks), "lines are looked at"
        problems += [f"{view}: {each}" for each in found(page, "pale(4.5)", "faint(3)")]
    assert not problems, "\n".join(problems)


def test_a_pointer_over_a_plot_reads_its_numbers(page: Page, lab: Server) -> None:
    open_view(page, lab, "x_depth=8")
    expect(page.get_by_text("Measured on this machine.")).to_be_visible()
    measured = curves(page, "gradient", 2)[0]["y"]
    plot = page.locator(".st-key-x_panels_gradient .xp-plot").nth(1)
    box = plot.bounding_box()
    assert box
    plot.hover(position={"x": box["width"] - 12, "y": 60})
    told = plot.locator(".xp-reading")
    expect(told).to_contain_text(f"layer {len(measured)}")
    said = re.search(r"measured: ([\d.]+)", told.inner_text())
    assert said
    assert float(said[1]) == pytest.approx(measured[-1], rel=0.02)
    page.mouse.move(5, 5)
    expect(told).to_have_count(0)


def test_arrow_keys_walk_through_a_plot_and_read_it(page: Page, lab: Server) -> None:
    open_view(page, lab, "x_depth=8")
    expect(page.get_by_text("Measured on this machine.")).to_be_visible()
    measured = curves(page, "gradient", 2)[0]["y"]
    plot = page.locator(".st-key-x_panels_gradient").get_by_role("application").nth(1)
    told = plot.locator(".xp-reading")
    plot.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "End", "ArrowRight", "ArrowLeft"):
        plot.press(key)
    expect(told).to_contain_text(f"layer {len(measured) - 1}")
    said = re.search(r"measured: ([\d.]+)", told.inner_text())
    assert said
    assert float(said[1]) == pytest.approx(measured[-2], rel=0.02)
    plot.press("Escape")
    expect(told).to_have_count(0)


def test_a_row_of_a_dark_page_is_a_light_figure(page: Page, lab: Server, tmp_path: Path) -> None:
    page.emulate_media(color_scheme="dark")
    open_view(page, lab, "x_depth=8")
    expect(head(page, 3)).to_have_text("ResNet-8")
    expect(page.get_by_text("Measured on this machine.")).to_be_visible()
    shown = curves(page, "propagation", 3)
    text = fetched(page, "SVG", tmp_path).read_text()
    figure = ET.fromstring(text)
    words = ["".join(node.itertext()) for node in figure.iter(f"{SVG}text")]
    assert "What happens to each channel?" in words
    assert {"plain-8 no BN", "plain-8", "ResNet-8", "squared mean", "branch variance", "theory"} <= set(words)
    assert re.search(r"before any training.*32 pictures of CIFAR-10; seed 0\.", " ".join(words))
    first = figure.find(f"{SVG}rect")
    assert first is not None
    assert first.get("fill") == "#ffffff"
    inks = [node.get("fill") or "" for node in figure.iter(f"{SVG}text") if (node.get("fill") or "").startswith("rgb")]
    assert inks
    assert max(map(luminance, inks)) < 0.6  # letters can be read on white
    plots = figure.findall(f"{SVG}svg")
    assert len(plots) == 3
    names = [node.get("data-name") for node in plots[2].iter(f"{SVG}g")]
    assert names == [curve["name"] for curve in shown]
    png = fetched(page, "PNG", tmp_path).read_bytes()
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">I", png[16:20])[0] == 2000


def fetched(page: Page, kind: str, folder: Path) -> Path:
    place = page.locator(".st-key-x_panels_propagation")
    place.get_by_role("button", name="Download this view as a figure").click()
    with page.expect_download() as download:
        place.get_by_role("button", name=kind).click()
    assert download.value.suggested_filename == f"xray-propagation.{kind.lower()}"
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path
