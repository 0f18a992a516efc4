"""The bin: runs that were deleted. They are hidden at once, can be put back for a while, and then free what they take.

Whoever is killed while a bin is emptied leaves a run whole in the bin, or nothing of it but files in its folder; the
next one who empties the bin finds these among the leftovers.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Sequence

from core.spec import shortened
from core.store.room import room
from core.store.store import EngineError, Run, Store, make_void
from core.vocabulary.states import ACTIVE, ENDED

KEPT = 24 * 3600.0  # s that a run lies in the bin, at least
TABLES = ("events", "commands", "notes", "pins")  # what a run has, by its id in ``run``


def delete(store: Store, run_ids: Sequence[str]) -> list[Run]:
    """Put runs into the bin, all or none; the runs. What waits for its turn is taken out of the queue.

    Raises EngineError where there is no such run, or where one is being trained.
    """
    runs = [store.known(run_id) for run_id in dict.fromkeys(run_ids)]
    for run in runs:
        if run.active and not run.orphaned:
            raise EngineError(f"{shortened(run.name)} ({run.id}) is {run.status}: stop it, then delete it.")
    now = time.time()
    with store.database.writing() as database:
        for run in runs:
            status, ended = (run.status, run.ended) if run.status in ENDED else ("stopped", now)
            changed = database.execute(
                "UPDATE runs SET deleted = ?, status = ?, ended = ? WHERE id = ? AND status = ? AND deleted IS NULL",
                (now, status, ended, run.id, run.status),
            )
            if not changed.rowcount:
                raise EngineError(f"{shortened(run.name)} ({run.id}) has changed just now: look at it, then delete it.")
            make_void(database, run.id)
    return runs


def put_back(store: Store, run_ids: Collection[str]) -> list[Run]:
    """Take runs out of the bin, all or none; the runs. Raises EngineError where one does not lie there."""
    lying = {run.id: run for run in store.binned()}
    for run_id in run_ids:
        if run_id not in lying:
            raise EngineError(f'There is no run "{shortened(run_id)}" in the bin: it was not deleted, or is gone.')
    with store.database.writing() as database:
        for run_id in run_ids:
            if not database.execute("UPDATE runs SET deleted = NULL WHERE id = ?", (run_id,)).rowcount:
                raise EngineError(f'Run "{run_id}" is gone: the bin was emptied just now.')
    return [lying[run_id] for run_id in run_ids]


def empty(store: Store, before: float | None = None) -> int:
    """Remove for good what was deleted ``before`` (s since 1970; none: all of it); how many runs that were.

    May be killed at any moment, and run beside itself.
    """
    until = time.time() if before is None else before
    count = 0
    for run in store.binned():
        if run.deleted is not None and run.deleted <= until:
            count += _forget(store, run.id)
    for run_id in _leftovers(store):
        shutil.rmtree(store.folder(run_id), ignore_errors=True)
        if not store.folder(run_id).exists():  # else somebody holds a file there, and the next one tries again
            with store.database.writing() as database:
                database.execute("DELETE FROM leftovers WHERE run = ?", (run_id,))
    return count


def empty_now(store: Store) -> tuple[int, int]:
    """Remove all of it for good, and shrink the store where nothing is trained that would have to wait for it; how many
    runs that were, and how many bytes are free now."""
    before = room(store).total
    count = empty(store)
    if count and not store.runs(ACTIVE):
        store.database.compact()
    return count, max(0, before - room(store).total)


def _forget(store: Store, run_id: str) -> bool:
    """Take a run out of the store, in one transaction that leaves only its folder; whether it was there."""
    with store.database.writing() as database:
        if not database.execute("DELETE FROM runs WHERE id = ? AND deleted IS NOT NULL", (run_id,)).rowcount:
            return False
        for table in TABLES:
            database.execute(f"DELETE FROM {table} WHERE run = ?", (run_id,))
        database.execute("INSERT OR IGNORE INTO leftovers (run) VALUES (?)", (run_id,))
    return True


def _leftovers(store: Store) -> list[str]:
    """Runs of which only the folder is left."""
    with store.database.reading() as database:
        return [run_id for (run_id,) in database.execute("SELECT run FROM leftovers").fetchall()]
