"""One SQLite file in WAL mode for many processes and threads: connections, transactions, schema."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = 1
SCHEMA = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, spec TEXT NOT NULL, status TEXT NOT NULL, message TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL, queued REAL NOT NULL, started REAL, ended REAL,
    pid INTEGER, pid_created REAL, heartbeat REAL, owner TEXT NOT NULL,
    twin_of TEXT, parent TEXT, fork_step INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0, step INTEGER NOT NULL DEFAULT 0, total_steps INTEGER);
CREATE INDEX runs_by_status ON runs (status, queued);
CREATE TABLE events (
    run TEXT NOT NULL, seq INTEGER NOT NULL, step INTEGER NOT NULL, time REAL NOT NULL,
    kind TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (run, seq));
CREATE INDEX events_by_kind ON events (run, kind, seq);
CREATE TABLE commands (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, kind TEXT NOT NULL, value REAL,
    sent REAL NOT NULL, taken REAL);
CREATE INDEX commands_by_run ON commands (run, taken, id);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)
"""
PATIENCE = 10.0  # s to wait for another process to finish its transaction


class EngineError(RuntimeError):
    """The engine refuses; the message is one sentence for the user: what is wrong and what to do."""


class Database:
    """Connections to ``path``, made on demand; each serves one thread at a time and is used again.

    Raises EngineError where the file cannot be opened, is no store, or was written by a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._migrate()
        except (OSError, sqlite3.OperationalError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise EngineError(
                f"Runs cannot be kept in {path.parent} ({reason}): "
                "make it writable or set DEPTHLAB_HOME to a folder that is."
            ) from error
        except sqlite3.DatabaseError as error:
            raise EngineError(f"{path} is not a Depth Lab store ({error}): move it away and start again.") from error

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for single statements."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._idle.append(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection within a transaction: all of it is kept, or none when the body raises."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def watch(self) -> Watch:
        return Watch(self._connect())

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last moments, never the file
        return connection

    def _migrate(self) -> None:
        with self.reading() as connection:
            _use_wal(connection)
        with self.writing() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise EngineError(
                    f"{self.path} was written by a newer Depth Lab: update this one or set DEPTHLAB_HOME elsewhere."
                )
            if version == 0:
                for statement in SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {VERSION}")


class Watch:
    """Tells cheaply (some microseconds, no disk) whether anyone has written to the database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._seen = self._version()

    def changed(self) -> bool:
        """Whether something was committed, by any process, since the last call."""
        before, self._seen = self._seen, self._version()
        return before != self._seen

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])


def _use_wal(connection: sqlite3.Connection) -> None:
    """The one statement that does not wait for other processes that do the same: ask again until it went through."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
