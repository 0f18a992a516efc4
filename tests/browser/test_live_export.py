"""A view leaves the lab as a figure for a paper: light, with its finding, who is who, and all that is drawn."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.test_live_player import opened

SVG = "{http://www.w3.org/2000/svg}"


def fetched(page: Page, card: str, kind: str, folder: Path) -> Path:
    place = page.get_by_test_id(f"card-{card}")
    place.get_by_role("button", name="Download this view as a figure").click()
    with page.expect_download() as download:
        place.get_by_role("button", name=kind).click()
    assert download.value.suggested_filename.startswith(f"{card}-plain-56-ResNet-56")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def luminance(colour: str) -> float:
    channels = [float(part) for part in re.findall(r"[\d.]+", colour)[:3]]
    return float(
        sum(weight * channel for weight, channel in zip((0.2126, 0.7152, 0.0722), channels, strict=True)) / 255
    )


def test_a_view_of_a_dark_page_is_a_light_figure(page: Page, lab: Server, tmp_path: Path) -> None:
    page.emulate_media(reduced_motion="reduce", color_scheme="dark")
    opened(page, lab, "l_step=96")
    background = page.evaluate("getComputedStyle(document.querySelector('.dl-card')).backgroundColor")
    assert luminance(background) < 0.2  # the page is dark
    for card, drawings in (("learns", "path"), ("gradient", "image"), ("signals", "image")):
        finding = page.get_by_test_id(f"card-{card}").locator("h3").inner_text()
        before = page.get_by_test_id(f"card-{card}").locator(".dl-body").inner_text()
        text = fetched(page, card, "SVG", tmp_path).read_text()
        figure = ET.fromstring(text)
        words = " ".join("".join(node.itertext()) for node in figure.iter(f"{SVG}text"))
        told = re.sub(r"\s", "", words)
        assert re.sub(r"\s", "", finding) in told
        assert {"plain-56", "ResNet-56"} <= {"".join(node.itertext()) for node in figure.iter(f"{SVG}text")}
        assert list(figure.iter(f"{SVG}{drawings}"))
        first = figure.find(f"{SVG}rect")
        assert first is not None
        assert first.get("fill") == "#ffffff"
        assert background not in text
        letters = [node.get("style", "") for node in figure.iter(f"{SVG}text")]
        inks = [found[1] for style in letters if (found := re.search(r"fill: (rgb[^;]+)", style))]
        assert inks
        assert max(map(luminance, inks)) < 0.6  # letters can be read on white
        assert page.get_by_test_id(f"card-{card}").locator(".dl-body").inner_text() == before
    expect(page.locator(".dl-menu:visible")).to_have_count(0)
    png = fetched(page, "signals", "PNG", tmp_path).read_bytes()
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">I", png[16:20])[0] == 2000
