"""Fetch the full CIFAR-10 once: ``python -m core.data.fetch FOLDER [--json]``.

Everything is made in a work folder inside the target and renamed into place when its checksums are right, so
whatever stops it leaves no data set or a whole one. What a killed try left behind is removed by the next.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.data import files
from core.data.files import DataError
from core.data.official import Layout, layouts_of
from core.data.sources import NO_SPACE, SOURCES, Progress, Source, SourceError
from core.data.telling import fetch_and_tell
from core.folders import named
from core.vocabulary.datasets import USUAL

FETCHED = layouts_of(USUAL)
ROOM = 400_000_000  # bytes that fetching needs at its peak: what is downloaded beside what is made of it
WORK = ".cifar10-fetch"


def fetch(
    folder: Path | str, progress: Progress, sources: Sequence[Source] = SOURCES, layouts: Sequence[Layout] = FETCHED
) -> Path:
    """Return the folder inside ``folder`` that holds the verified data set, after fetching it if it is not there.

    Sources are tried in order. ``progress`` is told what is done and how far (0 to 1). Raises DataError.
    """
    folder = named(folder)
    with contextlib.suppress(DataError):
        return files.verify(str(folder), layouts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _workplace(folder) as work:
            if shutil.disk_usage(folder).free < ROOM:
                raise DataError(_no_space(folder))
            made = _from_first(sources, layouts, work, progress)
            place = _install(made, folder / made.name)
    except OSError as error:
        if error.errno in NO_SPACE:
            raise DataError(_no_space(folder)) from None
        raise DataError(f'"{folder}" cannot be written ({error.strerror}): choose another folder.') from None
    progress("Ready", 1.0)
    return place


def _from_first(sources: Sequence[Source], layouts: Sequence[Layout], work: Path, progress: Progress) -> Path:
    """What the first source that succeeds has made, verified."""
    reasons = []
    for source in sources:
        place = Path(tempfile.mkdtemp(dir=work))
        try:
            made = source(place, progress)
            progress("Checking", 0.95)
            files.verify(str(made), layouts)
        except SourceError as error:
            reasons.append(str(error))
        except DataError:
            reasons.append("what was downloaded is not the official data set")
        else:
            return made
        shutil.rmtree(place, ignore_errors=True)
    raise DataError(
        f"CIFAR-10 could not be fetched ({'; '.join(reasons)}): check the network, "
        "or put the official files into a folder and name that."
    )


def _install(made: Path, target: Path) -> Path:
    """Rename into place; beside a damaged data set, its files one by one, and nothing else there is touched."""
    if not target.exists():
        return made.rename(target)
    for path in made.iterdir():
        path.replace(target / path.name)
    return target


@contextlib.contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """An empty folder inside ``folder``, ours alone while the lock is held, and gone afterwards."""
    work = folder / WORK
    work.mkdir(exist_ok=True)
    with (work / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(f'CIFAR-10 is being fetched into "{folder}" already: wait until that is done.') from None
        try:
            for left in work.iterdir():
                if left.name != "lock":
                    shutil.rmtree(left, ignore_errors=True)
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _no_space(folder: Path) -> str:
    return (
        f'There is no space left in "{folder}" for CIFAR-10, which needs {ROOM // 10**6} MB while it is fetched: '
        "free some, or choose another folder."
    )


def main(sources: Sequence[Source] = SOURCES, layouts: Sequence[Layout] = FETCHED) -> int:
    """Command line; returns the exit code: 2 when it could not be fetched."""
    parser = argparse.ArgumentParser(prog="python -m core.data.fetch", description="Fetch the full CIFAR-10 once.")
    parser.add_argument("folder")
    parser.add_argument("--json", action="store_true", help="progress and result as one JSON object a line")
    arguments = parser.parse_args()
    return fetch_and_tell(
        lambda progress: fetch(arguments.folder, progress, sources, layouts), "CIFAR-10", arguments.json
    )


if __name__ == "__main__":
    sys.exit(main())
