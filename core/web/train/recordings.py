"""What a browser is told of a run: its summary, and its Recording, or its events after a cursor.

A reader that starts at 0 gets the Recording; a reader that has a cursor gets each later event as it was.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock

from core.record.told import Summary, answered, listed, of_head
from core.store.recordings import head, recording
from core.store.store import Run, Store
from core.web.train.waiting import waits

EVENTS = 2000  # in one answer
KEPT = 8  # answers that stay in memory, for those who open the same run

_told: OrderedDict[tuple[str, str], tuple[int, str]] = OrderedDict()  # of home and run: seq, and its events as JSON
_lock = Lock()


def answer(store: Store, run: Run, after: int) -> str:
    """The JSON text of ``GET ./api/runs/<id>/events?after=SEQ``: summary, cursor, events."""
    if after:
        events = store.events(run.id, after, EVENTS)
        seq, told = events[-1].seq if events else after, listed(events)
    else:
        seq, told = _past(store, run)
    return answered(summary(store, run), seq, told)


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
