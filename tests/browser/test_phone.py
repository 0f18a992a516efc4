"""On a phone pages do not scroll sideways, and report no error."""

import pytest
from playwright.sync_api import Page

from core.web.registry import PAGES
from core.web.registry import Page as Registered
from tests.browser.conftest import Server

SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
WIDER = """() => [document.documentElement, document.querySelector("[data-testid=stMain]")]
    .map(node => node.scrollWidth - node.clientWidth)"""
DRAWN = {"Architecture": ".da-drawing rect", "X-ray": ".xp-curve", "Train": ".dl-card .js-plotly-plot"}


@pytest.mark.parametrize("subject", PAGES, ids=lambda subject: subject.title)
def test_no_page_scrolls_sideways(page: Page, lab: Server, subject: Registered) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    title = subject.title
    page.goto(lab.url if title == "Home" else f"{lab.url}/{title.lower().replace('x-ray', 'xray')}")
    page.wait_for_selector(DRAWN.get(title, SETTLED))
    assert page.evaluate(WIDER) == [0, 0]
