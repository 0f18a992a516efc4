"""One SQLite file in WAL mode for many processes and threads: connections, transactions, schema."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

VERSION = 4
SCHEMA = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, spec TEXT NOT NULL, status TEXT NOT NULL, message TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL, queued REAL NOT NULL, started REAL, ended REAL,
    pid INTEGER, pid_created REAL, heartbeat REAL, owner TEXT NOT NULL,
    twin_of TEXT, parent TEXT, fork_step INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0, step INTEGER NOT NULL DEFAULT 0, total_steps INTEGER,
    race TEXT, waits_for TEXT,
    title TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '[]', deleted REAL);
CREATE INDEX runs_by_status ON runs (status, queued);
CREATE TABLE events (
    run TEXT NOT NULL, seq INTEGER NOT NULL, step INTEGER NOT NULL, time REAL NOT NULL,
    kind TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (run, seq));
CREATE INDEX events_by_kind ON events (run, kind, seq);
CREATE TABLE commands (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, kind TEXT NOT NULL, value REAL,
    sent REAL NOT NULL, taken REAL);
CREATE INDEX commands_by_run ON commands (run, taken, id);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, step INTEGER NOT NULL, layer TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL, view TEXT NOT NULL DEFAULT '', written REAL NOT NULL);
CREATE INDEX notes_by_run ON notes (run, step);
CREATE TABLE pins (run TEXT NOT NULL, step INTEGER NOT NULL, PRIMARY KEY (run, step));
CREATE TABLE leftovers (run TEXT PRIMARY KEY)
"""
TABLES = SCHEMA.split(";\n")
ADDED_IN_4 = ("CREATE TABLE notes", "CREATE INDEX notes_by_run", "CREATE TABLE pins", "CREATE TABLE leftovers")
MIGRATIONS: dict[int, Sequence[str]] = {  # what makes a store of a version one of the next
    1: ("ALTER TABLE runs ADD COLUMN race TEXT",),
    2: ("ALTER TABLE runs ADD COLUMN waits_for TEXT",),
    3: (
        "ALTER TABLE runs ADD COLUMN title TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE runs ADD COLUMN deleted REAL",
        *(statement for statement in TABLES if statement.lstrip().startswith(ADDED_IN_4)),
    ),
}
READ_ONLY = ("SQLITE_CANTOPEN", "SQLITE_READONLY_DIRECTORY")  # where SQLite cannot make its files beside the store
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
LEAST_ROOM = 2**20  # bytes; with less SQLite may call a full disk an I/O error
PATIENCE = 10.0  # s to wait for another process to finish its transaction


class EngineError(RuntimeError):
    """The engine refuses; the message is one sentence for the user: what is wrong and what to do."""


class StoreError(EngineError):
    """The store cannot be read or written; what was to be written then is not there, not even half of it."""


class Database:
    """Connections to ``path``, made on demand; each serves one thread at a time and is used again.

    Only :meth:`prepare` and :meth:`writing` make anything, or bring up to date what an older version made: who reads
    where there is no file finds an empty store, and who reads on a read-only disk finds what lies there. All raise
    StoreError where the file cannot be used, is no store, or was written by a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._prepared = False

    def prepare(self) -> None:
        """Make file and tables where they are not there, once."""
        if self._prepared:
            return
        with self.refusing():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not os.access(self.path.parent, os.W_OK):  # SQLite would say only that it cannot open a file
                raise OSError(errno.EROFS, "it may not be written")
            with closing(self._connect("rwc")) as connection:
                self._version_of(connection)  # what is not ours is refused before anything of it is changed
                _use_wal(connection)
                connection.execute("BEGIN IMMEDIATE")  # closing rolls back what is not committed
                if self._version_of(connection):
                    _bring_up_to_date(connection)
                else:
                    _make_tables(connection)
                connection.execute("COMMIT")
        self._prepared = True

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for single statements."""
        with self.refusing():
            connection, lasting = self._open()
            try:
                yield connection
            except sqlite3.Error:
                lasting = False
                raise
            finally:
                if lasting:
                    self._idle.append(connection)
                else:
                    connection.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection within a transaction: all of it is kept, or none when the body raises."""
        self.prepare()
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    with suppress(sqlite3.Error):  # a full disk may have ended it; why it did is told already
                        connection.execute("ROLLBACK")

    def compact(self) -> None:
        """Give back to the disk what was deleted, where nobody else is at work here; else that is filled by and by."""
        with self.reading() as connection, suppress(sqlite3.OperationalError):
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def changes(self) -> Changes:
        self.prepare()
        return Changes(self._connect("rw"))

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _open(self) -> tuple[sqlite3.Connection, bool]:
        """A connection to what is there, and whether it may be used again."""
        with suppress(IndexError):
            return self._idle.pop(), True
        if not self.path.exists():
            return _empty(), False
        try:
            connection, lasting = self._connect("rw"), True
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname not in READ_ONLY:
                raise
            connection, lasting = self._frozen(), False
        try:
            if version := self._version_of(connection):
                if version < VERSION:
                    _look_new(connection)
                return connection, lasting and version == VERSION
        except BaseException:
            connection.close()
            raise
        connection.close()
        return _empty(), False  # another process is just making it

    def _connect(self, mode: str, path: Path | None = None) -> sqlite3.Connection:
        address = f"{(path or self.path).as_uri()}?{mode if '=' in mode else f'mode={mode}'}"
        connection = sqlite3.connect(address, timeout=PATIENCE, isolation_level=None, check_same_thread=False, uri=True)
        try:  # this reads the file, so it is also where one is refused that cannot be read
            connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last moments, never the file
        except BaseException:
            connection.close()
            raise
        return connection

    def _version_of(self, connection: sqlite3.Connection) -> int:
        """Which of our versions made its tables; 0 where it has none at all."""
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise StoreError(
                f"{self.path} was written by a newer Depth Lab: update this one or set DEPTHLAB_HOME elsewhere."
            )
        if version == 0 and connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
            raise sqlite3.DatabaseError("it holds other tables")
        return int(version)

    def _frozen(self) -> sqlite3.Connection:
        """What lies on a disk where nothing can be written, as it is now.

        SQLite then reads the main file alone. What the last process had not brought there yet, because it was killed,
        lies in the file beside it: then both are read from a copy.
        """
        log = self.path.with_name(f"{self.path.name}-wal")
        if not log.exists() or not log.stat().st_size:
            return self._connect("immutable=1")
        found = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        with tempfile.TemporaryDirectory(prefix="depthlab-") as folder:
            for path in (self.path, log):
                shutil.copyfile(path, Path(folder) / path.name)
            with closing(self._connect("rw", Path(folder) / self.path.name)) as copy:
                copy.backup(found)
        return found

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """What the disk or the file refuses becomes one sentence; a fault of ours stays what it is."""
        try:
            yield
        except OSError as error:
            raise StoreError(self._unkept(error.strerror or str(error), error.errno in FULL)) from error
        except sqlite3.OperationalError as error:
            name = getattr(error, "sqlite_errorname", "")
            if "no such table" in str(error):
                raise StoreError(self._no_store(error)) from error
            if name == "SQLITE_ERROR":
                raise
            if name.startswith("SQLITE_BUSY"):
                raise StoreError(f"{self.path} is in use by others for too long ({error}): try again.") from error
            full = name == "SQLITE_FULL" or (name.startswith("SQLITE_IOERR") and self._room() < LEAST_ROOM)
            raise StoreError(self._unkept(str(error), full)) from error
        except sqlite3.DatabaseError as error:
            if type(error) is not sqlite3.DatabaseError:
                raise
            raise StoreError(self._no_store(error)) from error

    def _unkept(self, reason: str, full: bool) -> str:
        if full:
            return f"There is no space left in {self.path.parent} for the store of runs ({reason}): free some."
        cure = "make it writable or set DEPTHLAB_HOME to a folder that is"
        return f"Runs cannot be kept in {self.path.parent} ({reason}): {cure}."

    def _no_store(self, error: sqlite3.Error) -> str:
        return f"{self.path} is not a Depth Lab store ({error}): move it away and start again."

    def _room(self) -> int:
        with suppress(OSError):
            return shutil.disk_usage(self.path.parent).free
        return 0


def _empty() -> sqlite3.Connection:
    """A store in which nothing has happened yet."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    _make_tables(connection)
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    for statement in TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for old in range(version, VERSION):
        for statement in MIGRATIONS[old]:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _look_new(connection: sqlite3.Connection) -> None:
    """Let whoever reads what an older version made find the tables and columns of this one, empty or as usual.

    Nothing is written: the tables stand in the connection's own memory, before those of the file.
    """
    connection.execute("PRAGMA temp_store = MEMORY")
    with closing(_empty()) as new:
        for name, sql in new.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE%'"):
            there = {column[1] for column in connection.execute(f"PRAGMA main.table_info({name})")}
            if not there:
                connection.execute(sql.replace("CREATE TABLE", "CREATE TEMP TABLE", 1))
                continue
            lacking = [column for column in new.execute(f"PRAGMA table_info({name})") if column[1] not in there]
            if lacking:
                usual = ", ".join(f"{column[4] or 'NULL'} AS {column[1]}" for column in lacking)
                connection.execute(f"CREATE TEMP VIEW {name} AS SELECT *, {usual} FROM main.{name}")


class Changes:
    """Tells cheaply (some microseconds, no disk) whether anyone has written to the database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._seen = self._version()

    def any(self) -> bool:
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
