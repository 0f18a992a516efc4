"""Recordings that were opened from files: by name in a folder that the user named, or dropped onto the page."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from core.engine import client
from core.record import file
from core.record.file import SUFFIX, RecordingError
from core.record.recording import Recording
from core.record.told import answered, as_file, listed, of_file
from core.spec import shortened
from core.store.home import ROOT

MARK = "file-"  # begins the id of a recording; no run's id does
FOLDERS = "DEPTHLAB_RECORDINGS"  # environment: folders whose recordings an address may open
SHIPPED = ROOT / "assets" / "recordings"  # come with the lab (core/web/train/shows.py)
KEPT = 16  # recordings that stay in memory

_opened: OrderedDict[str, _Opened] = OrderedDict()
_lock = Lock()


class _Opened(NamedTuple):
    """A recording as it is shown, and as its file has it."""

    shown: Recording
    original: Recording


def folders() -> list[Path]:
    """Where recordings lie that an address may open."""
    named = [Path(folder) for folder in os.environ.get(FOLDERS, "").split(os.pathsep) if folder]
    return named or [client.home() / "recordings"]


def by_name(name: str) -> str:
    """The id of the recording of that name in one of the folders, or of one that was dropped. Raises RecordingError."""
    if name.startswith(MARK):
        if name not in _opened:
            raise RecordingError("This recording is not open any more: drop its file once more.")
        return name
    for folder in (*folders(), SHIPPED):
        path = (folder / name).resolve()
        if path.is_relative_to(folder.resolve()) and path.suffix == SUFFIX and path.is_file():
            return take(file.content_of(path), path.name)
    places = " or ".join(map(str, folders()))
    raise RecordingError(f'There is no recording "{shortened(name)}" in {places}: put it there, or drop it here.')


def take(content: bytes, name: str) -> str:
    """Open a file's content; the id under which it is known until the server ends. Raises RecordingError."""
    mark = MARK + hashlib.sha256(content).hexdigest()[:24]
    with _lock:
        if mark not in _opened:
            found = file.from_bytes(content, name)
            _opened[mark] = _Opened(as_file(found, mark), found)
        _opened.move_to_end(mark)
        while len(_opened) > KEPT:
            _opened.popitem(last=False)
    return mark


def recording(mark: str) -> Recording | None:
    """As it is shown; None where it is not open."""
    with _lock:
        found = _opened.get(mark)
    return found.shown if found else None


def original(shown: Recording) -> Recording:
    """What the file holds of which this is shown; a run of the lab is itself."""
    with _lock:
        found = _opened.get(shown.head.id)
    return found.original if found else shown


def answer(mark: str, after: int) -> str | None:
    """What :func:`core.web.train.recordings.answer` says, of a recording from a file; None where it is not open."""
    found = recording(mark)
    if found is None:
        return None
    return answered(of_file(found), found.seq, "" if after >= found.seq else listed(found.events))
