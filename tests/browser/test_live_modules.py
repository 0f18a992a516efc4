"""The dashboard's modules against the Python that they must agree with, in the browser that runs them."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route

from core.arith import describe
from core.figures import palette
from core.record import thin
from core.record.events import Event
from core.record.recording import Head
from core.record.told import of_head
from core.spec import PRESETS, NetSpec, RunSpec
from core.spec.epoch import Epoch
from core.store.identity import Identity
from core.store.store import Store
from core.vocabulary import numbers
from core.vocabulary.glossary import TERMS
from core.vocabulary.traces import RECENT, SMOOTHINGS
from core.web import static
from core.web.train import recordings

ME = Identity(1, 1.0)
NETS = [NetSpec(), NetSpec(norm="none"), NetSpec(skip=False), PRESETS["densenet-40-12"]]


ORIGIN = "http://modules.test"


@pytest.fixture
def modules(page: Page) -> Page:
    """An empty page whose origin has the files that the lab would serve; no server runs for it."""
    page.route(f"{ORIGIN}/**", answer)
    page.goto(ORIGIN)
    return page


def answer(route: Route) -> None:
    """As core/web/routes.py does."""
    name = route.request.url.removeprefix(f"{ORIGIN}/").removeprefix("api/static/any/")
    body = static.gzipped(name) if name else gzip.compress(b"<!doctype html>")
    if body is None:
        route.fulfill(status=404)
    else:
        route.fulfill(body=gzip.decompress(body), content_type=static.media_type(name) if name else "text/html")


def call(page: Page, module: str, expression: str, folder: str = "live", **values: Any) -> Any:
    """Evaluate an expression with the module as ``m`` and the values as ``v``; NaN travels as null."""
    script = f"async (v) => {{ const m = await import('/api/static/any/{folder}/{module}.js'); return {expression} }}"
    return page.evaluate(script, json.loads(json.dumps(values), parse_constant=lambda name: None))


def test_both_thin_alike(modules: Page) -> None:
    random = np.random.default_rng(0)
    for count, points in ((7, 20), (150, 20), (999, 100), (5000, 2000)):
        traces = random.normal(size=(2, count)).astype(np.float32)
        traces[:, random.integers(0, count, count // 9)] = np.nan
        steps = np.sort(random.choice(10 * count, count, replace=False)).tolist()
        chosen = call(modules, "thin", "m.evenly(v.steps, v.points)", steps=steps, points=points)
        assert chosen == thin.evenly(steps, points)
        if count > points:
            chosen = call(modules, "thin", "m.extremes(v.traces, v.points)", traces=traces.tolist(), points=points)
            assert chosen == thin.extremes(list(traces), points).tolist()


def test_numbers_read_alike(modules: Page) -> None:
    random = np.random.default_rng(0)
    values = [0, 0.125, 12.25, -0.5, 99.96, 999.5, 999.6, 1234.5, 99_999.6, 1e5, 0.001, 9.96e5, -2.3e-11, 1e300]
    values += (random.normal(size=400) * 10.0 ** random.integers(-12, 12, 400)).tolist()
    script = """async (v) => {
        const m = await import('/api/static/any/shared/format.js')
        const of = (write) => v.map(write)
        return {number: of((x) => m.short(x, 3)), two: of((x) => m.short(x)), percent: of((x) => m.percent(x % 1e7)),
                amount: of((x) => m.amount(Math.abs(x) % 1e14)), memory: of((x) => m.memory(Math.abs(x) % 1e13)),
                duration: of((x) => m.duration(x % 1e7))}
    }"""
    told = modules.evaluate(script, values)
    sizes = [abs(value) for value in values]
    assert told["number"] == [numbers.number(value) for value in values]
    assert told["two"] == [numbers.number(value, 2) for value in values]
    assert told["percent"] == [numbers.percent(math.fmod(value, 1e7)) for value in values]
    assert told["amount"] == [numbers.amount(math.fmod(size, 1e14)) for size in sizes]
    assert told["memory"] == [numbers.memory(math.fmod(size, 1e13)) for size in sizes]
    assert told["duration"] == [numbers.duration(math.fmod(value, 1e7)) for value in values]


def test_a_number_keeps_its_percent_sign_beside_it(modules: Page) -> None:
    text = "Test accuracy after epoch 6: plain-56 12.1 %, a share in %"
    told = call(modules, "format", "m.unbroken(v.text)", "shared", text=text)
    assert told == "Test accuracy after epoch 6: plain-56 12.1\N{NO-BREAK SPACE}%, a share in %"


def test_both_know_the_colours_of_sources(modules: Page) -> None:
    tables = palette.for_browser()
    for theme in ("light", "dark"):
        for count in (1, 2, 9, 17):
            colours = call(
                modules,
                "theme",
                "m.sourceColours(v.count, v.palette, {name: v.theme}).map(m.rgb)",
                "shared",
                count=count,
                palette=tables,
                theme=theme,
            )
            expected = [
                [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
                for colour in palette.source_colours(count, theme)
            ]
            assert np.abs(np.subtract(colours, expected)).max() <= 1  # halves may be rounded either way


def recorded(home: Path) -> tuple[Store, str]:
    """A run of 900 steps that went back to step 600 once, with probes of two layers."""
    store = Store(home)
    run_id = store.create_run(RunSpec(), holder=ME)
    store.append(run_id, [Event("started", 0, {"steps_per_epoch": 100, "layers": ["stem", "fc"]})], ME)
    random = np.random.default_rng(1)
    for first in [*range(0, 700, 20), "back", *range(600, 900, 20)]:
        if isinstance(first, str):
            store.append(run_id, [Event("resumed", 600, {"step": 600})], ME)
            continue
        steps = np.arange(first + 1, first + 21, dtype=np.int32)
        traces = {name: random.normal(size=20).astype(np.float32) for name in ("loss", "accuracy", "lr")}
        metrics = {"steps": steps, **traces, "seconds": first / 10 + 2, "epoch": first / 100}
        probe = {"std": random.random(2).astype(np.float32), "histogram": random.integers(0, 9, (2, 5), np.int32)}
        store.append(run_id, [Event("probe", first, probe), Event("metrics", first + 20, metrics)], ME)
    return store, run_id


MERGED = """(() => {
  const store = new m.RunStore("x")
  for (const text of v.answers) store.merge(JSON.parse(text))
  const { points, probes, clock } = store
  return {
    points,
    seconds: [10, 333, 650, 900].map((step) => store.at(step, "seconds")),
    probes: probes.map((probe) => [probe.step, [...probe.std], probe.histogram.map((row) => [...row])]),
    seq: store.seq,
  }
})()"""


def test_a_reader_from_the_start_and_one_who_came_late_see_the_same(modules: Page, tmp_path: Path) -> None:
    store, run_id = recorded(tmp_path / "recorded")
    run = store.known(run_id)
    brief = recordings.answer(store, run, 0)
    opening = json.dumps({"run": {}, "seq": 1, "events": json.loads(brief)["events"][:1]})
    late = call(modules, "store", MERGED, answers=[brief])
    early = call(modules, "store", MERGED, answers=[opening, recordings.answer(store, run, 1)])
    assert early["points"]["steps"] == late["points"]["steps"] == list(range(1, 901))
    assert early["points"]["loss"] == late["points"]["loss"]
    assert late["points"]["smooth_loss"] == pytest.approx(
        thin.smooth(np.array(late["points"]["loss"], np.float32), 25).tolist(), rel=1e-5
    )
    means = thin.recent(np.array(late["points"]["loss"], np.float32), RECENT).tolist()
    assert late["points"]["recent_loss"] == pytest.approx(means, rel=1e-5, abs=1e-6)
    assert early["points"]["recent_loss"] == pytest.approx(means, rel=1e-5, abs=1e-6)
    for steps in SMOOTHINGS:
        expected = thin.smooth(np.array(late["points"]["accuracy"], np.float32), steps)
        assert late["points"][f"smooth_accuracy_{steps}"] == pytest.approx(expected.tolist(), rel=1e-4, abs=1e-5)
    # what was smoothed before the run went back still carries a trace of what is void
    assert early["points"]["smooth_loss"][-1] == pytest.approx(late["points"]["smooth_loss"][-1], abs=1e-3)
    assert early["seconds"] == pytest.approx(late["seconds"])
    assert early["probes"] == late["probes"]
    assert early["seq"] == late["seq"] == store.events(run_id, 0, 10_000)[-1].seq


PLACED = """v.runs.map(({ batch, images, steps, macs }) => {
  const store = new m.RunStore("x")
  store.summary = { batch_size: batch, picture_macs: macs }
  store.started = { steps_per_epoch: steps, images }
  return [store.at(3 * steps, "macs"), store.stepAt(store.at(17, "macs"), "macs")]
})"""


@pytest.mark.parametrize("drop_last", [True, False])
def test_compute_counts_the_pictures_that_were_trained_on(modules: Page, drop_last: bool) -> None:
    net = NetSpec()
    epochs = [Epoch(5000, 128, drop_last), Epoch(5000, 64, drop_last), Epoch(100, 10, drop_last)]
    macs = of_head(Head("a", "", RunSpec(net=net), "running", "", 0.0, 0, None))["picture_macs"]
    assert macs == 3 * describe(net).macs
    runs = [{"batch": e.batch_size, "images": e.images, "steps": e.steps, "macs": macs} for e in epochs]
    placed = call(modules, "store", PLACED, runs=runs)
    assert placed == [[pytest.approx(macs * e.pictures(3 * e.steps)), pytest.approx(17)] for e in epochs]


REFITTED = """(() => {
  const store = new (await import("/api/static/any/live/store.js")).RunStore("x")
  return v.answers.map((text) => {
    store.merge(JSON.parse(text))
    return [store.started.threads, m.refitted({ store }, 0, [1]), m.refitted({ store, label: v.label }, 0, [1, 2])]
  })
})()""".replace("(() =>", "await (async () =>")


def test_a_change_of_threads_is_told_until_it_is_void(modules: Page, tmp_path: Path) -> None:
    store = Store(tmp_path / "refitted")
    run_id = store.create_run(RunSpec(), holder=ME)
    change = Event("threads", 40, {"threads": 1, "before": 2, "why": "other programs keep 1.0 of 2 cores busy"})
    answers, seq = [], 0
    for event in (
        Event("started", 0, {"threads": 2}),
        change,
        Event("resumed", 20, {"step": 20, "threads": 2}),
        change,
    ):
        (stored,) = store.append(run_id, [event], ME)
        answers.append(recordings.answer(store, store.known(run_id), seq))
        seq = stored.seq
    answers.append(recordings.answer(store, store.known(run_id), 0))
    told = "1 thread since step 40: other programs keep 1.0 of 2 cores busy"
    nothing, changed = [2, "", ""], [1, told, f"ResNet-20 · seed 3: {told}"]
    assert call(modules, "scrubber", REFITTED, answers=answers, label="ResNet-20 · seed 3") == [
        nothing,
        changed,
        nothing,
        changed,
        changed,
    ]
    assert call(modules, "scrubber", REFITTED, answers=answers[-1:], label="ResNet-20 · seed 3") == [changed]


ELSEWHERE = """(await (async () => {
  const store = new (await import("/api/static/any/live/store.js")).RunStore("x")
  return v.answers.map((text) => {
    store.merge(JSON.parse(text))
    return [store.started.device, m.elsewhere({ store }, 0, [1]), m.elsewhere({ store, label: v.label }, 0, [1, 2])]
  })
})())"""


def test_why_a_run_is_not_on_the_gpu_is_told_until_it_is(modules: Page, tmp_path: Path) -> None:
    """A run that goes on goes on where it can then: on the GPU, say, once that starts."""
    store = Store(tmp_path / "elsewhere")
    run_id = store.create_run(RunSpec(), holder=ME)
    note = "cuda:0 cannot start (out of memory), so the CPU trains."
    answers, seq = [], 0
    for event in (
        Event("started", 0, {"device": "EPYC", "device_note": note}),
        Event("resumed", 20, {"step": 20, "device": "H100", "device_note": ""}),
    ):
        (stored,) = store.append(run_id, [event], ME)
        answers.append(recordings.answer(store, store.known(run_id), seq))
        seq = stored.seq
    told = [["EPYC", note, f"ResNet-20 · seed 3: {note}"], ["H100", "", ""]]
    assert call(modules, "scrubber", ELSEWHERE, answers=answers, label="ResNet-20 · seed 3") == told
    answers = [recordings.answer(store, store.known(run_id), 0)]  # opened only now
    assert call(modules, "scrubber", ELSEWHERE, answers=answers, label="ResNet-20 · seed 3") == told[1:]


THINNED = """(() => {
  const store = new m.RunStore("x")
  for (const text of v.answers) store.merge(JSON.parse(text))
  const { steps, recent_loss } = store.points
  return { steps, recent_loss }
})()"""


@pytest.mark.parametrize("from_the_start", [False, True])
def test_a_long_run_knows_the_mean_of_its_last_minibatches(modules: Page, tmp_path: Path, from_the_start: bool) -> None:
    store = Store(tmp_path / "long")
    run_id = store.create_run(RunSpec(), holder=ME)
    losses = np.random.default_rng(3).normal(2, 1, 6000).astype(np.float32)
    answers: list[str] = []
    for first in range(0, 6000, 500):
        traces = dict.fromkeys(("loss", "accuracy", "lr"), losses[first : first + 500])
        steps = np.arange(first + 1, first + 501, dtype=np.int32)
        store.append(run_id, [Event("metrics", first + 500, {"steps": steps, **traces, "seconds": 1.0})], ME)
        if from_the_start or first == 4500:
            after = json.loads(answers[-1])["seq"] if answers else 0
            answers.append(recordings.answer(store, store.known(run_id), after))
    answers.append(recordings.answer(store, store.known(run_id), json.loads(answers[-1])["seq"]))
    points = call(modules, "store", THINNED, answers=answers)
    assert len(points["steps"]) <= 2000
    assert points["steps"][-20:] == list(range(5981, 6001))
    means = thin.recent(losses, 20)
    assert points["recent_loss"] == pytest.approx([means[step - 1] for step in points["steps"]], rel=1e-4, abs=1e-4)


def test_joined_bins_cover_the_axis_and_lose_nothing(modules: Page) -> None:
    edges = (1e-3 * np.sinh(np.linspace(-16.8, 16.8, 66))).astype(np.float32)
    counts = np.random.default_rng(2).integers(0, 50, len(edges) + 1)
    bins = call(modules, "bins", "m.joined(Float32Array.from(v.edges))", edges=edges.tolist())
    joined = [index for low, high in bins["groups"] for index in range(low, high + 1)]
    assert joined == list(range(len(counts)))
    assert np.diff(bins["bounds"]).min() >= 0.16
    assert bins["middles"] == pytest.approx(-np.array(bins["middles"])[::-1], abs=1e-5)
    density = call(
        modules,
        "bins",
        "m.density(v.counts, m.joined(Float32Array.from(v.edges)))",
        edges=edges.tolist(),
        counts=counts.tolist(),
    )
    assert np.dot(density, np.diff(bins["bounds"])) == pytest.approx(1)


def test_words_of_the_field_are_explained_once_in_a_text_that_stays_as_it_is(modules: Page) -> None:
    text = "Responses of the stem: a response, two minibatches, a MAC, MACs and the branches; restem it."
    expression = (
        "m.withTerms(v.text).map((piece) => typeof piece === 'string' ? piece : [piece.textContent, piece.title])"
    )
    pieces = call(modules, "terms", expression, folder="shared", text=text)
    assert "".join(piece if isinstance(piece, str) else piece[0] for piece in pieces) == text
    explained = {piece[0]: piece[1] for piece in pieces if not isinstance(piece, str)}
    assert list(explained) == ["Response", "stem", "minibatch", "MACs", "branch"]
    assert explained["MACs"] == TERMS["MACs"]


@pytest.mark.parametrize(
    ("share", "seconds", "left", "over", "text"),
    [
        (0.031, 100.0, 100.0, False, "3.1 %"),
        (0.278, 37.0, 1500.0, False, "≤ 5.0 %"),  # 14 s of 1,551
        (0.278, 37.0, 100.0, False, "27.8 % so far"),  # 14 s of 151: more than the budget of a run so short
        (0.278, 37.0, 1500.0, True, "27.8 %"),  # it was stopped there
    ],
)
def test_watching_costs_what_holds_for_the_whole_run(
    modules: Page, share: float, seconds: float, left: float, over: bool, text: str
) -> None:
    cost = {"probe_share": share, "seconds": seconds, "seconds_left": left}
    told = call(modules, "words", "m.costOf(v.cost, 0.05, v.over)", cost=cost, over=over)
    assert told["text"] == text
    assert told["so"].startswith("27.8 % so far: " if "≤" in text else "")
