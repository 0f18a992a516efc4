"""The remarks beside the cursor: readable without a mouse, and nothing moves for them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.test_live_modules import call, modules  # noqa: F401 (a fixture)

SHOWN = """(async () => {
  const { el } = await import("/api/static/any/shared/dom.js")
  document.body.replaceChildren()
  const style = el("link", { rel: "stylesheet", href: "/api/static/any/live/live.css" })
  await new Promise((resolve) => { style.onload = resolve; document.head.append(style) })
  window.remarks = new m.Remarks()
  const slider = el("input", { type: "range", class: "dl-slider" })
  const bar = el("div", { class: "dl-timebar" }, el("div", { class: "dl-rail" }, slider))
  const footer = el("footer", { class: "dl-footer" }, el("div", { class: "dl-cursor" }), bar, window.remarks.node)
  document.body.append(el("div", { class: "dl-root", style: "padding-top: 300px" }, footer))
  window.remarks.show(v.told)
})()"""
LONG = "ResNet-20 · seed 3: 1 thread since step 1,200: " + "another program keeps a core busy; " * 12


def box(page: Page, selector: str) -> dict[str, Any]:
    found = page.locator(selector).bounding_box()
    assert found
    return dict(found)


def test_several_remarks_stand_behind_their_number(modules: Page) -> None:  # noqa: F811
    told = [LONG, "learning rate 0.02 at step 12", "gradient clipped to 0.01 in 100 % of the steps"]
    call(modules, "remarks", SHOWN, told=told)
    button, listed = modules.get_by_role("button", name="3 remarks"), modules.locator(".dl-remarks")
    expect(listed).to_be_hidden()
    before = box(modules, ".dl-slider"), box(modules, ".dl-footer")
    button.focus()
    modules.keyboard.press("Enter")
    expect(listed.locator("li")).to_have_text(told)
    expect(button).to_have_attribute("aria-expanded", "true")
    assert listed.evaluate("(list) => list.scrollWidth <= list.clientWidth")
    assert (box(modules, ".dl-slider"), box(modules, ".dl-footer")) == before
    modules.evaluate("remarks.show(['only one is left'])")
    expect(listed.locator("li")).to_have_text(["only one is left"])
    expect(listed).to_be_visible()
    modules.evaluate("remarks.show([])")
    expect(listed).to_be_hidden()
    expect(modules.locator(".dl-remark")).to_be_hidden()


def test_one_remark_is_read_at_once_and_a_long_one_in_full(modules: Page) -> None:  # noqa: F811
    call(modules, "remarks", SHOWN, told=[LONG])
    remark = modules.locator(".dl-remark")
    expect(remark).to_have_text(LONG)
    assert remark.evaluate("(node) => node.scrollWidth > node.clientWidth")  # so it is cut
    assert box(modules, ".dl-slider")["width"] > 300
    remark.click()
    assert modules.locator(".dl-remarks").evaluate("(list) => list.scrollWidth <= list.clientWidth")
