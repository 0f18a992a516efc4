"""What a browser is told: less than what happened, but nothing that changes the picture."""

from __future__ import annotations

import itertools
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.record import past, thin
from core.record.events import Command, Event, decode
from core.spec import NetSpec, ProbeSpec, RunSpec
from core.store.identity import Identity
from core.store.store import Store
from core.vocabulary.traces import POINTS, PROBES, PROBES_LEFT, RECENT, SMOOTHINGS
from core.web.train import recordings

ME = Identity(1, 1.0)
VALUES = arrays.arrays(np.float32, st.integers(1, 400), elements=st.floats(-10, 10, width=32) | st.just(np.nan))


class Recorded:
    """A run in a store of its own, to which a test appends what it needs."""

    def __init__(self, home: Path, **spec: Any) -> None:
        self.store = Store(home)
        self.id = self.store.create_run(RunSpec(**spec), holder=ME)
        self.add(Event("started", 0, {"steps_per_epoch": 100, "layers": ["stem", "fc"]}))

    def add(self, *events: Event, **fields: Any) -> None:
        self.store.append(self.id, list(events), ME, **fields)

    def train(self, first: int, last: int, every: int = 10) -> None:
        """Metrics of the steps first+1 ... last in reports of ``every`` steps; the loss of a step is 1000 / step."""
        for start in range(first, last, every):
            steps = np.arange(start + 1, min(start + every, last) + 1)
            self.add(Event("metrics", int(steps[-1]), metrics(steps)))

    def answer(self, after: int = 0) -> dict[str, Any]:
        """As a browser reads it, which knows no NaN."""
        run = self.store.known(self.id)
        return json.loads(recordings.answer(self.store, run, after), parse_constant=pytest.fail)

    def told(self, kind: str, after: int = 0) -> list[dict[str, Any]]:
        events = [event for event in self.answer(after)["events"] if event["kind"] == kind]
        return [event | {"payload": decode(json.dumps(event["payload"]))} for event in events]

    @property
    def last_seq(self) -> int:
        return self.store.events(self.id, 0, 10**9)[-1].seq


def metrics(steps: np.ndarray) -> dict[str, Any]:
    loss = (1000 / steps).astype(np.float32)
    traces = {"steps": steps.astype(np.int32), "loss": loss, "accuracy": 1 - loss / 1000, "lr": loss / 100}
    return traces | {"epoch": steps[-1] / 100, "seconds": steps[-1] / 5, "seconds_left": 1.0, "probe_interval": 4}


def probe(bins: int = 66, layers: int = 2) -> dict[str, Any]:
    return {"mean": np.zeros(layers, np.float32), "histogram": np.ones((layers, bins), np.int32)}


@pytest.fixture
def run(home: Path) -> Recorded:
    return Recorded(home)


@given(first=VALUES, points=st.integers(10, 60))
def test_extremes_keep_the_ends_and_every_peak(first: np.ndarray, points: int) -> None:
    second = -(np.nan_to_num(first) ** 2)
    chosen = thin.extremes([first, second], points)
    assert len(chosen) <= max(points, len(first) if len(first) <= points else 0)
    assert {0, len(first) - 1} <= set(chosen.tolist())
    assert (np.diff(chosen) > 0).all()
    for trace in (first, second):
        if np.isfinite(trace).any():
            assert np.nanmin(trace[chosen]) == np.nanmin(trace)
            assert np.nanmax(trace[chosen]) == np.nanmax(trace)


def test_extremes_keep_a_peak_of_each_bucket() -> None:
    trace = np.sin(np.arange(3000)).astype(np.float32)
    trace[[700, 1900]] = 5, -5
    chosen = thin.extremes([trace], 200)
    assert {700, 1900} <= set(chosen.tolist())
    for start in range(0, 3000, 60):  # the band stays as wide as it is, everywhere
        part = trace[chosen[(chosen >= start) & (chosen < start + 60)]]
        assert part.max() > 0.95
        assert part.min() < -0.95


@given(steps=st.lists(st.integers(0, 10_000), min_size=1, max_size=300, unique=True), count=st.integers(2, 50))
def test_evenly_keeps_the_ends_and_leaves_no_gap_that_could_be_filled(steps: list[int], count: int) -> None:
    steps = sorted(steps)
    chosen = thin.evenly(steps, count)
    assert len(chosen) <= count or len(steps) <= count
    assert chosen == sorted(set(chosen))
    assert (chosen[0], chosen[-1]) == (0, len(steps) - 1)
    spacing = (steps[-1] - steps[0]) / (count - 1)
    for left, right in itertools.pairwise(chosen):
        inside = [steps[index] for index in range(left + 1, right)]
        for step in inside:  # nothing is left out in the middle of a gap of two slots
            assert min(step - steps[left], steps[right] - step) <= 1.5 * spacing + 1e-9


@given(values=VALUES, window=st.floats(2, 200))
def test_smooth_is_a_weighted_mean_of_the_past(values: np.ndarray, window: float) -> None:
    smooth = thin.smooth(values, window)
    for index in (0, len(values) // 2, len(values) - 1):
        past = values[: index + 1].astype(float)
        weights = (1 - 1 / window) ** np.cumsum(np.isfinite(past)[::-1])[::-1]
        known = np.isfinite(past)
        expected = np.average(past[known], weights=weights[known]) if known.any() else math.nan
        assert smooth[index] == pytest.approx(expected, nan_ok=True, rel=1e-4, abs=1e-4)


@given(values=VALUES, count=st.integers(1, 30))
def test_recent_is_the_mean_of_the_last_few(values: np.ndarray, count: int) -> None:
    recent = thin.recent(np.nan_to_num(values), count)
    for index in (0, len(values) // 2, len(values) - 1):
        last = np.nan_to_num(values)[: index + 1].astype(float)[-count:]
        assert recent[index] == pytest.approx(last.mean(), rel=1e-5, abs=1e-5)


def test_a_short_past_is_told_in_full_and_as_one_event(run: Recorded) -> None:
    run.train(0, 55)
    (told,) = run.told("metrics")
    assert told["payload"]["steps"].tolist() == list(range(1, 56))
    assert told["payload"]["loss"] == pytest.approx(1000 / np.arange(1, 56))
    assert told["payload"]["smooth_loss"] == pytest.approx(thin.smooth(told["payload"]["loss"], 25))
    for steps in SMOOTHINGS:
        assert told["payload"][f"smooth_loss_{steps}"] == pytest.approx(thin.smooth(told["payload"]["loss"], steps))
    assert told["payload"]["clock_steps"].tolist() == [10, 20, 30, 40, 50, 55]
    assert told["payload"]["clock_seconds"] == pytest.approx(told["payload"]["clock_steps"] / 5)
    assert told["payload"]["epoch"] == 0.55
    assert told["step"] == 55


def test_averages_that_an_older_version_did_not_keep_are_those_of_whole_traces_alone(run: Recorded) -> None:
    run.train(0, 55)
    (told,) = run.told("metrics")
    kept = {name: values for name, values in told["payload"].items() if not re.search(r"smooth_\w+_\d+", name)}
    again = past.completed(kept)
    assert again.keys() == told["payload"].keys()
    for steps in SMOOTHINGS:
        assert again[f"smooth_accuracy_{steps}"] == pytest.approx(told["payload"][f"smooth_accuracy_{steps}"])
    thinned = {
        name: np.delete(values, 3) if isinstance(values, np.ndarray) else values for name, values in kept.items()
    }
    assert past.completed(thinned).keys() == kept.keys()


def test_a_long_past_keeps_its_ends_and_bounds(run: Recorded) -> None:
    run.train(0, 20_000, every=400)
    for step in range(0, 20_000, 40):
        run.add(Event("probe", step, probe()))
    (told,) = run.told("metrics")
    assert 1000 < len(told["payload"]["steps"]) <= POINTS
    assert (told["payload"]["steps"][0], told["payload"]["steps"][-1]) == (1, 20_000)
    every_loss = (1000 / np.arange(1, 20_001)).astype(np.float32)
    smooth = thin.smooth(every_loss, 25)[told["payload"]["steps"] - 1]
    assert told["payload"]["smooth_loss"] == pytest.approx(smooth)
    hundred = thin.smooth(every_loss, 100)[told["payload"]["steps"] - 1]
    assert told["payload"]["smooth_loss_100"] == pytest.approx(hundred)
    recent = thin.recent(every_loss, RECENT)[told["payload"]["steps"] - 1]
    assert told["payload"]["recent_loss"] == pytest.approx(recent)
    # of the last ones each is told, so that who reads on can go on with their mean
    assert told["payload"]["steps"][-RECENT:].tolist() == list(range(20_001 - RECENT, 20_001))
    steps = [event["step"] for event in run.told("probe")]
    assert PROBES_LEFT <= len(steps) <= PROBES
    assert (steps[0], steps[-1]) == (0, 19_960)
    assert max(np.diff(steps)) <= 2 * 20_000 / PROBES_LEFT


def test_deep_nets_send_fewer_histograms_but_the_ends(run: Recorded) -> None:
    for step in range(200):
        run.add(Event("probe", step, probe(layers=200)))
    told = run.told("probe")
    with_histogram = [event["step"] for event in told if "histogram" in event["payload"]]
    size = 200 * 66 * 4
    assert len(told) == 200
    share = len(with_histogram) * size / past.HISTOGRAM_BYTES
    assert PROBES_LEFT / PROBES - 2 * size / past.HISTOGRAM_BYTES < share <= 1
    assert (with_histogram[0], with_histogram[-1]) == (0, 199)
    assert all(len(event["payload"]["mean"]) == 200 for event in told)


def test_a_cursor_gets_each_later_event_as_it_was(run: Recorded) -> None:
    run.train(0, 30)
    past = run.answer()
    assert past["seq"] == run.last_seq
    run.train(30, 50)
    run.add(Event("evaluation", 50, {"epoch": 1, "test_accuracy": 0.5}))
    news = run.answer(past["seq"])
    assert [(event["kind"], event["step"]) for event in news["events"]] == [
        ("metrics", 40),
        ("metrics", 50),
        ("evaluation", 50),
    ]
    assert news["events"][2]["payload"] == {"epoch": 1, "test_accuracy": 0.5}
    assert [event["payload"]["steps"].tolist() for event in run.told("metrics", past["seq"])] == [
        list(range(31, 41)),
        list(range(41, 51)),
    ]
    nothing = run.answer(news["seq"])
    assert (nothing["seq"], nothing["events"]) == (news["seq"], [])


def test_the_cursor_ends_at_the_last_event_whatever_its_kind(run: Recorded) -> None:
    for kind in ("probe", "evaluation", "control", "checkpoint", "stopped", "resumed"):
        run.add(Event(kind, 0, probe() if kind == "probe" else {"step": 0}))
        assert run.answer()["seq"] == run.last_seq


def test_what_a_resume_made_void_is_not_told(run: Recorded) -> None:
    run.train(0, 30)
    run.add(Event("probe", 16, probe()), Event("probe", 28, probe()), Event("evaluation", 30, {"epoch": 1}))
    run.add(Event("stopped", 30, {"epochs": 1}))
    run.add(Event("resumed", 24, {"step": 24}))
    run.train(24, 40)
    (told,) = run.told("metrics")
    assert told["payload"]["steps"].tolist() == list(range(1, 41))
    assert told["payload"]["loss"] == pytest.approx(1000 / np.arange(1, 41))
    assert [event["step"] for event in run.told("probe")] == [16]
    assert run.told("evaluation") == run.told("stopped") == []
    assert [event["step"] for event in run.told("resumed")] == [24]


def test_of_two_probes_of_a_step_the_later_counts(run: Recorded) -> None:
    run.add(Event("probe", 8, probe() | {"mean": np.zeros(2, np.float32)}))
    run.add(Event("resumed", 8, {"step": 8}), Event("probe", 8, probe() | {"mean": np.ones(2, np.float32)}))
    (told,) = run.told("probe")
    assert told["payload"]["mean"].tolist() == [1, 1]


def test_not_a_number_travels_as_null_beside_arrays_that_keep_theirs(run: Recorded) -> None:
    after = run.last_seq
    run.add(Event("finished", 9, {"train_loss": math.nan, "seconds": math.inf, "losses": np.array([np.nan, 1])}))
    (told,) = run.told("finished", after)
    assert told["payload"]["train_loss"] is None
    assert told["payload"]["seconds"] is None
    assert np.array_equal(told["payload"]["losses"], [np.nan, 1], equal_nan=True)


def test_the_summary_says_how_the_run_stands(home: Path) -> None:
    spec = {"net": NetSpec(depth=8, skip=False, norm="none"), "probes": ProbeSpec(enabled=False, images=16)}
    run = Recorded(home, **spec)
    said = run.answer()["run"]
    expected = {"id": run.id, "name": "plain-8 no BN", "kind": "plain", "norm": "none", "status": "starting"}
    assert said.items() >= expected.items()
    assert (said["watched"], said["probe_images"], said["epochs"]) == (False, 16, 10)
    assert said["lr_asked"] is None
    run.add(Event("control", 0), status="running", step=12, total_steps=390)
    run.store.send(run.id, Command("lr", 0.02))
    said = run.answer()["run"]
    assert (said["status"], said["step"], said["total_steps"]) == ("running", 12, 390)
    assert (said["lr_asked"], said["lr_taken"]) == (0.02, False)
    assert 0 <= said["silent_seconds"] < 5
    run.store.take_commands(run.id)
    assert run.answer()["run"]["lr_taken"]


def test_a_queued_run_says_what_it_waits_for(home: Path) -> None:
    store = Store(home)
    ids = [store.create_run(RunSpec()) for _ in range(3)]
    said = [recordings.summary(store, store.known(run_id))["waits"] for run_id in ids]
    assert said == ["", "Waits for 1 run before it.", "Waits for 2 runs before it."]
