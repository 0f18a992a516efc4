"""Train with a net whose gradient does not arrive: what has no place on a logarithmic scale is marked and worded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.figures.live import live_figures
from core.nets import Net, build
from core.probes.quantities import HISTOGRAM_EDGES
from core.record.events import Event
from core.spec import NetSpec, RunSpec
from core.store.identity import Identity
from core.store.store import Store
from tests.browser.conftest import Server
from tests.unit.made_nets import PLAIN, VANISHED, payloads, with_dead_layer

ME = Identity.me()
TRACES = """node => node.data.map((trace) => ({
  type: trace.type, x: [...trace.x], y: [...trace.y], text: trace.text, customdata: trace.customdata,
  symbol: trace.marker?.symbol, z: trace.z?.map((row) => [...row]) }))"""


def recorded(home: Path, net: Net, steps: int = 3) -> str:
    """A finished run whose net never changed; its id."""
    store = Store(home)
    run_id = store.create_run(RunSpec(net=net.spec), holder=ME)
    started, probe = payloads(net, step=True)
    started |= {"images": 1280, "steps_per_epoch": 10, "total_steps": steps, "histogram_edges": HISTOGRAM_EDGES}
    values = {name: np.ones(steps, np.float32) for name in ("loss", "accuracy", "lr")}
    metrics = {"steps": np.arange(1, steps + 1, dtype=np.int32), **values, "seconds": 1.0, "epoch": 0.1}
    probes = [Event("probe", step, probe) for step in range(steps)]
    ending = {"test_accuracy": 0.1, "train_loss": 2.3, "images_per_second": 1.0, "seconds": 1.0, "epochs": 0}
    events = [Event("started", 0, started), *probes, Event("metrics", steps, metrics), Event("stopped", steps, ending)]
    store.append(run_id, events, ME, status="stopped", step=steps, total_steps=steps)
    store.close()
    return run_id


def chart(page: Page, card: str, which: str) -> Locator:
    return page.get_by_test_id(f"card-{card}").locator(f".{which} .js-plotly-plot").first


def caption(page: Page, card: str, which: str) -> Locator:
    return page.get_by_test_id(f"card-{card}").locator(f".{which} .dl-caption").first


def note(page: Page, card: str) -> Locator:
    """What a chart says of its marks; line by line."""
    return page.get_by_test_id(f"card-{card}").locator(".annotation-text").first


def traces(chart: Locator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = chart.evaluate(TRACES)
    return found


def marks(page: Page, card: str = "gradient") -> list[dict[str, Any]]:
    return [trace for trace in traces(chart(page, card, "dl-now")) if isinstance(trace["symbol"], list)]


def choose(page: Page, card: str, value: str) -> None:
    page.get_by_test_id(f"card-{card}").locator(f"button[data-value={value}]").click()


def test_below_reach_dead_and_no_number_are_three_marks_with_words(page: Page, lab: Server) -> None:
    vanished = recorded(lab.home, build(VANISHED))
    page.goto(f"{lab.url}/train?run={vanished}")
    expect(note(page, "gradient")).to_contain_text("below float32's reach")
    [below] = marks(page)
    assert set(below["symbol"]) == {"triangle-down-open"}
    assert below["x"] == list(range(1, len(below["x"]) + 1))
    assert below["text"][0] == "stem<br>below float32's reach"
    expect(note(page, "gradient")).to_have_text(f"▽ layers 1–{len(below['x'])}:below float32's reach")
    bars, *_ = traces(chart(page, "gradient", "dl-now"))
    smallest = min(value for value in bars["y"] if value)
    assert 0 < smallest < 1e-40
    low, _ = chart(page, "gradient", "dl-now").evaluate("node => node.layout.yaxis.range")
    assert low < np.log10(below["y"][0]) < np.log10(smallest)  # on a shelf below all bars, and in view

    dead = recorded(lab.home, with_dead_layer(PLAIN, 5))
    page.goto(f"{lab.url}/train?run={dead}")
    expect(note(page, "gradient")).to_have_text("✕ layers 1–6:none: layer 5 answers 0")
    [none] = marks(page)
    assert set(none["symbol"]) == {"x"}
    assert none["text"][1].endswith("<br>none: layer 5 answers 0")

    fixup = recorded(lab.home, build(NetSpec(depth=8, width=4, norm="none", init="fixup")))
    page.goto(f"{lab.url}/train?run={fixup}")
    choose(page, "gradient", "update_ratio")
    expect(note(page, "gradient")).to_contain_text("✕ layers 1–2, 4, 6:none: a layer answers 0")
    expect(note(page, "gradient")).to_contain_text("◇ layers 3, 5, 7–8:no ratio: the weight is 0")
    [several] = marks(page)
    assert several["symbol"] == ["x", "x", "diamond-open", "x", "diamond-open", "x", "diamond-open", "diamond-open"]
    assert several["text"][1:3] == [
        "stage1.block1.conv1<br>none: layer 3 answers 0",
        "stage1.block1.conv2<br>no ratio: the weight is 0",
    ]


def test_the_map_has_a_colour_for_each_and_says_what_it_means(page: Page, lab: Server) -> None:
    run = recorded(lab.home, with_dead_layer(PLAIN, 5))
    page.goto(f"{lab.url}/train?run={run}")
    expect(caption(page, "gradient", "dl-time").locator(".dl-key-cell")).to_have_text("none: layer 5 answers 0")
    numbers, blanks = traces(chart(page, "gradient", "dl-time"))
    assert [bool(np.isnan(row[0])) for row in numbers["z"]] == [True] * 6 + [False] * 2
    assert [row[0] for row in blanks["z"]] == [0] * 6 + [None] * 2
    assert blanks["customdata"][0][0] == "none: layer 5 answers 0"
    choose(page, "gradient", "update_ratio")
    keys = caption(page, "gradient", "dl-time").locator(".dl-key-cell")
    expect(keys).to_have_text(["none: layer 5 answers 0", "too small to move a float32 weight"])
    colours = {keys.nth(at).evaluate("node => getComputedStyle(node, '::before').backgroundColor") for at in (0, 1)}
    assert len(colours) == 2


def test_branches_and_spreads_of_0_are_marked_too(page: Page, lab: Server) -> None:
    run = recorded(lab.home, build(NetSpec(depth=8, width=4, init="zero-gamma")))
    page.goto(f"{lab.url}/train?run={run}")
    expect(note(page, "flow")).to_have_text("✕ blocks 1–3:the branch answers 0")
    assert len(marks(page, "flow")[0]["x"]) == 3
    choose(page, "signals", "spread")
    expect(note(page, "signals")).to_have_text("✕ layers 3, 5, 7:answers 0")


def test_two_runs_have_a_lane_each(page: Page, lab: Server) -> None:
    dead, vanished = recorded(lab.home, with_dead_layer(PLAIN, 5)), recorded(lab.home, build(VANISHED))
    page.goto(f"{lab.url}/train?run={vanished}&with={dead}")
    expect(note(page, "gradient")).to_contain_text(re.compile("▽ plain-110.*, layers 1–.*✕ plain-8.*, layers 1–6:"))
    below, none = marks(page)
    assert below["y"][0] > none["y"][0] > 0


def test_a_cosine_has_a_linear_axis_from_end_to_end(page: Page, lab: Server) -> None:
    net = build(NetSpec(depth=8, width=4))
    run = recorded(lab.home, net)
    page.goto(f"{lab.url}/train?run={run}")
    for quantity, kind in (("agreement", "linear"), ("weight_grad", "log")):
        choose(page, "gradient", quantity)
        bars = chart(page, "gradient", "dl-now")
        page.wait_for_function(
            "([node, kind]) => node._fullLayout.yaxis.type === kind", arg=[bars.element_handle(), kind]
        )
        if kind == "linear":
            assert bars.evaluate("node => node.layout.yaxis.range") == [-1, 1]
            _, probe = payloads(net, step=True)
            assert traces(bars)[0]["y"] == pytest.approx(probe["agreement"], abs=1e-5)
            colour = chart(page, "gradient", "dl-time").evaluate("({ layout }) => layout.coloraxis")
            assert (colour["cmin"], colour["cmax"]) == (-1, 1)
            expect(caption(page, "gradient", "dl-time")).to_contain_text("agreement of halves")


def test_every_picture_says_in_its_why_what_the_marks_mean() -> None:
    why = " ".join(live_figures()["views"]["gradient"]["why"])
    assert all(f"{mark}: " in why for mark in "✕▽◇")
