"""What the lab takes on disk, and what of it could be freed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from core.store import kept
from core.store.records import Run
from core.store.store import EVERY_RUN, Store
from core.vocabulary.states import ENDED


@dataclass(frozen=True)
class Room:
    """In bytes."""

    database: int  # events of all runs, and what SQLite keeps beside them
    folders: int  # of runs: checkpoints, specs, logs
    bin: int  # of that, folders of runs that were deleted
    ended: int  # of that, folders of runs that have ended and were not deleted
    spare: int  # of that, checkpoints that are pinned or of a film, and that the run itself could do without

    @property
    def total(self) -> int:
        return self.database + self.folders


def room(store: Store) -> Room:
    """What is there now; a few milliseconds for a thousand runs."""
    lying = {run.id for run in store.binned()}
    over = {run.id: run for run in store.runs(ENDED, limit=EVERY_RUN)}
    sizes = {folder.name: _folder(folder.path, folder.stat().st_mtime_ns) for folder in _entries(store.home / "runs")}
    return Room(
        database=sum(_size(store.home / f"lab.db{end}") for end in ("", "-wal", "-shm")),
        folders=sum(sizes.values()),
        bin=sum(size for run_id, size in sizes.items() if run_id in lying),
        ended=sum(size for run_id, size in sizes.items() if run_id in over),
        spare=sum(map(partial(_spare, store), _with_spare(store, over))),
    )


def _with_spare(store: Store, runs: Mapping[str, Run]) -> list[Run]:
    """Those of which somebody pinned a checkpoint, or keeps a film."""
    with store.database.reading() as database:
        pinned = {run_id for (run_id,) in database.execute("SELECT DISTINCT run FROM pins").fetchall()}
    return [run for run in runs.values() if run.id in pinned or run.spec.probes.film]


def _spare(store: Store, run: Run) -> int:
    return sum(each.size for each in kept.listed(store, run) if each.spare)


@lru_cache(maxsize=4096)
def _folder(path: str, changed: int) -> int:
    """Of a run's folder, counted again where a file came or went: a log that grows is told at the next checkpoint."""
    return _size(Path(path))


def _size(path: Path) -> int:
    """Of a file, or of all in a folder; 0 where it is gone meanwhile."""
    with suppress(OSError):
        if not path.is_dir():
            return path.stat().st_size
    return sum(_size(Path(entry)) if entry.is_dir() else _stat(entry) for entry in _entries(path))


def _stat(entry: os.DirEntry[str]) -> int:
    with suppress(OSError):
        return entry.stat(follow_symlinks=False).st_size
    return 0


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(folder) as entries:
        return [*entries]
    return []
