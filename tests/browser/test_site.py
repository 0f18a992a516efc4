"""A published site shows and says what the lab would, from a server that only hands out files, also below a path."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from core.findings.group import Group
from core.record import file
from core.record.recording import Recording
from core.report.content import closed
from core.report.publishing import publish
from core.web.train.opened import SHIPPED
from tests.browser.test_report import says

NAMES = ("plain-56", "resnet-56", "smallresnet", "smallresnet-nobn")


class Quiet(SimpleHTTPRequestHandler):
    """As ``python -m http.server`` answers."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def recordings() -> list[Recording]:
    return closed([file.read(SHIPPED / f"{name}.dlrec") for name in NAMES])


@pytest.fixture(scope="module")
def served(recordings: list[Recording], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site is, below a path of a bare server of files."""
    root = tmp_path_factory.mktemp("www")
    (root / "people" / "me").mkdir(parents=True)
    publish(root / "people" / "me" / "site", recordings)
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=root)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/people/me/site"
        server.shutdown()


def test_from_the_list_to_a_recording_and_to_a_moment_of_it(
    page: Page, served: str, recordings: list[Recording]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served}/")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="ResNet-56"))
    expect(row).to_contain_text("32.5 % after epoch 6")
    row.get_by_role("link").click()
    page.wait_for_url("**/run-2.html")
    group = Group(recordings[1:2])
    says(page, group, None)
    step = group.moments["steps"][-4]
    page.get_by_test_id("cursor-slider").fill(str(step))
    says(page, group, step)
    page.wait_for_url(f"**/run-2.html?l_step={step}")
    page.reload()
    says(page, group, step)
    expect(page.locator("aside .dl-story li").first).to_be_visible()
    page.get_by_role("link", name="All recordings").click()
    expect(page.get_by_role("heading", name="Recordings")).to_be_visible()
    assert {url for url in asked if not url.startswith((served, "data:"))} == set()


def test_two_that_are_chosen_and_all_stand_beside_each_other(
    page: Page, served: str, recordings: list[Recording]
) -> None:
    page.goto(f"{served}/")
    button = page.get_by_role("button", name="Compare")
    for name, possible in (("plain-56", False), ("ResNet-56", True), ("ResNet-14 B default", False)):
        page.get_by_role("checkbox", name=f"Choose {name}", exact=True).check()
        expect(button).to_be_enabled() if possible else expect(button).to_be_disabled()
    expect(page.get_by_role("status")).to_have_text("Two of them have a page, and all: choose so many.")
    page.get_by_role("checkbox", name="Choose ResNet-14 B default", exact=True).uncheck()
    button.click()
    page.wait_for_url("**/compare-1-2.html")
    says(page, Group(recordings[:2]), None)
    page.go_back()
    page.get_by_role("link", name="see all beside each other").click()
    page.wait_for_url("**/all.html")
    expect(page.locator(".dl-state")).to_have_count(4)
    says(page, Group(recordings), None)


def test_of_some_among_many_the_charts_are_drawn_and_nothing_is_said(page: Page, served: str) -> None:
    page.goto(f"{served}/all.html?l_hidden=1,3&l_signals=spread&l_time=parsecs&l_step=x")
    heading = page.get_by_test_id("card-learns").locator("h3")
    expect(heading).to_have_text(re.compile("What may be said of a choice among so many runs is not in this page"))
    expect(page.locator("[data-testid=card-learns] .scatterlayer .trace").first).to_be_visible()
    expect(page.get_by_role("button", name="mean, std")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("aside .dl-story")).not_to_contain_text("plain-56:")
    expect(page.get_by_role("button", name="step", exact=True)).to_have_attribute("aria-pressed", "true")
    for name in ("plain-56", "ResNet-14 B default"):
        page.get_by_role("button", name=f"Show {name}", exact=True).click()
    expect(heading).not_to_have_text(re.compile("a choice among so many"))


def test_a_file_that_is_missing_is_one_sentence(page: Page, served: str) -> None:
    page.route("**/data/*", lambda route: route.fulfill(status=200, body="not found, but told as a page"))
    page.goto(f"{served}/run-1.html")
    expect(page.locator("#live")).to_have_text(re.compile("^The charts could not be loaded: load the page"))
    expect(page.get_by_text("12.1 % after epoch 6")).to_be_visible()
