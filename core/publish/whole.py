"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path


class PublishError(ValueError):
    """A run cannot be taken along like that; the message is one sentence: what is wrong and what to do."""


def write_whole(path: Path, content: bytes) -> None:
    """Write under a temporary name, then rename. Raises PublishError."""
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}")
    try:
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise _unwritten(path, error) from None


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files, by their paths, into a new folder: under a temporary name, then renamed. Raises PublishError."""
    if folder.exists():
        raise PublishError(f'"{folder}" is there already: name a folder that does not exist yet.')
    _put_folder(folder, files)


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """The same in the place of what is there. A process that is killed leaves the old folder, the new one or, for the
    moment between two renames, none. Raises PublishError."""
    _put_folder(folder, files)


def _put_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Beside it first, so that nobody sees half of it."""
    beside = None
    try:
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name[:50]}.", dir=folder.parent))
        begun, older = beside / "new", beside / "old"
        begun.mkdir()
        for name, content in files.items():
            path = begun / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if folder.exists():
            folder.rename(older)
        try:
            begun.rename(folder)
        except OSError:
            older.rename(folder)
            raise
    except (OSError, ValueError) as error:
        raise _unwritten(folder, error) from None
    finally:
        if beside:
            shutil.rmtree(beside, ignore_errors=True)


def _unwritten(path: Path, error: OSError | ValueError) -> PublishError:
    """Why it was not written; a ValueError comes of a zero byte in the name."""
    why = error.strerror if isinstance(error, OSError) else error
    return PublishError(f'"{path}" could not be written ({why}): free some space or choose another folder.')
