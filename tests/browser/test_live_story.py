"""What happened is a list that leads to the step, and to the view that shows it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server


def test_an_entry_leads_to_its_step_and_its_view(page: Page, lab: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{lab.url}/train?show=With+and+without+BN")
    page.get_by_role("button", name=re.compile("What happened")).click()
    entry = page.locator(".dl-story li").filter(has_text="without BN").filter(has_text="It left guessing")
    expect(entry).to_be_visible()
    step = entry.get_by_role("button").inner_text()
    entry.get_by_role("button").click()
    expect(page.get_by_test_id("card-learns")).to_have_class(re.compile("dl-pointed"))
    chip = page.get_by_test_id("cursor-chip")
    expect(chip).to_contain_text("all views show step")
    shown, wanted = (int(re.sub(r"\D", "", text)) for text in (chip.locator(".dl-shown").inner_text(), step))
    assert shown <= wanted  # the last measurement until then
    expect(page.locator(".dl-story li")).not_to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".dl-story")).to_be_hidden()
