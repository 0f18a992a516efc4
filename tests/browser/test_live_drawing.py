"""What the dashboard draws of many runs: the pure parts, in the browser that runs them, and pointing and hiding."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.figures.palette import KINDS, RUNS
from core.findings.clock import pictures_at
from core.vocabulary.colours import GREY
from tests.browser.conftest import Server
from tests.browser.test_live_modules import call
from tests.browser.test_live_modules import modules as modules
from tests.browser.test_live_player import opened
from tests.unit.test_figures import PAGES, contrast
from tests.unit.told_runs import Told, seen

TEXTS = {"light": "#1B2430", "dark": "#E6EAF0"}  # of .streamlit/config.toml
BOTH = "file=plain-56.dlrec,resnet-56.dlrec"
FADED = """() => [...document.querySelectorAll(".dl-chart .trace, .dl-chart .hm, .dl-chart .annotation")]
    .filter((part) => part.checkVisibility())
    .map((part) => [part.classList.contains("dl-lit"), part.classList.contains("dl-faded")])"""


def test_names_at_the_ends_of_curves_are_moved_apart_as_little_as_can_be(modules: Page) -> None:
    random = np.random.default_rng(0)
    for count in (1, 2, 5, 9):
        wanted = random.uniform(-20, 150, count).round(1).tolist()
        placed = call(modules, "ends", "m.apart(v.wanted, 14, 140)", wanted=wanted)
        order = np.argsort(wanted, kind="stable")
        assert np.diff(np.array(placed)[order]).min(initial=14) >= 14 - 1e-9
        assert min(placed) >= 7
        assert max(placed) <= 133
        moved = [sum((at - want) ** 2 for at, want in zip(places, wanted, strict=True)) for places in allowed(order)]
        assert sum((at - want) ** 2 for at, want in zip(placed, wanted, strict=True)) <= min(moved) + 1e-6
    assert call(modules, "ends", "m.apart([30, 30], 14, 140)") == [23, 37]
    assert call(modules, "ends", "m.apart([100, 20], 14, 140)") == [100, 20]


def allowed(order: np.ndarray) -> list[np.ndarray]:
    """Many places in that order that are far enough apart: none of them may be nearer to what is wanted."""
    random = np.random.default_rng(1)
    free = 140 - 14 * len(order)
    drawn = np.sort(random.uniform(0, free, (2000, len(order))), axis=1) + 7 + 14 * np.arange(len(order))
    return [places[np.argsort(order)] for places in drawn]


def test_a_band_is_mean_and_range_of_its_curves_as_far_as_all_go(modules: Page) -> None:
    random = np.random.default_rng(2)
    curves = [(np.arange(1, 101), random.normal(size=100)), (np.arange(1, 81, 2), random.normal(size=40))]
    curves += [(np.sort(random.choice(100, 30, replace=False)), random.normal(size=30))]
    told = call(
        modules,
        "band",
        "m.band(v.curves)",
        curves=[{"x": x.tolist(), "y": y.tolist()} for x, y in curves],
    )
    x = np.array(told["x"])
    assert x[0] == max(of[0] for of, _ in curves)
    assert x[-1] == min(of[-1] for of, _ in curves)
    rows = np.stack([np.interp(x, *curve) for curve in curves])
    for name, expected in {"low": rows.min(0), "high": rows.max(0), "mean": rows.mean(0)}.items():
        assert told[name] == pytest.approx(expected.tolist())


@pytest.mark.parametrize("theme", PAGES)
def test_names_can_be_read_in_the_colour_of_each_run(modules: Page, theme: str) -> None:
    of = {"text": TEXTS[theme], "background": PAGES[theme]}
    colours = [*KINDS.values(), *RUNS, GREY]
    told = call(
        modules,
        "theme",
        "v.colours.map((each) => m.rgb(m.readable(each, v.theme)))",
        "shared",
        colours=colours,
        theme=of,
    )
    for channels in told:
        assert contrast("#" + "".join(f"{round(channel):02X}" for channel in channels), PAGES[theme]) >= 4.5


PLOT: dict[str, Any] = {"range": [-1, 8], "theme": {"scale": 1, "text": "#1B2430", "background": "#FFFFFF"}}


def test_what_lies_beyond_the_axis_is_a_triangle_with_its_number(modules: Page) -> None:
    expression = "m.beyond([1, 2, 3, 4], [127.4, 8, null, -3], 'x', '#D55E00', v.plot)"
    told = call(modules, "cards/curves", expression, plot=PLOT)
    found = [(each["x"], each["y"], each["text"], each["marker"]["symbol"]) for each in told]
    assert found == [([1], [8], ["↑ 127"], "triangle-up"), ([4], [-1], ["↓ −3"], "triangle-down")]
    assert call(modules, "cards/curves", "m.beyond([1], [8], 'x', '#D55E00', v.plot)", plot=PLOT) == []


def test_numbers_at_the_edge_do_not_stand_on_each_other(modules: Page) -> None:
    expression = """m.apart(
        [20, 30, 40].flatMap((value) => m.beyond([1, 9], [value, value], "x", "#D55E00", v.plot)), 10,
    ).map(({ text, textposition }) => [text, textposition])"""
    told = call(modules, "cards/curves", expression, plot=PLOT)
    assert [text for text, _ in told] == [["<br>" * lane + f"↑ {value}"] * 2 for lane, value in enumerate((20, 30, 40))]
    assert told[0][1] == ["bottom right", "bottom left"]


def test_differences_are_taken_at_equal_positions_and_none_is_invented(modules: Page) -> None:
    random = np.random.default_rng(3)
    at, there = np.arange(1.0, 61), np.sort(random.choice(np.arange(5, 50), 20, replace=False)).astype(float)
    values, others = random.normal(size=60), random.normal(size=20)
    lines: dict[str, Any] = {
        "line": {"at": at.tolist(), "values": values.tolist()},
        "other": {"at": there.tolist(), "values": others.tolist()},
    }
    exactly = call(modules, "baseline", "[...m.less(v.line, v.other, 'exactly')]", **lines)
    known = dict(zip(there, others, strict=True))
    expected = [value - known.get(place, np.nan) for place, value in zip(at, values, strict=True)]
    assert exactly == pytest.approx(expected, nan_ok=True, abs=1e-6)
    between = call(modules, "baseline", "[...m.less(v.line, v.other, 'between')]", **lines)
    straight = values - np.interp(at, there, others, left=np.nan, right=np.nan)
    assert between == pytest.approx(straight.tolist(), nan_ok=True, abs=1e-6)
    lines["other"]["values"][4] = math.nan  # a hole stays one, up to the points beside it
    hole = "{at: v.other.at, values: v.other.values.map((value) => value ?? NaN)}"
    holed = np.array(call(modules, "baseline", f"[...m.less(v.line, {hole}, 'between')]", **lines), np.float64)
    inside = (at > there[3]) & (at < there[5])
    assert np.isnan(holed[inside]).all()
    assert holed[~inside].tolist() == pytest.approx(straight[~inside].tolist(), nan_ok=True, abs=1e-6)


PICTURES = """v.steps.map((step) => Object.assign(new m.RunStore("x"), {
    summary: { batch_size: v.batch }, started: { steps_per_epoch: v.size, images: v.images },
}).picturesAt(step))"""


@pytest.mark.parametrize(("images", "batch", "size"), [(5000, 128, 39), (5000, 128, 40), (5000, 64, 78), (100, 10, 10)])
def test_pictures_seen_are_counted_as_findings_count_them(modules: Page, images: int, batch: int, size: int) -> None:
    [run] = seen(Told(images=images, batch_size=batch, started={"steps_per_epoch": size}))
    steps = [0, 1, size - 1, size, size + 1, 3 * size + 2]
    told = call(modules, "store", PICTURES, steps=steps, images=images, batch=batch, size=size)
    assert told == [pictures_at(run, step) for step in steps]


def test_hidden_runs_are_counted_from_one_and_one_stays(modules: Page) -> None:
    hidden = ""
    for index, expected in ((2, "3"), (0, "1,3"), (1, "1,3"), (2, "1")):
        hidden = call(modules, "view", "m.toggled({hidden: v.hidden}, v.index, 3)", hidden=hidden, index=index)
        assert hidden == expected
    assert call(modules, "view", "[0, 1, 10].map((index) => m.hides({hidden: '1,11'}, index))") == [True, False, True]


def test_pointing_at_a_run_lights_it_up_everywhere(page: Page, lab: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, lab, BOTH)
    assert not any(itertools.chain(*page.evaluate(FADED)))
    page.get_by_test_id("state").hover()
    parts = page.evaluate(FADED)
    assert {lit != faded for lit, faded in parts} == {True, False}  # a name of the axis is nobody's
    assert min(sum(lit for lit, _ in parts), sum(faded for _, faded in parts)) >= 5
    expect(page.get_by_test_id("state-2")).to_have_class("dl-state dl-recorded dl-faded")
    page.mouse.move(2, 2)
    page.wait_for_function(f"() => !({FADED})().flat().includes(true)")
    page.get_by_role("button", name="Hide ResNet-56").focus()  # and by keyboard
    expect(page.get_by_test_id("state")).to_have_class("dl-state dl-recorded dl-faded")


DIFFERENCES = """() => {
    const plot = document.querySelector("[data-testid=card-learns] .js-plotly-plot")
    const smoothed = plot.data.filter((trace) => trace.hovertemplate?.includes("smoothed"))
    return { titles: [plot.layout.yaxis.title.text, plot.layout.yaxis2.title.text],
             lines: smoothed.slice(0, 2).map(({ meta, x, y }) => ({ meta, x: [...x], y: [...y] })) }
}"""


def test_curves_show_the_differences_to_a_baseline_that_the_address_holds(page: Page, lab: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, lab, BOTH)
    before = {line["meta"]: line for line in page.evaluate(DIFFERENCES)["lines"]}
    page.get_by_role("button", name="Differences to ResNet-56").click()
    page.wait_for_url("**l_base=2**")
    page.wait_for_function(f"({DIFFERENCES})().titles[0] === 'loss − ResNet-56'")
    expect(page.get_by_test_id("card-learns")).to_contain_text("differences to ResNet-56, at equal steps")
    told = page.evaluate(DIFFERENCES)
    assert told["titles"][1] == "accuracy − ResNet-56 (pts)"
    plain, based = told["lines"] if set(told["lines"][0]["y"]) != {0} else told["lines"][::-1]
    assert set(based["y"]) == {0}
    own, its = before[plain["meta"]], before[based["meta"]]
    expected = np.array(own["y"]) - np.interp(own["x"], its["x"], its["y"])
    assert plain["y"] == pytest.approx(expected.tolist(), abs=1e-5)
    page.reload()
    expect(page.get_by_test_id("card-learns")).to_contain_text("differences to ResNet-56, at equal steps")
    page.get_by_role("button", name="Hide ResNet-56").click()  # nothing differs from what is not shown
    page.wait_for_function("!location.search.includes('l_base')")
    page.goto(f"{lab.url}/train?{BOTH}&l_base=3")
    expect(page.get_by_text("2 runs are shown: give the number of one of them")).to_be_visible()


def test_a_zoom_in_time_ends_with_its_axis(page: Page, lab: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, lab, BOTH)
    card = page.get_by_test_id("card-learns")
    range_of = "() => document.querySelector('[data-testid=card-learns] .js-plotly-plot').layout.xaxis.range"
    whole = page.evaluate(range_of)
    plot = card.locator(".nsewdrag").first.bounding_box()
    assert plot
    page.mouse.move(plot["x"] + plot["width"] * 0.3, plot["y"] + plot["height"] / 2)
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] * 0.7, plot["y"] + plot["height"] / 2, steps=4)
    page.mouse.up()
    page.wait_for_function(f"whole => ({range_of})()[0] > 0.2 * whole[1]", arg=whole)
    card.get_by_role("button", name="epoch", exact=True).click()
    page.wait_for_function(f"() => ({range_of})()[0] === 0")
    assert page.evaluate(range_of)[1] == pytest.approx(6)


def test_a_click_hides_a_run_here_and_in_the_address(page: Page, lab: Server) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, lab, BOTH)
    finding = page.get_by_test_id("card-learns").locator("h3")
    expect(finding).to_have_text("Test accuracy after epoch 6: plain-56 12.1 %, ResNet-56 32.5 %")
    page.get_by_role("button", name="Hide ResNet-56").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**l_hidden=2**")
    expect(finding).to_have_text("Test accuracy 12.1 % after epoch 6")
    page.reload()
    expect(finding).to_have_text("Test accuracy 12.1 % after epoch 6")
    expect(page.get_by_test_id("card-flow")).to_contain_text("no shortcuts")
    page.get_by_role("button", name="Hide plain-56").click()  # one stays
    page.get_by_role("button", name="Show ResNet-56").click()
    expect(finding).to_contain_text("plain-56 12.1 %, ResNet-56 32.5 %")
    assert "l_hidden" not in page.url


def test_a_name_with_markup_is_written_letter_by_letter(modules: Page) -> None:
    name = '<b>mine</b> & <a href="https://x.test">x</a>'
    text = call(modules, "ends", "m.plain(v.name)", name=name)
    assert "<" not in text
    assert (
        modules.evaluate("(text) => new DOMParser().parseFromString(text, 'text/html').body.textContent", text) == name
    )
