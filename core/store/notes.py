"""Notes pinned at a step of a run, or at a layer there, which remember the view that they were made in."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from dataclasses import dataclass

from core.spec import SpecError, shortened
from core.store.annotating import read_note
from core.store.recordings import recording
from core.store.store import EngineError, Run, Store

MOST = 500  # of a run
LONGEST_VIEW = 2000  # characters
COLUMNS = "id, run, step, layer, text, view, written"


@dataclass(frozen=True)
class Note:
    """One row of ``notes``."""

    id: int
    run: str
    step: int
    layer: str  # or empty
    text: str
    view: str  # what the address held of the dashboard, as a query; or empty
    written: float  # s since 1970

    @property
    def line(self) -> str:
        """All of it on one line, behind its layer."""
        text = " ".join(self.text.split())
        return f"{self.layer}: {text}" if self.layer else text


def of_runs(store: Store, run_ids: Collection[str]) -> list[Note]:
    """All notes of these runs, by step."""
    with store.database.reading() as database:
        rows = database.execute(
            f"SELECT {COLUMNS} FROM notes WHERE run IN (SELECT value FROM json_each(?)) ORDER BY step, id",
            (json.dumps(list(run_ids)),),
        ).fetchall()
    return [Note(*row) for row in rows]


def write(store: Store, run_id: str, step: int, text: str, layer: str = "", view: str = "") -> int:
    """Pin a note; its id. Raises SpecError where it cannot be, EngineError where there is no such run."""
    run = store.known(run_id)
    said = _read(text)
    _check_place(store, run, step, layer)
    if len(view) > LONGEST_VIEW or not view.isprintable():
        raise SpecError("The view of this note cannot be kept: open the run anew and write it there.")
    with store.database.writing() as database:
        (count,) = database.execute("SELECT COUNT(*) FROM notes WHERE run = ?", (run_id,)).fetchone()
        if count >= MOST:
            raise SpecError(f"{run.name} has {count} notes, as many as a run can have: delete some.")
        done = database.execute(
            "INSERT INTO notes (run, step, layer, text, view, written) VALUES (?, ?, ?, ?, ?, ?)",
            (run_id, step, layer, said, view, time.time()),
        )
    return int(done.lastrowid or 0)


def rewrite(store: Store, note_id: int, text: str) -> None:
    """Say something else there. Raises SpecError where that cannot be, EngineError where there is no such note."""
    said = _read(text)
    with store.database.writing() as database:
        _check_there(database.execute("UPDATE notes SET text = ? WHERE id = ?", (said, note_id)).rowcount, note_id)


def erase(store: Store, run_ids: Collection[str], note_id: int) -> None:
    """Take a note of one of these runs away. Raises EngineError where there is none."""
    with store.database.writing() as database:
        deleted = database.execute(
            "DELETE FROM notes WHERE id = ? AND run IN (SELECT value FROM json_each(?))",
            (note_id, json.dumps(list(run_ids))),
        )
        _check_there(deleted.rowcount, note_id)


def _read(text: str) -> str:
    said = read_note(text)
    if not said:
        raise SpecError("The note is empty: write something, or delete it.")
    return said


def _check_place(store: Store, run: Run, step: int, layer: str) -> None:
    if not 0 <= step <= run.step:
        raise SpecError(f"{run.name} has no step {step:,} yet: choose 0 to {run.step:,}.")
    layers = (recording(store, run).last("started") or {}).get("layers", ())
    if layer and layer not in layers:
        known = f"such as {layers[0]} or {layers[-1]}" if layers else "once it has begun"
        raise SpecError(f'{run.name} has no layer "{shortened(layer, 60)}": name one that it has, {known}.')


def _check_there(changed: int, note_id: int) -> None:
    if not changed:
        raise EngineError(f"There is no note {note_id} there: it was deleted, or is another run's.")
