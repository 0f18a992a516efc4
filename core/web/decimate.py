"""What a browser is told of a run: its summary, and its events after a cursor, small enough to draw.

A reader that starts at 0 gets the past in brief: one ``metrics`` event for all steps so far, evenly thinned probes, and
nothing that a ``resumed`` made void. A reader that has a cursor gets each later event as it was.
"""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.engine.store import Run, Store, StoredEvent
from core.events import encode
from core.vocabulary.states import ENDED
from core.vocabulary.traces import NAMES, POINTS, PROBES, RECENT, SMOOTHED
from core.vocabulary.traces import window as smoothing_window

HISTOGRAM_BYTES = 2_000_000  # of all histograms in the first answer; deep nets get fewer of them
EVENTS = 2000  # in one answer
LATEST = ("started", "resumed", "control", "threads", "checkpoint", *ENDED)  # kinds of which only the last event counts


def answer(store: Store, run: Run, after: int) -> str:
    """The JSON text of ``GET ./api/runs/<id>/events?after=SEQ``: summary, cursor, events."""
    events = list(store.events(run.id, after, EVENTS)) if after else compact(_all(store, run.id))
    seq = max((event.seq for event in events), default=after)
    listed = ",".join(_text(event) for event in events)
    return f'{{"run":{json.dumps(summary(store, run))},"seq":{seq},"events":[{listed}]}}'


def summary(store: Store, run: Run) -> dict[str, Any]:
    """How a run stands, for its line of state."""
    net = run.spec.net
    asked = store.last_command(run.id, "lr")
    waiting = [queued.id for queued in store.queue()] if run.status == "queued" else []
    return {
        "id": run.id,
        "name": run.name,
        "kind": net.kind,
        "norm": net.norm,
        "status": run.status,
        "message": run.message,
        "step": run.step,
        "total_steps": run.total_steps,
        "epochs": run.spec.train.epochs,
        "watched": run.spec.probes.enabled,
        "probe_images": run.spec.probes.images,
        "queued_before": waiting.index(run.id) if run.id in waiting else 0,
        "silent_seconds": time.time() - run.heartbeat if run.active and run.heartbeat else None,
        "lr_asked": asked.command.value if asked else None,
        "lr_taken": asked is None or asked.taken is not None,
    }


def compact(events: Iterable[StoredEvent]) -> list[StoredEvent]:
    """A run's past in brief, as events in the order of ``seq``; the last one keeps the last ``seq``."""
    kept = _valid(events)
    metrics = [event for event in kept if event.kind == "metrics"]
    probes = [event for event in kept if event.kind == "probe"]
    evaluations = [event for event in kept if event.kind == "evaluation"]
    thin = [evaluations[index] for index in evenly([event.step for event in evaluations], POINTS)]
    for kind in LATEST:
        thin += [event for event in kept if event.kind == kind][-1:]
    rates = [event for event in kept if _sets_rate(event)]
    thin += [event for event in rates[-1:] if event not in thin]
    started = next((event.payload for event in thin if event.kind == "started"), {})
    steps = smoothing_window(started.get("steps_per_epoch", 0))
    thin += [_merged(metrics, steps)] if metrics else []
    thin += _thinned(probes)
    return sorted(thin, key=lambda event: event.seq)


def smooth(values: NDArray[np.float32], window: float) -> NDArray[np.float32]:
    """Exponential moving average (N,) -> (N,), free of a start-up bias; what is not finite is passed over."""
    keep = 1 - 1 / window
    total = weight = 0.0
    result = np.empty(len(values), np.float32)
    for index, value in enumerate(values.tolist()):
        if math.isfinite(value):
            total, weight = keep * total + value, keep * weight + 1
        result[index] = total / weight if weight else math.nan
    return result


def recent(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Mean of the last ``count`` values up to each, or of as many as there are, (N,) -> (N,)."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - count, 0)
    return ((sums[ends] - sums[starts]) / (ends - starts)).astype(np.float32)


def extremes(traces: Sequence[NDArray[np.float32]], points: int) -> NDArray[np.int64]:
    """Indices, at most ``points``, that keep every trace's minimum and maximum in each of equal buckets, and the ends.

    Traces have equal lengths (N,). What is not finite counts as neither minimum nor maximum.
    """
    count = len(traces[0])
    if count <= points:
        return np.arange(count)
    edges = np.linspace(0, count, (points - 2) // (2 * len(traces)) + 1).astype(int)
    chosen = {0, count - 1}
    for trace in traces:
        low = np.where(np.isfinite(trace), trace, np.inf)
        high = np.where(np.isfinite(trace), trace, -np.inf)
        for start, end in itertools.pairwise(edges):
            chosen.add(int(start + low[start:end].argmin()))
            chosen.add(int(start + high[start:end].argmax()))
    return np.array(sorted(chosen))


def evenly(steps: Sequence[int], count: int) -> list[int]:
    """Indices of at most ``count`` of the ascending ``steps``, spread evenly by step, with the first and the last.

    ``count`` is at least 2.
    """
    if len(steps) <= count:
        return list(range(len(steps)))
    wanted = np.linspace(steps[0], steps[-1], count)
    right = np.searchsorted(steps, wanted).clip(1, len(steps) - 1)
    known = np.asarray(steps)
    nearest = np.where(wanted - known[right - 1] < known[right] - wanted, right - 1, right)
    return sorted({*nearest.tolist()})


def _all(store: Store, run_id: str) -> Iterator[StoredEvent]:
    after = 0
    while page := store.events(run_id, after, EVENTS):
        yield from page
        after = page[-1].seq


def _valid(events: Iterable[StoredEvent]) -> list[StoredEvent]:
    """Without what a later ``resumed`` trained again."""
    kept: list[StoredEvent] = []
    for event in events:
        if event.kind == "resumed":
            step = event.payload.get("step", event.step)
            kept = [_until(old, step) if old.kind == "metrics" else old for old in kept if _holds(old, step)]
        kept.append(event)
    return kept


def _sets_rate(event: StoredEvent) -> bool:
    """Whether it says what comes of a learning rate that was set by hand."""
    return event.kind == "control" and "first" in event.payload


def _holds(event: StoredEvent, step: int) -> bool:
    if event.kind in ENDED:
        return False  # it goes on
    return event.step <= step or event.kind == "metrics"


def _until(event: StoredEvent, step: int) -> StoredEvent:
    if event.step <= step:
        return event
    kept = event.payload["steps"] <= step
    cut = {name: event.payload[name][kept] for name in ("steps", *NAMES)}
    return StoredEvent(event.seq, step, event.time, event.kind, encode(event.payload | cut))


def _merged(events: list[StoredEvent], window: float) -> StoredEvent:
    """All metrics as one event, with the smoothed traces and the training clock beside them."""
    payloads = [event.payload for event in events]
    joined = {name: np.concatenate([payload[name] for payload in payloads]) for name in ("steps", *NAMES)}
    joined |= {f"smooth_{name}": smooth(joined[name], window) for name in SMOOTHED}
    joined["recent_loss"] = recent(joined["loss"], RECENT)
    chosen = _chosen([joined[name] for name in SMOOTHED])
    clock = evenly([event.step for event in events], POINTS)
    merged = payloads[-1] | {name: values[chosen] for name, values in joined.items()}
    merged["clock_steps"] = np.array([events[index].step for index in clock], np.int32)
    merged["clock_seconds"] = np.array([payloads[index]["seconds"] for index in clock], np.float32)
    last = events[-1]
    return StoredEvent(last.seq, last.step, last.time, "metrics", encode(merged))


def _chosen(traces: list[NDArray[np.float32]]) -> NDArray[np.int64]:
    """Indices of the points that are told: the extremes, and each of the last few, so that a reader can go on."""
    count = len(traces[0])
    if count <= POINTS:
        return np.arange(count)
    return np.union1d(extremes(traces, POINTS - RECENT), np.arange(count - RECENT, count))


def _thinned(probes: list[StoredEvent]) -> list[StoredEvent]:
    """Probes evenly by step; only as many of them with histograms as their size allows."""
    latest = list({event.step: event for event in probes}.values())
    kept = [latest[index] for index in evenly([event.step for event in latest], PROBES)]
    if not kept:
        return []
    size = np.asarray(kept[-1].payload.get("histogram", ())).nbytes
    detailed = set(evenly([event.step for event in kept], max(HISTOGRAM_BYTES // max(size, 1), 2)))
    return [event if index in detailed else _without_histogram(event) for index, event in enumerate(kept)]


def _without_histogram(event: StoredEvent) -> StoredEvent:
    payload = json.loads(event.text)
    payload.pop("histogram", None)
    return StoredEvent(event.seq, event.step, event.time, event.kind, json.dumps(payload))


def _text(event: StoredEvent) -> str:
    head = json.dumps({"seq": event.seq, "step": event.step, "time": event.time, "kind": event.kind})
    return f'{head[:-1]},"payload":{_strict(event.text)}}}'


def _strict(text: str) -> str:
    """JSON as browsers read it: Python's NaN and Infinity become null (arrays travel as base64 and keep theirs)."""
    if "NaN" not in text and "Infinity" not in text:
        return text
    return json.dumps(json.loads(text, parse_constant=lambda name: None))
