"""The address holds what the page shows: after a link, a reload and one more click."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from core.figures.sparkline import WIDTH
from tests.browser.conftest import Server
from tests.browser.test_train import begin, settle, unfold_form


def stopped_run(page: Page, lab: Server) -> str:
    """A run that is over; its id."""
    run_id = begin(page, lab, epochs=500)
    page.get_by_test_id("transport-stop").click()
    expect(page.get_by_test_id("live-status")).to_have_text("stopped")
    return run_id


def test_a_run_opened_on_train_stays_open_after_reload_and_one_more_click(page: Page, lab: Server) -> None:
    run_id = stopped_run(page, lab)
    page.goto(f"{lab.url}/train")
    settle(page)
    curve = page.get_by_role("img", name=re.compile("training loss: from")).first
    expect(curve).to_be_visible()
    assert curve.evaluate("(picture) => picture.decode().then(() => picture.naturalWidth)") == WIDTH
    page.get_by_role("link", name=re.compile("Open")).first.click()
    expect(page.get_by_test_id("live-status")).to_have_text("stopped")
    expect(page).to_have_url(re.compile(f"run={run_id}"))
    page.reload()
    settle(page)
    expect(page.get_by_test_id("live-status")).to_have_text("stopped")
    unfold_form(page)
    page.get_by_text("All of CIFAR-10", exact=True).click()  # one more click, in the form beside it
    settle(page)
    expect(page.get_by_test_id("live-status")).to_have_text("stopped")
    expect(page).to_have_url(re.compile(f"run={run_id}"))


def test_two_windows_show_what_each_has_chosen(page: Page, browser: Browser, lab: Server) -> None:
    run_id = stopped_run(page, lab)
    second = browser.new_context().new_page()
    second.goto(f"{lab.url}/train?depth=56")
    settle(second)
    expect(second.get_by_role("button", name="Train ResNet-56")).to_be_visible()
    unfold_form(page)
    page.get_by_text("All of CIFAR-10", exact=True).click()
    settle(page)
    second.reload()
    settle(second)
    expect(second.get_by_role("button", name="Train ResNet-56")).to_be_visible()
    expect(second).not_to_have_url(re.compile("run="))
    expect(page).to_have_url(re.compile(f"run={run_id}"))
    second.context.close()


def test_back_leads_to_a_page_with_its_settings(page: Page, lab: Server) -> None:
    """At the first press, in whatever way the page was left."""
    page.goto(f"{lab.url}/train?depth=56&lr=0.2")
    button = page.locator(".st-key-train button")
    expect(button).to_contain_text("Train ResNet-56")
    page.get_by_role("link", name="X-ray").click()
    expect(page.get_by_text("X-ray at step 0")).to_be_visible()
    settle(page)
    expect(page).to_have_url(f"{lab.url}/xray")  # and none of them follows
    page.go_back()
    expect(button).to_contain_text("Train ResNet-56")
    expect(page.get_by_role("textbox", name="Learning rate", exact=True)).to_have_value("0.2")
    expect(page).to_have_url(f"{lab.url}/train?depth=56&lr=0.2")
    page.go_forward()
    expect(page.get_by_text("X-ray at step 0")).to_be_visible()


def test_back_closes_a_run_and_forward_opens_it(page: Page, lab: Server) -> None:
    run_id = stopped_run(page, lab)
    page.goto(lab.url)
    page.get_by_role("link", name=re.compile("Open")).first.click()
    expect(page.get_by_test_id("live-status")).to_have_text("stopped")
    settle(page)
    page.go_back()
    expect(page.get_by_role("link", name="Draw any net")).to_be_visible()
    page.go_forward()
    expect(page.get_by_test_id("live-status")).to_have_text("stopped")
    expect(page).to_have_url(re.compile(f"run={run_id}"))
