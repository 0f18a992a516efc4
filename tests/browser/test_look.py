"""The dashboard can be read: on each screen, with any number of runs, in both themes, and while it moves."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.record import file
from core.record.events import StoredEvent, encode
from core.web import registry
from tests.browser.conftest import ROOT, Server
from tests.browser.test_train import settle

SIZES = ((1280, 720), (1440, 900), (1920, 1080))
LOOK = (Path(__file__).parent / "look.js").read_text()
STEP = """() => Number(document.querySelector(".dl-shown").textContent.replace(/[^0-9]/g, ""))"""
SHIFTS = """() => {
    window.shifted = 0
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value
    }).observe({type: "layout-shift"})
}"""


@pytest.fixture(scope="module")
def films(lab: Server) -> list[str]:
    """Eight recordings of 56 layers, plain and residual in turn, by their names in the address."""
    folder = lab.home / "recordings"
    folder.mkdir(exist_ok=True)
    names = []
    for seed in range(4):
        for net in ("plain-56", "resnet-56"):
            known = file.read(ROOT / "assets" / "recordings" / f"{net}.dlrec")
            train = known.head.spec.train.model_copy(update={"lr": 0.1 + seed / 100})
            spec = known.head.spec.model_copy(update={"train": train})
            if seed:
                known = replace(known, events=tuple(map(tamed, known.events)))
            again = replace(known, head=replace(known.head, id=f"{net}-{seed}", spec=spec))
            names.append(f"look-{net}-{seed}.dlrec")
            file.write(folder / names[-1], again)
    return names


def tamed(event: StoredEvent) -> StoredEvent:
    """Without losses above the axis: equal copies would write the same number on the same place."""
    if event.kind not in ("metrics", "evaluation"):
        return event
    low = {name: np.minimum(value, 4) for name, value in event.payload.items() if "loss" in name and value is not None}
    text = encode(event.payload | {name: value if np.ndim(value) else float(value) for name, value in low.items()})
    return StoredEvent(event.seq, event.step, event.time, event.kind, text)


@pytest.fixture
def still(page: Page) -> Page:
    page.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {LOOK} }})")
    page.emulate_media(reduced_motion="reduce")
    return page


def opened(page: Page, lab: Server, films: list[str], query: str = "") -> None:
    page.goto(f"{lab.url}/train?file={','.join(films)}&{query}")
    expect(page.get_by_test_id("card-learns").locator("h3")).not_to_be_empty()
    settle(page)


def found(page: Page, *looks: str) -> list[str]:
    page.wait_for_function("look.settled()")
    return [each for look in looks for each in page.evaluate(f"look.{look}")]


@pytest.mark.parametrize(
    "count", [pytest.param(1, marks=pytest.mark.long), 2, pytest.param(4, marks=pytest.mark.long), 8]
)
def test_nothing_collides_and_plots_keep_their_height(still: Page, lab: Server, films: list[str], count: int) -> None:
    opened(still, lab, films[:count])
    problems = []
    for width, height in SIZES:
        still.set_viewport_size({"width": width, "height": height})
        problems += [f"{width}: {each}" for each in found(still, "overlaps()", "low()")]
    still.get_by_role("button", name="Present").click()
    for width, height in SIZES:
        still.set_viewport_size({"width": width, "height": height})
        problems += [f"Present {width}: {each}" for each in found(still, "overlaps()", "low()", "small()")]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_and_marks_stand_out(still: Page, lab: Server, films: list[str], scheme: str) -> None:
    still.emulate_media(reduced_motion="reduce", color_scheme=scheme)  # type: ignore[arg-type]
    opened(still, lab, films[:2])
    problems = found(still, "pale(4.5)", "faint(3)")
    assert not problems, "\n".join(problems)


def test_nothing_jumps_while_a_recording_plays(page: Page, lab: Server, films: list[str]) -> None:
    opened(page, lab, films[:2])
    page.evaluate(SHIFTS)
    chip = page.get_by_test_id("cursor-chip")
    page.get_by_role("button", name="Replay what was measured").click()
    for step in (8, 64):
        page.wait_for_function(
            f"Number(document.querySelector('.dl-shown').textContent.replace(/[^0-9]/g, '')) >= {step}"
        )
    expect(chip).to_contain_text("all views show step")
    assert page.evaluate("window.shifted") < 0.1


def test_the_tab_names_page_and_run(page: Page, lab: Server, films: list[str]) -> None:
    opened(page, lab, films[:1])
    expect(page).to_have_title("plain-56 · Train · Depth Lab")


@pytest.mark.parametrize("width", [1280, 1920])
def test_links_between_pages_stand_where_they_stood(page: Page, lab: Server, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    places = set()
    titles = [each.title for each in registry.PAGES if each.listed]
    page.goto(lab.url)
    for title in titles:
        page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
        expect(page).to_have_title(re.compile(rf"^(.* · )?{title} · Depth Lab$"))
        settle(page)
        boxes = [link.bounding_box() for link in page.get_by_test_id("stTopNavLink").all()]
        places.add(tuple(round(box["x"]) for box in boxes if box))
    assert len(places) == 1, places
    assert len(places.pop()) == len(titles)
