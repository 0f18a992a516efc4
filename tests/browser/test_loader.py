"""Whichever import ends last, what stands on the page is what the page was told last."""

from __future__ import annotations

from playwright.sync_api import Page

from core.web.loader import JS
from tests.browser.test_live_modules import modules  # noqa: F401 (a fixture)

LOADED = """async (loader) => {
  const address = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }))
  const { default: load } = await import(address(loader))
  window.mounted = []
  const slow = new Promise((resolve) => (window.finish = resolve))
  window.slow = slow
  const module = (before) => address(`${before}
    export const mount = ({ data }) => window.mounted.push(data.name)
    export const unmount = () => {}`)
  const late = module("await window.slow;")
  const parentElement = document.createElement("div")
  load({ data: { name: "first", module: late }, parentElement })
  load({ data: { name: "second", module: module("") }, parentElement })
  while (!window.mounted.length) await new Promise(requestAnimationFrame)
  window.finish()
  await import(late)
  await new Promise(requestAnimationFrame)
  return window.mounted
}"""


def test_an_import_that_ends_late_does_not_bring_back_what_was_there_before(modules: Page) -> None:  # noqa: F811
    assert modules.evaluate(LOADED, JS) == ["second"]
