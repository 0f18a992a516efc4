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


def test_beside_runs_it_has_a_column_and_a_cure_is_trained_beside(page: Page, lab: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{lab.url}/train?depth=20&width=8&batch=64&skip=false&epochs=1")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.locator(".st-key-train button").click()
    column = page.locator("[data-testid=stSidebar] .dl-column")
    entry = column.locator("li").filter(has_text="At first the gradient")
    expect(entry).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("What happened"))).to_be_hidden()
    expect(page.locator(".st-key-train")).to_be_hidden()  # the form makes room
    entry.get_by_role("button", name="step 0").click()
    expect(page.get_by_test_id("card-gradient")).to_have_class(re.compile("dl-pointed"))
    entry.get_by_role("button", name="Train the twin with skips").click()
    expect(page.locator(".dl-state")).to_have_count(2)
    expect(page).to_have_url(re.compile("with="))
    expect(column.get_by_role("button", name="Train the twin with skips")).to_have_count(0)
    page.get_by_role("button", name="Close sidebar").or_(
        page.get_by_test_id("stSidebarCollapseButton").locator("button")
    ).first.click()
    expect(page.get_by_role("button", name=re.compile("What happened"))).to_be_visible()
