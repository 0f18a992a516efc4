"""The kind: whatever link one follows, a reload shows the same, and one more click leaves one where one was."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.conftest import PATIENCE, Server
from tests.browser.test_train import begin, settle, unfold_form

# by page: what it draws last, and one more click
READY = {
    "": ("[data-testid=stImage]", "[data-testid=card-learns] .main-svg"),
    "architecture": (".st-key-train_this a",),
    "train": (":is(.st-key-train button, .st-key-new_run summary):visible", "[data-testid=card-flow] .main-svg"),
    "run": ("[data-testid=stCode]",),
    "runs": ("[data-testid=stDataFrame] canvas",),
    "compare": ("[class*=st-key-compared-] input",),
    "xray": (".st-key-x_panels_gradient .xp-plot svg",),
    "inspect": (".st-key-i_maps_map1 canvas",),
}
CLICKS: dict[str, Callable[[Page], Any]] = {
    "architecture": lambda page: page.get_by_role("radio", name="Channels").click(),
    "train": lambda page: choose_pictures(page),
    "xray": lambda page: page.get_by_role("radio", name="Of weights").click(),
    "inspect": lambda page: page.get_by_role("radio", name="Test set", exact=True).click(),
}
# headings, what a run's dashboard says of it, and the value of each widget by its key
SHOWN = """() => {
    const keyOf = node => node.closest("[class*=st-key-]")?.className.match(/st-key-\\S+/)[0] ?? ""
    const valueOf = node => node.role ? [node.ariaValueNow, node.ariaChecked] : [node.value, node.checked]
    const all = selector => [...document.querySelectorAll(selector)]
    return {
        texts: all("h1, h2, h3, h4, h5, .st-key-train button, [data-testid=live-status], .dl-name, [data-net]")
            .map(node => node.dataset.net ?? node.textContent),
        pressed: all("[aria-pressed=true]").map(node => node.textContent),
        widgets: all("input:not([type=file]), [role=slider], [role=radio]")
            .map(node => [keyOf(node), ...valueOf(node)]),
    }
}"""
STILL = """() => new Promise(resolve => {
    let timer = null
    const wait = () => { clearTimeout(timer); timer = setTimeout(resolve, 400) }
    wait()
    new MutationObserver(wait).observe(document, { subtree: true, childList: true })
})"""


def choose_pictures(page: Page) -> None:
    if page.locator(".st-key-new_run").count():
        unfold_form(page)
    page.get_by_role("radio", name="All of CIFAR-10").click()


class Visitor:
    """Goes about in a tab, and waits for the script run that each step starts."""

    def __init__(self, page: Page) -> None:
        self.page, self.runs = page, 0  # script runs that have ended
        page.on("websocket", lambda socket: socket.on("framereceived", self._hear))

    def _hear(self, frame: bytes | str) -> None:
        self.runs += isinstance(frame, bytes) and ForwardMsg.FromString(frame).HasField("script_finished")

    def begins_at(self, address: str) -> None:
        if self.page.url != address:
            self.does(partial(self.page.goto, address))

    def does(self, step: Callable[[], Any]) -> None:
        before = self.runs
        step()
        while self.runs == before:
            self.page.wait_for_timeout(20)  # Playwright tells what it has heard only while it waits
        for drawn in READY[self.name]:
            self.page.locator(drawn).first.wait_for(timeout=2 * PATIENCE)
        settle(self.page)
        self.page.evaluate(STILL)  # what has come is drawn

    @property
    def name(self) -> str:
        return page_of(self.page.url)

    @property
    def asked(self) -> dict[str, list[str]]:
        return parameters(self.page.evaluate("location.href"))


def test_every_link_leads_to_what_stays_after_reload_and_one_more_click(page: Page, lab: Server) -> None:
    page.emulate_media(reduced_motion="reduce")  # what plays by itself would be another picture at each look
    run_id = begin(page, lab, epochs=1)
    expect(page.get_by_test_id("live-status")).to_have_text("finished", timeout=2 * PATIENCE)
    visitor, followed = Visitor(page), set()
    for start in ("", "architecture", "train", f"train?run={run_id}", "train?depth=56", "xray", "inspect"):
        visitor.begins_at(f"{lab.url}/{start}")
        for kind, href in links(page, lab).items():
            if kind not in followed:
                followed.add(kind)
                visitor.begins_at(f"{lab.url}/{start}")
                follow(visitor, href)
    assert {name for name, *_ in followed} == READY.keys()
    assert len(followed) >= len(READY) + 3  # also a run, and nets of two families to train


def links(page: Page, lab: Server) -> dict[tuple[str, ...], str]:
    """What the links of the page say: one for each page, and each set of parameters, that they lead to elsewhere."""
    found = page.locator("a[href]:not([href^='#'])").evaluate_all(
        "links => links.map(link => [link.getAttribute('href'), link.href])"
    )
    return {
        (page_of(target), *sorted(parameters(target))): href
        for href, target in reversed(found)
        if target.startswith(lab.url) and (page_of(target) != page_of(page.url) or parameters(target))
    }


def follow(visitor: Visitor, href: str) -> None:
    """What is shown after a link is there after a reload; one more click changes neither page nor parameters."""
    page = visitor.page
    visitor.does(lambda: page.locator(f"a[href='{href}']").first.click())
    name, asked, shown = visitor.name, visitor.asked, page.evaluate(SHOWN)
    visitor.does(page.reload)
    assert page.evaluate(SHOWN) == shown
    assert (visitor.name, visitor.asked) == (name, asked)
    if name in CLICKS:
        visitor.does(lambda: CLICKS[name](page))
        assert visitor.name == name
        assert visitor.asked.items() >= asked.items()


def page_of(address: str) -> str:
    return urlsplit(address).path.strip("/")


def parameters(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query, keep_blank_values=True)
