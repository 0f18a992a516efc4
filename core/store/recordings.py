"""Recordings of the runs in the store. A run's past stays in memory between readers, and only what is new is read.

That of a long run which has ended is also kept in its folder: a server that starts anew need not read every event.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from contextlib import suppress
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from threading import Lock

import core.record
from core.record import file
from core.record.file import RecordingError
from core.record.past import Past
from core.record.recording import Head, Recording
from core.store.records import Run
from core.store.store import Store
from core.vocabulary import traces
from core.vocabulary.states import STATES

PAGE = 2000  # events read at a time
LONG = 2000  # events from which on a recording is kept on the disk
KEPT = 24  # runs whose past stays in memory: twice as many as one page shows


class _Known:
    def __init__(self) -> None:
        self.lock = Lock()
        self.past = Past()
        self.made: Recording | None = None


_known: OrderedDict[tuple[str, str], _Known] = OrderedDict()
_lock = Lock()


def recording(store: Store, run: Run) -> Recording:
    """All that is known of a run now; made again only where something has happened since it was last asked for."""
    known = _known_of(store, run.id)
    with known.lock:
        known.made = known.made or _saved(store, run)
        if known.made is None or not _is_last(store, run, known.made.seq):
            while page := store.events(run.id, known.past.seq, PAGE):
                known.past.add(page)
            known.made = known.past.recording(head(run))
            _save(store, run, known.made)
        if known.made.head != head(run):
            known.made = replace(known.made, head=head(run))
        return known.made


def _is_last(store: Store, run: Run, seq: int) -> bool:
    """Whether the event of that number is there and none after it."""
    return [event.seq for event in store.events(run.id, max(seq - 1, 0), 2)] == [seq] * (seq > 0)


def _saved(store: Store, run: Run) -> Recording | None:
    """What was kept in the run's folder; whatever cannot be read is made anew."""
    path = store.folder(run.id) / _name()
    try:
        return file.read(path) if STATES[run.status].ended and path.exists() else None
    except RecordingError:
        return None


def _save(store: Store, run: Run, made: Recording) -> None:
    if made.seq >= LONG and STATES[run.status].ended:
        with suppress(RecordingError):  # it is a convenience
            file.write(store.folder(run.id) / _name(), made, here=True)


@cache
def _name() -> str:
    """Of the file: another one where the code is that makes another recording of the same events."""
    code = sorted([*Path(core.record.__file__).parent.glob("*.py"), Path(traces.__file__)])
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in code)).hexdigest()
    return f"recording-{digest[:12]}{file.SUFFIX}"


def head(run: Run) -> Head:
    """Which run it is, and how it stands."""
    return Head(**{field.name: getattr(run, field.name) for field in fields(Head)})


def _known_of(store: Store, run_id: str) -> _Known:
    key = (str(store.home), run_id)
    with _lock:
        known = _known.setdefault(key, _Known())
        _known.move_to_end(key)
        while len(_known) > KEPT:
            _known.popitem(last=False)
        return known
