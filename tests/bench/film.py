"""Frames a second while a recording plays: ``python -m tests.bench.film [--rounds N] [--seconds S]``.

A real server and Chromium with software drawing, all four views in sight, at 1440 × 900: recordings of 2 and of 12 runs
play at 1× and at 4×. Frames are those that the page began; tasks that took longer than 50 ms are listed.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

from core.machine import cores
from core.record import file
from core.web.train.opened import SHIPPED
from tests.browser.conftest import Server

NAMES = ("plain-56", "resnet-56", "smallresnet", "smallresnet-nobn")
SPEEDS = ("1", "4")
READY = "() => document.querySelectorAll('.dl-root .js-plotly-plot .main-svg').length >= 12"
COUNTED = """(ms) => new Promise((done) => {
    const long = []
    const watch = new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)))
    watch.observe({ type: "longtask" })
    const start = performance.now()
    let frames = 0
    const turn = (now) => {
        frames++
        if (now - start < ms) requestAnimationFrame(turn)
        else done({ rate: 1000 * (frames - 1) / (now - start), long })
    }
    requestAnimationFrame(turn)
})"""


class Counted(NamedTuple):
    """Of one round: frames a second, and ms of each long task."""

    rate: float
    long: list[float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0)
    typed = parser.parse_args()
    print(f"{cores()} cores; n = {typed.rounds} rounds of {typed.seconds:g} s; median (smallest to largest)")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        names = recorded(Path(folder) / "recordings", 12)
        server = Server(Path(folder) / "lab", DEPTHLAB_RECORDINGS=str(Path(folder) / "recordings"))
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        try:
            for count in (2, 12):
                for speed in SPEEDS:
                    page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
                    page.goto(f"{server.url}/train?file={','.join(names[:count])}&l_speed={speed}")
                    print(f"{count} runs at {speed}×: {said(played(page, typed.rounds, typed.seconds))}", flush=True)
                    page.close()
        finally:
            browser.close()
            server.close()


def recorded(folder: Path, count: int) -> list[str]:
    """Names of as many files: recordings that come with the lab, told apart by their rates."""
    folder.mkdir()
    for index in range(count):
        name = NAMES[index % len(NAMES)]
        found = file.read(SHIPPED / f"{name}.dlrec")
        spec = found.head.spec
        head = replace(found.head, spec=spec.but(train=spec.train.but(lr=0.01 * (index + 1))))
        file.write(folder / f"{index}.dlrec", replace(found, head=head))
    return [f"{index}.dlrec" for index in range(count)]


def played(page: Page, rounds: int, seconds: float) -> list[Counted]:
    page.wait_for_function(READY, timeout=120_000)
    page.wait_for_timeout(3000)
    page.get_by_role("button", name="Replay what was measured").click()
    page.evaluate(COUNTED, 2000)  # to warm up
    return [Counted(**page.evaluate(COUNTED, 1000 * seconds)) for _ in range(rounds)]


def said(found: list[Counted]) -> str:
    rates = [each.rate for each in found]
    tasks = sorted((task for each in found for task in each.long), reverse=True)
    long = f"{len(tasks)} long tasks" + (
        f", {tasks[0]:.0f} ms the longest, {sum(tasks):.0f} ms together" if tasks else ""
    )
    return f"{statistics.median(rates):.1f} frames a second ({min(rates):.1f} to {max(rates):.1f}); {long}"


if __name__ == "__main__":
    main()
