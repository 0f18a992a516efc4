"""How runs stand, for whoever looks: what a run's last process said counts for as long as that process lives.

A run whose process is gone is where that leaves it, also while nobody supervises the lab or it may not be written.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from core.store import kept
from core.store.deaths import after_death
from core.store.store import EVERY, Run, Store
from core.vocabulary.states import ACTIVE, Status


def left(store: Store, run: Run, code: int | None = None, out_of_memory: bool = False) -> dict[str, Any]:
    """What to set of a run whose process is gone: stopped if it was told to, else what :func:`after_death` makes of
    it."""
    stop = store.last_command(run.id, "stop")
    if stop and stop.sent >= run.queued:
        return {"status": "stopped", "ended": time.time()}
    change = after_death(run, code, out_of_memory, store.log_of(run.id))
    if change["status"] == "failed":
        change["message"] = kept.with_checkpoint(change["message"], store.folder(run.id), run.step)
    return change


def stands(store: Store, run: Run) -> Run:
    """The run as whoever looks should see it. Nothing is written."""
    return replace(run, **left(store, run)) if run.orphaned else run


def holding(store: Store) -> list[list[Run]]:
    """Runs that hold a slot, by slot, the oldest first. Those of a race share one; what is paused, or trained
    elsewhere, holds none."""
    slots: dict[int | None, list[Run]] = {}
    for run in reversed(store.runs(ACTIVE)):
        if run.owner == "supervisor" and run.status != "paused":
            slots.setdefault(run.pid, []).append(run)
    return [*slots.values()]


def listed(store: Store, statuses: Collection[Status] = EVERY, limit: int = 1000) -> list[Run]:
    """Runs that stand in one of ``statuses``, the newest first."""
    held = [stands(store, run) for run in store.runs(ACTIVE)]
    others = store.runs([status for status in statuses if status not in ACTIVE], limit)
    found = [run for run in [*held, *others] if run.status in statuses]
    return sorted(found, key=lambda run: run.created, reverse=True)[:limit]
