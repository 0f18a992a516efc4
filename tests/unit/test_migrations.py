"""What an older version wrote is read as if this one had made it, and brought up to date by the first who writes."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.spec import RunSpec
from core.store import bin
from core.store.database import MIGRATIONS, SCHEMA, VERSION
from core.store.store import Store

FIRST = Path(__file__).parents[1] / "labs" / "first"  # version 1
RUN = "1127-k8qpwty92k"


@pytest.fixture(params=range(1, VERSION))
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The first lab as each later version left it."""
    home = tmp_path / "lab"
    shutil.copytree(FIRST, home)
    with closing(sqlite3.connect(home / "lab.db", isolation_level=None)) as database:
        for version in range(1, request.param):
            for statement in MIGRATIONS[version]:
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {request.param}")
    return home


def version(home: Path) -> int:
    with closing(sqlite3.connect(home / "lab.db")) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


def tables(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Of each table its columns with their types, in order."""
    with closing(sqlite3.connect(path)) as database:
        names = [
            name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'index')")
        ]
        return {
            name: [(column[1], column[2]) for column in database.execute(f"PRAGMA table_info({name})")]
            for name in sorted(names)
        }


def test_it_is_read_without_being_changed(older: Path) -> None:
    before = version(older)
    store = Store(older)
    [run] = store.runs()
    assert (run.id, run.name, run.title, run.note, run.tags, run.deleted) == (RUN, "ResNet-8 ×0.125", "", "", (), None)
    assert store.run(RUN) == store.known(RUN) == run
    assert (store.queue(), store.binned()) == ([], [])
    assert len(store.events(RUN)) == 27
    assert version(older) == before


def test_who_reads_sees_what_another_process_writes_and_brings_up_to_date(older: Path) -> None:
    reader = Store(older)
    assert [run.id for run in reader.runs()] == [RUN]
    bin.delete(Store(older), [RUN])
    assert version(older) == VERSION
    assert reader.runs() == []
    assert [run.id for run in reader.binned()] == [RUN]


def test_it_becomes_what_a_new_one_is(older: Path, tmp_path: Path) -> None:
    Store(older).prepare()
    Store(tmp_path / "new").prepare()
    assert tables(older / "lab.db") == tables(tmp_path / "new" / "lab.db")
    assert SCHEMA.count("CREATE") == len([name for name in tables(older / "lab.db") if not name.startswith("sqlite_")])


def test_its_run_is_emptied_out_of_it(older: Path) -> None:
    store = Store(older)
    kept = store.create_run(RunSpec())
    bin.delete(store, [RUN])
    assert bin.empty(store) == 1
    assert [run.id for run in store.runs()] == [kept]
