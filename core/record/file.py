"""Recordings as files: a zip archive with a JSON head and arrays, which can hold no code.

Format 1: ``head.json`` holds {"format", "head", "seq", "events": [{"seq", "step", "time", "kind", "payload"}]}. Where a
payload has an array, it has {"array": NAME, "row": INDEX}, a row of ``NAME.npy``. Arrays of one name, type and shape
lie in one file, so that they pack well.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from core.record.events import StoredEvent, encode
from core.record.past import completed
from core.record.recording import Head, Recording
from core.record.written import check
from core.spec import SpecError, shortened
from core.vocabulary.datasets import elsewhere

FORMAT = 1
SUFFIX = ".dlrec"
LARGEST = 256 * 2**20  # bytes, unpacked
LARGEST_FILE = 64 * 2**20  # bytes
HEAD = "head.json"
MOST_EVENTS = 100_000
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}  # from a format to the next one
# What zipfile, zlib, json, numpy and pydantic raise for bytes that nobody wrote on purpose.
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, TypeError, KeyError, IndexError, OverflowError),
    AttributeError,
    *(NotImplementedError, RuntimeError, MemoryError, RecursionError, SpecError, ValidationError),
)
_of_head = TypeAdapter(Head)


class RecordingError(ValueError):
    """A recording cannot be read or written; the message is one sentence: what is wrong and what to do."""


def write(path: Path, recording: Recording, here: bool = False) -> None:
    """Write the file under a temporary name, then rename it; as :func:`to_bytes`. Raises RecordingError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(to_bytes(recording, here))
        temporary.replace(path)
    except OSError as error:
        raise RecordingError(
            f"The recording {path} could not be written ({error.strerror}): free some space or choose another folder."
        ) from None
    finally:
        temporary.unlink(missing_ok=True)


def read(path: Path) -> Recording:
    """What :func:`write` wrote. Raises RecordingError where it is missing, damaged, or of a newer version."""
    return from_bytes(content_of(path), path.name)


def content_of(path: Path) -> bytes:
    """The bytes of a file that may be a recording. Raises RecordingError where it is missing, or none by its size."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size > LARGEST_FILE:
                raise RecordingError(f'"{shortened(path.name)}" is larger than any recording: choose another file.')
            return file.read()
    except OSError as error:
        raise RecordingError(f"{path} cannot be read ({error.strerror}): choose another recording.") from None


def to_bytes(recording: Recording, here: bool = False) -> bytes:
    """The content of a file. One that stays ``here`` also tells where the pictures lie."""
    found = recording if here else portable(recording)
    arrays: dict[str, list[np.ndarray]] = {}
    events = [
        {
            "seq": event.seq,
            "step": event.step,
            "time": event.time,
            "kind": event.kind,
            "payload": {name: _put(arrays, event.kind, name, value) for name, value in event.payload.items()},
        }
        for event in found.events
    ]
    head = asdict(found.head) | {"spec": found.head.spec.model_dump(mode="json")}
    text = json.dumps({"format": FORMAT, "head": head, "seq": found.seq, "events": events})
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(HEAD, text)
        for name, rows in arrays.items():
            packed = io.BytesIO()
            np.lib.format.write_array(packed, _smallest(np.stack(rows)), allow_pickle=False)
            archive.writestr(f"{name}.npy", packed.getvalue())
    return content.getvalue()


def portable(recording: Recording) -> Recording:
    """As it may go to others: without the way to a folder of this machine."""
    head = replace(recording.head, spec=recording.head.spec.elsewhere())
    return replace(recording, head=head, events=tuple(map(_portable, recording.events)))


def _portable(event: StoredEvent) -> StoredEvent:
    spec = event.payload.get("spec", {}) if event.kind == "started" else {}
    if "train" not in spec:
        return event
    train = spec["train"] | {"data": elsewhere(spec["train"]["data"])}
    payload = event.payload | {"spec": spec | {"train": train}}
    return StoredEvent(event.seq, event.step, event.time, event.kind, encode(payload))


def from_bytes(content: bytes, name: str) -> Recording:
    """What :func:`to_bytes` made; ``name`` is what a sentence calls it. Raises RecordingError."""
    damaged = RecordingError(
        f'"{shortened(name)}" is no whole recording of this lab: record the run again with python -m core record.'
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise damaged
            head = json.loads(archive.read(HEAD))
            version = head["format"]
            if isinstance(version, int) and version > FORMAT:
                raise RecordingError(
                    f'"{shortened(name)}" was recorded by a newer version (format {version}, this one reads {FORMAT}): '
                    "update Depth Lab."
                )
            for old in range(version, FORMAT):
                head = MIGRATIONS[old](head)
            arrays = {
                entry.filename.removesuffix(".npy"): np.lib.format.read_array(
                    io.BytesIO(archive.read(entry)), allow_pickle=False
                )
                for entry in archive.infolist()
                if entry.filename.endswith(".npy")
            }
        return _recording(head, arrays)
    except RecordingError:
        raise
    except UNREADABLE:
        raise damaged from None


def _recording(head: dict[str, Any], arrays: dict[str, np.ndarray]) -> Recording:
    events = head["events"]
    if len(events) > MOST_EVENTS:
        raise ValueError("too many events")
    return Recording(
        _of_head.validate_python(head["head"]),
        int(head["seq"]),
        tuple(_event(event, arrays) for event in events),
    )


def _event(event: dict[str, Any], arrays: dict[str, np.ndarray]) -> StoredEvent:
    payload = {name: _take(arrays, value) for name, value in event["payload"].items()}
    check(event["kind"], payload)
    if event["kind"] == "metrics":
        payload = completed(payload)
    return StoredEvent(int(event["seq"]), int(event["step"]), float(event["time"]), str(event["kind"]), encode(payload))


def _put(arrays: dict[str, list[np.ndarray]], kind: str, name: str, value: Any) -> Any:
    """An array goes to those of its name, type and shape, and a reference stands in its place."""
    if not isinstance(value, np.ndarray):
        return value
    shape = "x".join(map(str, value.shape)) or "scalar"
    key = f"{kind}/{name}/{value.dtype}/{shape}"
    rows = arrays.setdefault(key, [])
    rows.append(value)
    return {"array": key, "row": len(rows) - 1}


def _take(arrays: dict[str, np.ndarray], value: Any) -> Any:
    if not (isinstance(value, dict) and value.keys() == {"array", "row"}):
        return value
    dtype = value["array"].split("/")[2]
    return arrays[value["array"]][value["row"]].astype(dtype)


def _smallest(values: np.ndarray) -> np.ndarray:
    """The same whole numbers in as few bytes as hold them all; other numbers as they are."""
    if values.dtype.kind not in "iu" or not values.size:
        return values
    low, high = int(values.min()), int(values.max())
    fitting = next(dtype for dtype in ("u1", "u2", "i2", "i4", "i8", "u8") if _holds(dtype, low, high))
    return values.astype(fitting)


def _holds(dtype: str, low: int, high: int) -> bool:
    limits = np.iinfo(dtype)
    return limits.min <= low and high <= limits.max
