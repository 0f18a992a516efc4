"""All numbers of runs as one long table: a row for each trace, measurement and test at each step.

A column is a list of strings, whole numbers or floats; what is not known, or does not apply, is None or NaN.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from core.publish.called import called
from core.record.recording import Recording
from core.spec import shortened
from core.vocabulary.quantities import QUANTITIES
from core.vocabulary.traces import NAMES

COLUMNS = {
    "run": "Id of the run.",
    "name": "What it is called among these runs.",
    "step": "Optimiser steps that were done, from 1; a measurement looks at the net before that many and one.",
    "kind": "trace: a minibatch; probe: a measurement on the same pictures each time; test: an epoch's end.",
    "quantity": "What is measured.",
    "unit": "Its unit; empty where it is a plain number.",
    "place": "Layer, block or dense layer where it is measured; empty where it is of the whole net.",
    "part": "Bin of a histogram (0: below all, last: above all) or source of a dense layer, by number; else -1.",
    "value": "The number; empty (NaN) where it is not finite or does not apply.",
}
UNITS = {"loss": "nats", "accuracy": "share", "lr": "", "clock": "s", "histogram": "values"}
TESTED = ("test_loss", "test_accuracy", "train_loss", "train_accuracy")


class Row(NamedTuple):
    """One number."""

    run: str
    name: str
    step: int
    kind: str
    quantity: str
    unit: str
    place: str
    part: int
    value: float


def rows(recordings: Sequence[Recording]) -> Iterator[Row]:
    """Those of all recordings, one run after the other."""
    for recording, name in zip(recordings, called(recordings), strict=True):
        id = shortened(recording.head.id)
        for found in (_traces(recording), _probes(recording), _tests(recording)):
            for step, kind, quantity, unit, place, part, value in found:
                yield Row(id, name, int(step), kind, quantity, unit, place, part, value)


Found = Iterator[tuple[int, str, str, str, str, int, float]]


def _traces(recording: Recording) -> Found:
    for event in recording.of_kind("metrics"):
        payload = event.payload
        for name in NAMES:
            for step, value in zip(payload["steps"], payload[name], strict=True):
                yield step, "trace", name, UNITS[name], "", -1, float(value)
        for step, value in zip(payload["clock_steps"], payload["clock_seconds"], strict=True):
            yield step, "trace", "clock", UNITS["clock"], "", -1, float(value)


def _probes(recording: Recording) -> Found:
    started = recording.last("started") or {}
    places = {
        "layer": started.get("layers", []),
        "block": started.get("blocks", []),
        "source": [row["name"] for row in started.get("ledger", [])],
    }
    for event in recording.of_kind("probe"):
        for name, quantity in QUANTITIES.items():
            if name not in event.payload:
                continue
            values = np.asarray(event.payload[name])
            names = places[quantity.per]
            unit = UNITS.get(name, "share" if quantity.unit == "%" else quantity.unit)
            for place, of_place in zip(names, values, strict=False):
                for part, value in enumerate(of_place) if values.ndim == 2 else [(-1, of_place)]:
                    yield event.step, "probe", name, unit, place, part, float(value)


def _tests(recording: Recording) -> Found:
    for event in recording.of_kind("evaluation"):
        for name in TESTED:
            value = event.payload.get(name)
            unit = UNITS[name.partition("_")[2]]
            yield event.step, "test", name, unit, "", -1, float("nan") if value is None else float(value)


def runs(recordings: Sequence[Recording]) -> list[dict[str, Any]]:
    """What each run is: spec, how it stands, and where it was trained."""
    told = ("device", "precision", "threads", "versions", "data", "data_digest", "params", "images", "steps_per_epoch")
    found = []
    for recording, name in zip(recordings, called(recordings), strict=True):
        head, started = recording.head, recording.last("started") or {}
        edges = started.get("histogram_edges")
        found.append(
            {"id": shortened(head.id), "name": name, "status": head.status, "step": head.step, "created": head.created}
            | {"spec": head.spec.elsewhere().model_dump(mode="json")}
            | {what: started[what] for what in told if what in started}
            | ({} if edges is None else {"histogram_edges": [float(edge) for edge in edges]})
        )
    return found
