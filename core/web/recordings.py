"""What a browser is told of a run: its summary, and its Recording, or its events after a cursor.

A reader that starts at 0 gets the Recording; a reader that has a cursor gets each later event as it was. What is known
of a run is kept between readers, so that only the first one waits for the whole past.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from dataclasses import fields
from threading import Lock
from typing import Any

from core.engine.store import Run, Store
from core.record.events import StoredEvent
from core.record.past import Past
from core.record.recording import Head, Recording

EVENTS = 2000  # in one answer
KEPT = 8  # runs whose past stays in memory


class _Known:
    """The past of one run, and the last answer that was made of it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.past = Past()
        self.told: tuple[int, str] = (-1, "")  # seq, and the events as JSON


_known: OrderedDict[tuple[str, str], _Known] = OrderedDict()
_lock = Lock()


def answer(store: Store, run: Run, after: int) -> str:
    """The JSON text of ``GET ./api/runs/<id>/events?after=SEQ``: summary, cursor, events."""
    if after:
        events = store.events(run.id, after, EVENTS)
        seq, listed = events[-1].seq if events else after, _listed(events)
    else:
        seq, listed = _past(store, run)
    return f'{{"run":{json.dumps(summary(store, run))},"seq":{seq},"events":[{listed}]}}'


def recording(store: Store, run: Run) -> Recording:
    """All that is known of a run now."""
    known = _known_of(store, run.id)
    with known.lock:
        _read_on(store, run.id, known.past)
        return known.past.recording(head(run))


def head(run: Run) -> Head:
    """Which run it is, and how it stands."""
    return Head(**{field.name: getattr(run, field.name) for field in fields(Head)})


def summary(store: Store, run: Run) -> dict[str, Any]:
    """How a run stands, for its line of state."""
    asked = store.last_command(run.id, "lr")
    waiting = [queued.id for queued in store.queue()] if run.status == "queued" else []
    return of_head(head(run)) | {
        "queued_before": waiting.index(run.id) if run.id in waiting else 0,
        "silent_seconds": time.time() - run.heartbeat if run.active and run.heartbeat else None,
        "lr_asked": asked.command.value if asked else None,
        "lr_taken": asked is None or asked.taken is not None,
    }


def of_head(run: Head) -> dict[str, Any]:
    """What is so of any Recording."""
    net = run.spec.net
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
    }


def _past(store: Store, run: Run) -> tuple[int, str]:
    """Cursor and events of the Recording; made again only where something has happened since the last reader."""
    known = _known_of(store, run.id)
    with known.lock:
        _read_on(store, run.id, known.past)
        if known.told[0] != known.past.seq:
            known.told = (known.past.seq, _listed(known.past.recording(head(run)).events))
        return known.told


def _known_of(store: Store, run_id: str) -> _Known:
    key = (str(store.home), run_id)
    with _lock:
        known = _known.setdefault(key, _Known())
        _known.move_to_end(key)
        while len(_known) > KEPT:
            _known.popitem(last=False)
        return known


def _read_on(store: Store, run_id: str, past: Past) -> None:
    while page := store.events(run_id, past.seq, EVENTS):
        past.add(page)


def _listed(events: list[StoredEvent] | tuple[StoredEvent, ...]) -> str:
    return ",".join(_text(event) for event in events)


def _text(event: StoredEvent) -> str:
    head = json.dumps({"seq": event.seq, "step": event.step, "time": event.time, "kind": event.kind})
    return f'{head[:-1]},"payload":{_strict(event.text)}}}'


def _strict(text: str) -> str:
    """JSON as browsers read it: Python's NaN and Infinity become null (arrays travel as base64 and keep theirs)."""
    if "NaN" not in text and "Infinity" not in text:
        return text
    return json.dumps(json.loads(text, parse_constant=lambda name: None))
