"""A report opens from a file, with no lab and no network, and shows and says what the lab would."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.findings.group import Group
from core.findings.told import View
from core.record import file
from core.record.recording import Recording
from core.report.content import closed
from core.report.report import report
from core.web.train.opened import SHIPPED

VIEWS = ("learns", "gradient", "signals", "flow")


@pytest.fixture(scope="module")
def recordings() -> list[Recording]:
    return closed([file.read(SHIPPED / f"{name}.dlrec") for name in ("plain-56", "resnet-56")])


@pytest.fixture
def alone(page: Page, recordings: list[Recording], tmp_path: Path) -> Page:
    """The report from its file, in a browser that has no network and asks for nothing else."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.set_offline(True)
    page.emulate_media(color_scheme="light")
    target = tmp_path / "two runs.html"
    target.write_bytes(report(recordings))
    page.goto(target.as_uri())
    expect(page.locator(".main-svg").first).to_be_visible()
    assert {url for url in asked if not url.startswith("data:")} == {target.as_uri()}
    return page


def says(page: Page, group: Group, step: int | None) -> None:
    """Each view says what the lab would say at that step."""
    told = group.findings(View(step))["said"]
    for view in VIEWS:
        heading = page.get_by_test_id(f"card-{view}").locator("h3")
        expect(heading).to_have_text(told[view]["finding"])  # type: ignore[literal-required]


def test_it_says_what_the_lab_says_at_each_moment(alone: Page, recordings: list[Recording]) -> None:
    group = Group(recordings)
    says(alone, group, None)
    expect(alone.get_by_text("These runs differ in skips alone: test accuracy after epoch 6")).to_be_visible()
    expect(alone.locator("aside .dl-story li")).to_have_count(len(group.findings(View())["story"]))
    slider, chip = alone.get_by_test_id("cursor-slider"), alone.get_by_test_id("cursor-chip")
    for step in group.moments["steps"][-2:3:-6]:
        slider.fill(str(step))
        expect(chip).to_contain_text(f"all views show step {step}")
        says(alone, group, step)
    alone.get_by_role("button", name="Replay what was measured").click()
    expect(chip).not_to_contain_text(f"step {step}")
    alone.get_by_role("button", name="Pause the replay").click()


def test_it_says_what_may_be_said_of_those_that_are_shown(alone: Page, recordings: list[Recording]) -> None:
    alone.get_by_role("button", name="Hide plain-56").click()
    says(alone, Group(recordings, ["1"]), None)
    expect(alone.locator("aside .dl-story")).not_to_contain_text("plain-56")
    alone.get_by_role("button", name="Show plain-56").click()
    alone.get_by_role("button", name="activations").click()
    told = Group(recordings).findings(View(gradient="signal_grad"))["said"]["gradient"]["finding"]
    expect(alone.get_by_test_id("card-gradient").locator("h3")).to_have_text(told)


def test_it_follows_the_system_into_the_dark(alone: Page) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    assert alone.evaluate(colour) == "rgb(255, 255, 255)"
    alone.emulate_media(color_scheme="dark")
    assert alone.evaluate(colour) == "rgb(18, 22, 28)"
    title = alone.locator("[data-testid=card-learns] .ytitle").first
    expect(title).to_have_css("fill", re.compile(r"rgb\(1\d\d, 1\d\d, 1\d\d\)"))
