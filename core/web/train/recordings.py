"""What a browser is told of a run: its summary, and its Recording, or its events after a cursor.

A reader that starts at 0 gets the Recording; a reader that has a cursor gets each later event as it was.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Any, TypedDict

from core.arith import describe
from core.record.events import StoredEvent
from core.record.recording import Head
from core.store.recordings import head, recording
from core.store.store import Run, Store
from core.vocabulary.families import Kind
from core.vocabulary.states import Status
from core.web.train.waiting import waits

EVENTS = 2000  # in one answer
TRAINING = 3  # times the MACs of the forward pass: each of them has two in the backward pass
KEPT = 8  # answers that stay in memory, for those who open the same run

_told: OrderedDict[tuple[str, str], tuple[int, str]] = OrderedDict()  # of home and run: seq, and its events as JSON
_lock = Lock()


class Standing(TypedDict):
    """What is so of any Recording."""

    id: str
    group: str  # of its race: the id of the first run; its own where it is alone
    name: str
    kind: Kind
    norm: str
    status: Status
    message: str  # one sentence on why it failed, else empty
    step: int
    total_steps: int | None
    epochs: int
    batch_size: int
    picture_macs: int  # of training on one picture
    watched: bool
    probe_images: int


class Summary(Standing):
    """How a run stands, for its line of state."""

    lr_asked: float | None
    lr_taken: bool  # or none was asked

    waits: str  # one sentence on what it waits for, else empty
    silent_seconds: float | None  # since the last sign of life of one that should give some
    recorded: bool  # it is read from a file


class Told(TypedDict):
    """One event, as a browser gets it."""

    seq: int
    step: int
    time: float  # s since 1970
    kind: str
    payload: dict[str, Any]


class Answer(TypedDict):
    """What a browser is told of a run."""

    run: Summary
    seq: int  # from which to ask on
    events: list[Told]


def answer(store: Store, run: Run, after: int) -> str:
    """The JSON text of ``GET ./api/runs/<id>/events?after=SEQ``: summary, cursor, events."""
    if after:
        events = store.events(run.id, after, EVENTS)
        seq, told = events[-1].seq if events else after, listed(events)
    else:
        seq, told = _past(store, run)
    return f'{{"run":{json.dumps(summary(store, run))},"seq":{seq},"events":[{told}]}}'


def summary(store: Store, run: Run) -> Summary:
    """How a run stands now."""
    asked = store.last_command(run.id, "lr")
    return {
        **of_head(head(run)),
        "waits": waits(store, run),
        "silent_seconds": time.time() - run.heartbeat if run.active and run.heartbeat else None,
        "lr_asked": asked.command.value if asked else None,
        "lr_taken": asked is None or asked.taken is not None,
        "recorded": False,
    }


def of_head(run: Head) -> Standing:
    net = run.spec.net
    return {
        "id": run.id,
        "group": run.race or run.id,
        "name": run.name,
        "kind": net.kind,
        "norm": net.norm,
        "status": run.status,
        "message": run.message,
        "step": run.step,
        "total_steps": run.total_steps,
        "epochs": run.spec.train.epochs,
        "batch_size": run.spec.train.batch_size,
        "picture_macs": TRAINING * describe(net).macs,
        "watched": run.spec.probes.enabled,
        "probe_images": run.spec.probes.images,
    }


def listed(events: Iterable[StoredEvent]) -> str:
    """Events as a browser reads them, with commas between."""
    return ",".join(_text(event) for event in events)


def _past(store: Store, run: Run) -> tuple[int, str]:
    """Cursor and events of the Recording, as text that is kept until something happens."""
    found = recording(store, run)
    key = (str(store.home), run.id)
    with _lock:
        known = _told.get(key)
    if known is None or known[0] != found.seq:
        known = (found.seq, listed(found.events))
    with _lock:
        _told[key] = known
        _told.move_to_end(key)
        while len(_told) > KEPT:
            _told.popitem(last=False)
    return known


def _text(event: StoredEvent) -> str:
    opening = json.dumps({"seq": event.seq, "step": event.step, "time": event.time, "kind": event.kind})
    return f'{opening[:-1]},"payload":{_strict(event.text)}}}'


def _strict(text: str) -> str:
    """JSON as browsers read it: Python's NaN and Infinity become null (arrays travel as base64 and keep theirs)."""
    if "NaN" not in text and "Infinity" not in text:
        return text
    return json.dumps(json.loads(text, parse_constant=lambda name: None))
