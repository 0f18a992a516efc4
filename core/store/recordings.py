"""Recordings of the runs in the store. A run's past stays in memory between readers, and only what is new is read."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import fields
from threading import Lock

from core.record.past import Past
from core.record.recording import Head, Recording
from core.store.records import Run
from core.store.store import Store

PAGE = 2000  # events read at a time
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
        while page := store.events(run.id, known.past.seq, PAGE):
            known.past.add(page)
        if known.made is None or (known.made.seq, known.made.head) != (known.past.seq, head(run)):
            known.made = known.past.recording(head(run))
        return known.made


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
