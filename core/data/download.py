"""Download one file whose checksum is known: it is there as a whole, or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from core.data.files import DataError
from core.data.sources import NO_SPACE, Progress

PIECE = 2**20  # bytes
PATIENCE = 15.0  # s that a server may send nothing


def download(url: str, target: Path, digest: str, progress: Progress) -> Path:
    """Fetch ``url`` to ``target`` unless it is there; its sha256, in hex, must begin with ``digest``.

    It grows under a temporary name beside ``target``, where the next try begins anew. ``progress`` is told what is done
    and how far (0 to 1). Raises DataError.
    """
    try:
        if target.exists() and _digest_of(target).startswith(digest):
            progress("Ready", 1.0)
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        with part.open("ab") as file:
            _fill(file, url, target, digest, progress)
            part.replace(target)
    except OSError as error:
        if error.errno in NO_SPACE:
            raise DataError(f"There is no space left in {target.parent} for {target.name}: free some.") from None
        raise DataError(f"{target} cannot be written ({error.strerror}): free that place or choose another.") from None
    progress("Ready", 1.0)
    return target


def _fill(file: IO[bytes], url: str, target: Path, digest: str, progress: Progress) -> None:
    """Everything into the file, which is gone if anything is wrong. Raises DataError, or OSError of the disk."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DataError(f"{target.name} is being fetched already: wait until that is done.") from None
    file.truncate(0)
    try:
        if not _copy(file, url, target, progress).startswith(digest):
            raise _failure(url, target, "what came is not the published file")
    except BaseException:
        Path(file.name).unlink()
        raise


def _copy(file: IO[bytes], url: str, target: Path, progress: Progress) -> str:
    """The sha256 of what came."""
    host = urlsplit(url).hostname
    progress(f"Asking {host}", 0.0)
    found = hashlib.sha256()
    reading = _opened(url, target)
    with reading:
        size = _size(reading)
        arrived = 0
        while piece := _piece(reading, url, target):
            file.write(piece)
            found.update(piece)
            arrived += len(piece)
            progress(f"Downloading {target.name} from {host}", min(arrived / size, 1.0) if size else 0.0)
    file.flush()
    os.fsync(file.fileno())
    return found.hexdigest()


def _size(response: http.client.HTTPResponse) -> int:
    """Bytes that the server says will come; 0 where it says nothing that can be believed."""
    said = response.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 16 else 0


def _opened(url: str, target: Path) -> http.client.HTTPResponse:
    try:
        response: http.client.HTTPResponse = urllib.request.urlopen(url, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        error.close()  # it holds the connection
        raise _failure(url, target, f"the server says {error.code}") from None
    except (OSError, http.client.HTTPException):
        raise _failure(url, target, "it cannot be reached") from None
    return response


def _piece(response: http.client.HTTPResponse, url: str, target: Path) -> bytes:
    try:
        return response.read(PIECE)
    except (OSError, http.client.HTTPException):
        raise _failure(url, target, "the connection broke") from None


def _failure(url: str, target: Path, reason: str) -> DataError:
    return DataError(
        f"{target.name} could not be fetched from {urlsplit(url).hostname} ({reason}): check the network, "
        f"or put that file into {target.parent} yourself."
    )


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
