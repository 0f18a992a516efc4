"""From the click on Train to what a viewer sees: ``python -m tests.bench.browser [--rounds N] [ADDRESS ...]``.

A real server, engine and browser, all of them warm: each press waits until a worker is ready. Seconds until the
dashboard stands there, and until the first point of every run is drawn in its chart.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from core.machine import cores
from core.store.identity import Identity
from core.store.store import Store
from tests.browser.conftest import Server

ADDRESSES = ("/train?epochs=200", "/train?depth=56&epochs=200&race=Skips+on+and+off")
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
# not that of the recording, which plays there before
DASHBOARD = """() => {
    const states = [...document.querySelectorAll(".dl-state")]
    return states.length && states.every((state) => state.dataset.status && !state.classList.contains("dl-recorded"))
}"""
FIRST_POINT = """() => {
    const steps = [...document.querySelectorAll("[data-testid^=live-step]")].map((node) => node.textContent)
    const plot = document.querySelector("[data-testid=card-learns] .js-plotly-plot")
    return steps.every((step) => /^[1-9]/.test(step)) && plot?.data?.some(({ x }) => x?.length)
}"""

EMPTY = f"() => document.querySelector('{SETTLED} [data-testid=stMainBlockContainer] :is(h1, p)')"
# every head of every row names a net of that depth
DRAWN = """depth => {
    const rows = [...document.querySelectorAll(".xp-root")]
    const heads = rows.flatMap((row) => [...row.querySelectorAll(".x-head b")])
    return rows.length === 5 && document.querySelectorAll(".xp-curve").length >= 15 &&
        heads.every((head) => head.textContent.includes(`-${depth}`))
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("addresses", nargs="*", default=ADDRESSES, help="of Train")
    parser.add_argument("--rounds", type=int, default=5)
    typed = parser.parse_args()
    print(f"{cores()} cores; n = {typed.rounds} rounds after one to warm up; median (smallest to largest)")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "lab")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        try:
            for address in typed.addresses:
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                presses = [pressed(page, server, address) for _ in range(typed.rounds + 1)][1:]
                for what, seconds in zip(("dashboard", "first point"), zip(*presses, strict=True), strict=True):
                    _say(f"{address}, {what}", seconds)
                page.close()
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            xrays = [xray(page, server.url) for _ in range(typed.rounds + 1)][1:]
            whats = ("a page with nothing", "X-ray", "X-ray, a step of the depth")
            for what, seconds in zip(whats, zip(*xrays, strict=True), strict=True):
                _say(what, seconds)
        finally:
            browser.close()
            server.close()


def pressed(page: Page, server: Server, address: str) -> tuple[float, float]:
    """Seconds from the click to the dashboard and to the first point; the run is stopped afterwards."""
    page.goto(server.url + address)
    page.wait_for_selector(SETTLED)
    page.wait_for_selector(".js-plotly-plot")  # a recording plays there, as for everybody
    button = page.locator(".st-key-train button")
    button.wait_for()
    await_worker(Store(server.home))
    start = time.perf_counter()
    button.click()
    page.wait_for_function(DASHBOARD)
    dashboard = time.perf_counter() - start
    page.wait_for_function(FIRST_POINT)
    first_point = time.perf_counter() - start
    for stop in page.locator("[data-testid^=transport-stop]").all():
        stop.click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.dl-state')].every(({ dataset }) => dataset.status === 'stopped')"
    )
    return dashboard, first_point


def await_worker(store: Store) -> None:
    """Until a worker waits for a run with torch imported."""
    while not ((spare := store.meta("spare")) and Identity(**spare).alive):
        time.sleep(0.1)
    store.close()


def xray(page: Page, address: str) -> tuple[float, float, float]:
    """Seconds to a page with nothing, to all plots of X-ray, and from a step of its depth to all of them anew."""
    nothing = opened(page, f"{address}/run", EMPTY)
    first = opened(page, f"{address}/xray", DRAWN, 56)
    page.get_by_text("Measured on this machine.").wait_for()
    page.wait_for_selector(SETTLED)
    page.locator(".st-key-x_depth input").focus()
    start = time.perf_counter()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(DRAWN, arg=62)
    return nothing, first, time.perf_counter() - start


def opened(page: Page, address: str, ready: str, wanted: int | None = None) -> float:
    """Seconds from nowhere until that holds on the page."""
    page.goto("about:blank")
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(ready, arg=wanted)
    return time.perf_counter() - start


def _say(what: str, seconds: Sequence[float]) -> None:
    print(f"{what}: {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})", flush=True)


if __name__ == "__main__":
    main()
