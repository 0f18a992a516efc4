"""The store: runs, their events and commands to them, shared by every process of the lab.

``seq`` grows by one per run and is the cursor of every reader. Each change is one transaction, so a process that is
killed leaves either all of it or nothing. Safe to share between threads; each process opens its own.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.record.events import Command, Event, StoredEvent, encode
from core.spec import RunSpec, shortened
from core.store.database import Changes, Database, EngineError, StoreError
from core.store.home import LOG, home
from core.store.identity import Identity
from core.store.records import Owner, Run, SentCommand
from core.vocabulary.states import ENDED, STATES, Status

__all__ = [
    "EngineError",
    "LostRunError",
    "Run",
    "SentCommand",
    "Store",
    "StoreError",
    "StoredEvent",
    "store",
]

EVERY: tuple[Status, ...] = tuple(STATES)
EVERY_RUN = 1_000_000  # as many as no lab has
EVERY_EVENT = 10**9  # as many as no run has
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # without those that look alike
EVENT_COLUMNS = "seq, step, time, kind, payload"


class LostRunError(RuntimeError):
    """The run was given to another process meanwhile; this one must leave it alone."""


class Store:
    """The lab's state under ``home``. What cannot be read or kept there is a StoreError, one sentence.

    Reading makes nothing: not the folder, and not the file.
    """

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self.database = Database(self.home / "lab.db")

    def prepare(self) -> None:
        """Make sure that runs can be kept here. Raises StoreError."""
        self.database.prepare()

    # Runs -------------------------------------------------------------------------------------------------------------

    def create_run(
        self,
        spec: RunSpec,
        *,
        owner: Owner = "supervisor",
        holder: Identity | None = None,
        twin_of: str | None = None,
        parent: str | None = None,
        fork_step: int | None = None,
        race: str | None = None,
        begin_with: Path | None = None,
    ) -> str:
        """Put a run in the queue, or hand it to ``holder`` at once; its id, which cannot be guessed.

        With ``race`` it is trained beside the runs of that group. It begins with the checkpoint ``begin_with``, where
        there is one, which for it is that of ``fork_step``, in its own steps. Raises EngineError where there is no room
        for it.
        """
        more = {"twin_of": twin_of, "parent": parent, "fork_step": fork_step, "race": race}
        return self._create([_row(spec, owner, holder) | more], begin_with)[0]

    def create_race(
        self, specs: Sequence[RunSpec], owner: Owner = "supervisor", holder: Identity | None = None
    ) -> list[str]:
        """As :meth:`create_run`, for runs that are trained beside each other: all of them or none."""
        rows = [_row(spec, owner, holder) for spec in specs]
        for row in rows[1:]:
            row["race"] = rows[0]["id"]
        return self._create(rows)

    def _create(self, rows: list[dict[str, Any]], begin_with: Path | None = None) -> list[str]:
        try:
            with self.database.refusing():
                for row in rows:
                    self.folder(row["id"]).mkdir(parents=True)
                    spec = RunSpec.from_json(row["spec"])
                    (self.folder(row["id"]) / "spec.json").write_text(spec.model_dump_json(indent=2))
                    if begin_with:
                        _share(begin_with, self.folder(row["id"]) / f"checkpoint-{row['fork_step']}.safetensors")
            with self.database.writing() as database:
                for row in rows:
                    columns = ", ".join(row)
                    database.execute(f"INSERT INTO runs ({columns}) VALUES ({_marks(row)})", tuple(row.values()))
        except StoreError:
            for row in rows:
                shutil.rmtree(self.folder(row["id"]), ignore_errors=True)
            raise
        return [row["id"] for row in rows]

    def run(self, run_id: str) -> Run | None:
        """The run of that id; None where there is none, or where it lies in the bin (:mod:`core.store.bin`)."""
        with self.database.reading() as database:
            row = database.execute("SELECT * FROM runs WHERE id = ? AND deleted IS NULL", (run_id,)).fetchone()
        return None if row is None else Run(*row)

    def known(self, run_id: str) -> Run:
        """The run of that id. Raises EngineError where there is none."""
        run = self.run(run_id)
        if run is not None:
            return run
        with self.database.reading() as database:
            binned = database.execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone()
        if binned:
            raise EngineError(f"Run {run_id} lies in the bin: put it back before you use it.")
        raise EngineError(f'There is no run "{shortened(run_id)}" in {self.home}: check its name in the list of runs.')

    def runs(self, statuses: Collection[Status] = EVERY, limit: int = 1000) -> list[Run]:
        """Runs in one of ``statuses``, the newest first."""
        with self.database.reading() as database:
            rows = database.execute(
                f"SELECT * FROM runs WHERE status IN ({_marks(statuses)}) AND deleted IS NULL "
                "ORDER BY created DESC, id DESC LIMIT ?",
                (*statuses, limit),
            ).fetchall()
        return [Run(*row) for row in rows]

    def binned(self) -> list[Run]:
        """What lies in the bin (:mod:`core.store.bin`), what was deleted last first."""
        with self.database.reading() as database:
            rows = database.execute("SELECT * FROM runs WHERE deleted IS NOT NULL ORDER BY deleted DESC, id").fetchall()
        return [Run(*row) for row in rows]

    def queue(self) -> list[Run]:
        """Runs that wait for a worker, the next one first."""
        with self.database.reading() as database:
            rows = database.execute(
                "SELECT * FROM runs WHERE status = 'queued' AND deleted IS NULL ORDER BY queued, created"
            ).fetchall()
        return [Run(*row) for row in rows]

    def update(self, run_id: str, only_in: Collection[Status], **fields: Any) -> bool:
        """Set columns of a run if its status is one of ``only_in``; whether it was. An end makes commands void that
        nobody took."""
        with self.database.writing() as database:
            changed = database.execute(
                f"UPDATE runs SET {_assignments(fields)} "
                f"WHERE id = ? AND status IN ({_marks(only_in)}) AND deleted IS NULL",
                (*fields.values(), run_id, *only_in),
            ).rowcount
            if changed and fields.get("status") in ENDED:
                make_void(database, run_id)
        return changed > 0

    def claim(self, run_id: str, holder: Identity, owner: Owner, only_in: Collection[Status]) -> bool:
        """Hand the run to a process; False if it was in none of ``only_in`` any more."""
        identity = {"pid": holder.pid, "pid_created": holder.created}
        fresh = {"heartbeat": time.time(), "message": "", "ended": None, "waits_for": None}
        return self.update(run_id, only_in, status="starting", owner=owner, **identity, **fresh)

    def folder(self, run_id: str) -> Path:
        """Where the run keeps its spec, checkpoints and log."""
        return self.home / "runs" / run_id

    def log_of(self, run_id: str) -> Path:
        """What its process printed; before it had a log of its own, the supervisor's."""
        path = self.folder(run_id) / "log.txt"
        return path if path.exists() else self.home / LOG

    # Events -----------------------------------------------------------------------------------------------------------

    def append(self, run_id: str, events: Iterable[Event], holder: Identity, **fields: Any) -> list[StoredEvent]:
        """Add events and set columns of the run, all or nothing. Raises LostRunError unless ``holder`` holds the run.

        When ``fields`` set a status that ends the run, commands that nobody took are void.
        """
        now = time.time()
        fields = {"heartbeat": now, **fields}
        with self.database.writing() as database:
            held = database.execute(
                f"UPDATE runs SET {_assignments(fields)} WHERE id = ? AND pid = ? AND pid_created = ?",
                (*fields.values(), run_id, holder.pid, holder.created),
            )
            if not held.rowcount:
                raise LostRunError(run_id)
            if fields.get("status") in ENDED:
                make_void(database, run_id)
            (last,) = database.execute("SELECT COALESCE(MAX(seq), 0) FROM events WHERE run = ?", (run_id,)).fetchone()
            added = [
                StoredEvent(seq, event.step, now, event.kind, encode(event.payload))
                for seq, event in enumerate(events, start=last + 1)
            ]
            database.executemany(
                f"INSERT INTO events (run, {EVENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
                [(run_id, event.seq, event.step, event.time, event.kind, event.text) for event in added],
            )
        return added

    def events(self, run_id: str, after: int = 0, limit: int = 1000) -> list[StoredEvent]:
        """The next events whose ``seq`` is above ``after``, in order."""
        with self.database.reading() as database:
            rows = database.execute(
                f"SELECT {EVENT_COLUMNS} FROM events WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?",
                (run_id, after, limit),
            ).fetchall()
        return [StoredEvent(*row) for row in rows]

    def latest(self, run_id: str, kind: str, count: int = 1) -> list[StoredEvent]:
        """The last ``count`` events of a kind, the newest first."""
        with self.database.reading() as database:
            rows = database.execute(
                f"SELECT {EVENT_COLUMNS} FROM events WHERE run = ? AND kind = ? ORDER BY seq DESC LIMIT ?",
                (run_id, kind, count),
            ).fetchall()
        return [StoredEvent(*row) for row in rows]

    def evaluations(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], StoredEvent]:
        """For each run and step the last evaluation up to there, if there is one; one question for all of them."""
        with self.database.reading() as database:
            rows = database.execute(
                "WITH wanted (of, until) AS (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') "
                f"FROM json_each(?)) SELECT of, until, {EVENT_COLUMNS} FROM wanted JOIN events ON run = of AND seq = ("
                "SELECT seq FROM events WHERE run = of AND kind = 'evaluation' AND step <= until "
                "ORDER BY seq DESC LIMIT 1)",
                (json.dumps(list(places)),),
            ).fetchall()
        return {(run, step): StoredEvent(*rest) for run, step, *rest in rows}

    # Commands ---------------------------------------------------------------------------------------------------------

    def send(self, run_id: str, command: Command, beside: Collection[str] = ()) -> bool:
        """Leave a command for the process that trains the run, and for runs beside it that go on.

        False if the run has ended and nobody would read it.
        """
        ids = {run_id, *beside}
        with self.database.writing() as database:
            sent = database.execute(
                "INSERT INTO commands (run, kind, value, sent) SELECT id, ?, ?, ? FROM runs "
                f"WHERE id IN ({_marks(ids)}) AND status NOT IN ({_marks(ENDED)})",
                (command.kind, command.value, time.time(), *ids, *ENDED),
            )
        return sent.rowcount > 0

    def take_commands(self, run_id: str) -> list[Command]:
        """The commands not taken yet, in the order they were sent; they count as taken from now on."""
        pending = "FROM commands WHERE run = ? AND taken IS NULL"
        with self.database.reading() as database:  # nearly always there is none, and then nothing is written
            if not database.execute(f"SELECT 1 {pending} LIMIT 1", (run_id,)).fetchone():
                return []
        with self.database.writing() as database:
            rows = database.execute(f"SELECT id, kind, value {pending} ORDER BY id", (run_id,)).fetchall()
            now = time.time()
            database.executemany("UPDATE commands SET taken = ? WHERE id = ?", [(now, row[0]) for row in rows])
        return [Command(kind, value) for _, kind, value in rows]

    def last_command(self, run_id: str, kind: str) -> SentCommand | None:
        """The last command of a kind, taken or not: what was asked, where the ``control`` event says what was done."""
        with self.database.reading() as database:
            row = database.execute(
                "SELECT kind, value, sent, taken FROM commands WHERE run = ? AND kind = ? ORDER BY id DESC LIMIT 1",
                (run_id, kind),
            ).fetchone()
        return None if row is None else SentCommand(Command(row[0], row[1]), row[2], row[3])

    # Meta -------------------------------------------------------------------------------------------------------------

    def meta(self, key: str) -> Any:
        """What :meth:`set_meta` kept under ``key``, or None."""
        with self.database.reading() as database:
            row = database.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set_meta(self, key: str, value: Any) -> None:
        with self.database.writing() as database:
            database.execute("REPLACE INTO meta (key, value) VALUES (?, ?)", (key, json.dumps(value)))

    def changes(self) -> Changes:
        """Tells whether anything here has changed since it was last asked."""
        return self.database.changes()

    def close(self) -> None:
        self.database.close()


def make_void(database: sqlite3.Connection, run_id: str) -> None:
    """Forget the commands that nobody took: else the run would obey them when it goes on, perhaps days later."""
    database.execute("DELETE FROM commands WHERE run = ? AND taken IS NULL", (run_id,))


def _share(source: Path, target: Path) -> None:
    """The checkpoint there too: the same file where the disk can, for none is ever written in place."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _assignments(fields: dict[str, Any]) -> str:
    return ", ".join(f"{column} = ?" for column in fields)


def _marks(values: Collection[Any]) -> str:
    return ", ".join("?" * len(values))


def _row(spec: RunSpec, owner: Owner, holder: Identity | None) -> dict[str, Any]:
    """A new run's columns."""
    now = time.time()
    return {
        "id": time.strftime("%m%d-") + "".join(secrets.choice(LETTERS) for _ in range(10)),
        "name": spec.net.name,
        "spec": spec.to_json(),
        "status": "starting" if holder else "queued",
        "created": now,
        "queued": now,
        "pid": holder.pid if holder else None,
        "pid_created": holder.created if holder else None,
        "owner": owner,
    }


def store() -> Store:
    """This process's store. Nothing is made before something is to be kept."""
    return _store(home())


@lru_cache(maxsize=4)
def _store(folder: Path) -> Store:
    return Store(folder)
