"""Runs as TensorBoard's event files, through the tensorboard package, which does not come with the lab."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from core.publish.called import file_names
from core.publish.whole import PublishError
from core.record.recording import Recording
from core.vocabulary.quantities import QUANTITIES
from core.vocabulary.traces import NAMES

VERSION = "brain.Event:2"  # of the files, as their first event says it
TESTED = ("test_loss", "test_accuracy", "train_loss", "train_accuracy")
LARGEST = float(np.finfo(np.float64).max)  # where TensorBoard's last bin ends


def as_zip(recordings: Sequence[Recording]) -> bytes:
    """The files in a zip. Raises PublishError."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, events in files(recordings).items():
            archive.writestr(name, events)
    return content.getvalue()


def files(recordings: Sequence[Recording]) -> dict[str, bytes]:
    """An event file of each run by its path, in a folder that TensorBoard calls the run by. Raises PublishError."""
    return {
        f"{name}/events.out.tfevents.{int(recording.head.created)}.depthlab": event_file(recording)
        for name, recording in zip(file_names(recordings), recordings, strict=True)
    }


def event_file(recording: Recording) -> bytes:
    """The content of the file. Raises PublishError."""
    try:
        events = import_module("tensorboard.compat.proto.event_pb2")
        summaries = import_module("tensorboard.compat.proto.summary_pb2")
        writers = import_module("tensorboard.summary.writer.record_writer")
        hparams = import_module("tensorboard.plugins.hparams.plugin_data_pb2")
    except ImportError:
        raise PublishError(
            "TensorBoard's package is not installed here: pip install tensorboard, then export again."
        ) from None
    content, start = io.BytesIO(), recording.head.created
    writer = writers.RecordWriter(content)
    writer.write(events.Event(wall_time=start, file_version=VERSION).SerializeToString())
    for step, time, value in _values(recording, summaries, hparams):
        event = events.Event(wall_time=start + time, step=step, summary=summaries.Summary(value=[value]))
        writer.write(event.SerializeToString())
    return content.getvalue()


def _values(recording: Recording, summaries: Any, hparams: Any) -> Iterator[tuple[int, float, Any]]:
    """(step, seconds of training, value of a Summary)."""
    yield 0, 0.0, _hparams(recording, summaries, hparams)
    clock = _Clock(recording)
    for step, tag, number in _scalars(recording):
        if np.isfinite(number):
            yield step, clock.at(step), summaries.Summary.Value(tag=tag, simple_value=number)
    for step, tag, counts, edges in _histograms(recording):
        yield step, clock.at(step), summaries.Summary.Value(tag=tag, histo=_histogram(summaries, counts, edges))


def _hparams(recording: Recording, summaries: Any, hparams: Any) -> Any:
    """As TensorBoard's own function makes it, which would need TensorFlow."""
    info = hparams.SessionStartInfo(group_name=recording.head.id)
    for name, value in _settings(recording).items():
        kind = "bool_value" if isinstance(value, bool) else "string_value" if isinstance(value, str) else "number_value"
        setattr(info.hparams[name], kind, value)
    content = hparams.HParamsPluginData(session_start_info=info, version=0).SerializeToString()
    plugin = summaries.SummaryMetadata.PluginData(plugin_name="hparams", content=content)
    return summaries.Summary.Value(
        tag="_hparams_/session_start_info", metadata=summaries.SummaryMetadata(plugin_data=plugin)
    )


class _Clock:
    """Seconds of training at a step."""

    def __init__(self, recording: Recording) -> None:
        known = recording.last("metrics") or {}
        self.steps = [0, *known.get("clock_steps", ())]
        self.seconds = [0.0, *known.get("clock_seconds", ())]

    def at(self, step: int) -> float:
        return float(np.interp(step, self.steps, self.seconds))


def _settings(recording: Recording) -> dict[str, str | float | bool]:
    """Net and recipe, flat; what is neither text, number nor switch as text."""
    spec = recording.head.spec
    fields = {f"net.{name}": value for name, value in spec.net.model_dump().items()}
    fields |= {name: value for name, value in spec.train.model_dump().items() if name != "data"}
    return {name: value if isinstance(value, str | int | float) else str(value) for name, value in fields.items()}


def _scalars(recording: Recording) -> Iterator[tuple[int, str, float]]:
    for event in recording.of_kind("metrics"):
        for name in NAMES:
            for step, value in zip(event.payload["steps"], event.payload[name], strict=True):
                yield int(step), f"train/{name}", float(value)
    for event in recording.of_kind("evaluation"):
        for mean in TESTED:
            if event.payload.get(mean) is not None:
                yield event.step, f"epoch/{mean}", float(event.payload[mean])
    started = recording.last("started") or {}
    places = {"layer": started.get("layers", []), "block": started.get("blocks", [])}
    for event in recording.of_kind("probe"):
        for measured, quantity in QUANTITIES.items():
            if quantity.per in places and measured != "histogram" and measured in event.payload:
                for place, value in zip(places[quantity.per], event.payload[measured], strict=False):
                    yield event.step, f"{measured}/{place}", float(value)


def _histograms(recording: Recording) -> Iterator[tuple[int, str, np.ndarray, np.ndarray]]:
    started = recording.last("started") or {}
    for event in recording.of_kind("probe"):
        for place, counts in zip(started.get("layers", []), event.payload.get("histogram", ()), strict=False):
            yield event.step, f"responses/{place}", counts, np.asarray(started["histogram_edges"], np.float64)


def _histogram(summaries: Any, counts: np.ndarray, edges: np.ndarray) -> Any:
    """Its sums are those of the middles of the bins: the values themselves are not kept."""
    middles = np.concatenate([edges[:1], (edges[1:] + edges[:-1]) / 2, edges[-1:]])
    return summaries.HistogramProto(
        min=float(edges[0]),
        max=float(edges[-1]),
        num=float(counts.sum()),
        sum=float((counts * middles).sum()),
        sum_squares=float((counts * middles**2).sum()),
        bucket_limit=[*map(float, edges), LARGEST],
        bucket=[*map(float, counts)],
    )
