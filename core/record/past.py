"""A run's past as it grows: events go in once, and Recordings come out.

What comes out depends on the events alone, not on when it was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.record.events import StoredEvent, encode
from core.record.recording import Head, Recording
from core.record.thin import Smoother, evenly, extremes, recent, smooth
from core.vocabulary.states import ENDED
from core.vocabulary.traces import NAMES, POINTS, PROBES, PROBES_LEFT, RECENT, SMOOTHED, averages, window

HISTOGRAM_BYTES = 2_000_000  # of all histograms of a Recording; of deep nets there are fewer
LATEST = ("started", "resumed", *ENDED)  # kinds of which only the last event counts
EACH = ("evaluation", "control", "threads", "checkpoint", "unkept")  # kinds of which each event counts
Array = NDArray[Any]


class Past:
    """What happened in a run so far. Events are given in the order of ``seq``, each once."""

    def __init__(self) -> None:
        self.seq = 0
        self._latest: dict[str, StoredEvent] = {}
        self._each: dict[str, list[StoredEvent]] = {kind: [] for kind in EACH}
        self._probes = _Probes()
        self._metrics = _Metrics()

    def add(self, events: Iterable[StoredEvent]) -> None:
        for event in events:
            self._add(event)
            self.seq = event.seq

    def recording(self, head: Head) -> Recording:
        """All that is known now."""
        kept = list(self._latest.values())
        for events in self._each.values():
            kept += _evenly(events, POINTS)
        kept += self._metrics.merged()
        kept += self._probes.events
        return Recording(head, self.seq, tuple(sorted(kept, key=lambda event: event.seq)))

    def _add(self, event: StoredEvent) -> None:
        if event.kind == "resumed":
            self._make_void(event.payload.get("step", event.step))
        if event.kind == "started":
            self._metrics.window = window(event.payload.get("steps_per_epoch", 0))
        if event.kind == "metrics":
            self._metrics.add(event)
        elif event.kind == "probe":
            self._probes.add(event)
        elif event.kind in EACH:
            self._each[event.kind].append(event)
        elif event.kind in LATEST:
            self._latest[event.kind] = event

    def _make_void(self, step: int) -> None:
        """Forget what is trained again from that step on, and that it had ended: it goes on."""
        self._latest = {kind: old for kind, old in self._latest.items() if kind not in ENDED and old.step <= step}
        for kind, events in self._each.items():
            self._each[kind] = [old for old in events if old.step <= step]
        self._probes.cut(step)
        self._metrics.cut(step)


class _Probes:
    """Measurements, one a step, evenly by step; only as many of them with histograms as their size allows.

    What is thinned is thinned when it comes, as a browser does it: both then know the same.
    """

    def __init__(self) -> None:
        self.events: list[StoredEvent] = []

    def add(self, event: StoredEvent) -> None:
        if self.events and self.events[-1].step == event.step:
            self.events.pop()
        self.events.append(event)
        if len(self.events) > PROBES:
            self.events = _evenly(self.events, PROBES_LEFT)
        most = max(HISTOGRAM_BYTES // max(np.asarray(event.payload.get("histogram", ())).nbytes, 1), 2)
        detailed = [event for event in self.events if "histogram" in event.arrays]
        if len(detailed) > most:
            kept = {event.seq for event in _evenly(detailed, max(most * PROBES_LEFT // PROBES, 2))}
            self.events = [event if event.seq in kept else _without_histogram(event) for event in self.events]

    def cut(self, step: int) -> None:
        self.events = [old for old in self.events if old.step <= step]


class _Metrics:
    """Traces of all steps, one value a step, and the averages that follow them."""

    def __init__(self) -> None:
        self.window = window(0)
        self._last: StoredEvent | None = None
        self._chunks: list[dict[str, Array]] = []
        self._clock: list[tuple[int, float]] = []
        self._smoothers: dict[str, Smoother] = {}

    def add(self, event: StoredEvent) -> None:
        payload = event.payload
        chunk = {name: payload[name] for name in ("steps", *NAMES)}
        for average, name, steps in averages(self.window):
            smoother = self._smoothers.setdefault(average, Smoother(steps))
            chunk[average] = smoother.follow(chunk[name])
        self._chunks.append(chunk)
        self._clock.append((event.step, payload["seconds"]))
        self._last = event

    def cut(self, step: int) -> None:
        """Forget the steps after that one."""
        if self._last is None or self._last.step <= step:
            return
        whole = self._joined()
        kept = whole["steps"] <= step
        clock = [tick for tick in self._clock if tick[0] < step]
        self._chunks, self._clock, self._smoothers = [], [], {}
        if not kept.any():
            self._last = None
            return
        rest = self._last.payload | {name: whole[name][kept] for name in ("steps", *NAMES)}
        old = self._last
        self.add(StoredEvent(old.seq, step, old.time, old.kind, encode(rest)))
        self._clock = clock + self._clock

    def merged(self) -> list[StoredEvent]:
        """All of it as one event; none where there is none yet."""
        if self._last is None:
            return []
        joined = self._joined()
        joined["recent_loss"] = recent(joined["loss"], RECENT)
        chosen = _chosen([joined[name] for name in SMOOTHED])
        clock = [self._clock[index] for index in evenly([step for step, _ in self._clock], POINTS)]
        merged = self._last.payload | {name: values[chosen] for name, values in joined.items()}
        merged["clock_steps"] = np.array([step for step, _ in clock], np.int32)
        merged["clock_seconds"] = np.array([seconds for _, seconds in clock], np.float32)
        last = self._last
        return [StoredEvent(last.seq, last.step, last.time, "metrics", encode(merged))]

    def _joined(self) -> dict[str, Array]:
        if len(self._chunks) > 1:
            names = list(self._chunks[0])
            self._chunks = [{name: np.concatenate([chunk[name] for chunk in self._chunks]) for name in names}]
        return dict(self._chunks[0])


def _chosen(traces: list[NDArray[np.float32]]) -> NDArray[np.int64]:
    """Indices of the points that are told: the extremes, and each of the last few, so that a reader can go on."""
    count = len(traces[0])
    if count <= POINTS:
        return np.arange(count)
    return np.union1d(extremes(traces, POINTS - RECENT), np.arange(count - RECENT, count))


def completed(payload: dict[str, Any]) -> dict[str, Any]:
    """Traces of a Recording with the averages that its version did not keep, where each step is known.

    Where steps were thinned out, an average over the rest would be another number: it stays unknown.
    """
    whole = np.array_equal(payload["steps"], np.arange(1, len(payload["steps"]) + 1))
    lacking = [each for each in averages(1) if each[0] not in payload and each[0] != f"smooth_{each[1]}"]
    return payload | {average: smooth(payload[name], steps) for average, name, steps in lacking if whole}


def _evenly(events: list[StoredEvent], count: int) -> list[StoredEvent]:
    """At most so many of them, evenly by step, with both ends."""
    return [events[index] for index in evenly([event.step for event in events], count)]


def _without_histogram(event: StoredEvent) -> StoredEvent:
    if "histogram" not in event.arrays:
        return event
    payload = json.loads(event.text)
    payload.pop("histogram", None)
    return StoredEvent(event.seq, event.step, event.time, event.kind, json.dumps(payload))
