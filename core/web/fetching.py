"""Fetching from a page: one subprocess for each thing, shared by all browsers, followed by a thread.

A subprocess, because torchvision's download of CIFAR-10 needs torch, which the web process never imports.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import streamlit as st

from core.engine import client

PICTURES = "core.data.fetch"  # of a folder
WEIGHTS = "core.answers.weights"  # of a published net's name
LONGEST = 2**16  # bytes of a line; a report takes some hundred

_fetches: dict[tuple[str, str], Fetch] = {}
_lock = threading.Lock()


@dataclass
class Fetch:
    """How far one download is; written by its thread, read by pages."""

    what: str = "Starting"
    fraction: float = 0.0
    error: str = ""
    done: bool = False

    def follow(self, process: subprocess.Popen[bytes]) -> None:
        """Read progress lines until the process ends."""
        assert process.stdout is not None
        try:
            with process.stdout:
                for report in _reports(process.stdout):
                    self._take(report)
        finally:
            if process.wait() != 0 and not self.error:
                self.error = f"Fetching stopped with exit code {process.returncode}: try again."
            self.done = True

    def _take(self, report: dict[str, Any]) -> None:
        what, fraction, error = report.get("what"), report.get("fraction"), report.get("error")
        if isinstance(what, str):
            self.what = what
        if isinstance(fraction, int | float) and 0 <= fraction <= 1:
            self.fraction = fraction
        if isinstance(error, str):
            self.error = error


def _reports(lines: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The reports among what a process prints. Whatever else it prints is passed over, as are lines that are too long:
    a library may print what it likes, and none of it may end the reading."""
    while line := lines.readline(LONGEST):
        try:
            report = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(report, dict):
            yield report


def start(command: str, of: str) -> Fetch:
    """Begin to fetch with one of the commands above, or join the fetch that is under way."""
    with _lock:
        running = _fetches.get((command, of))
        if running and not running.done:
            return running
        process = subprocess.Popen(
            [sys.executable, "-m", command, of, "--json"],
            cwd=client.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        fetch = _fetches[command, of] = Fetch()
        threading.Thread(target=fetch.follow, args=(process,), daemon=True).start()
        return fetch


def current(command: str, of: str) -> Fetch | None:
    """The last such fetch since the server started."""
    return _fetches.get((command, of))


@st.fragment(run_every=1.0)
def progress(command: str, of: str) -> None:
    """Draw how far a fetch is; the page again once it is done."""
    fetch = current(command, of)
    if fetch is None or fetch.done:
        st.rerun()
    else:
        st.progress(fetch.fraction, text=fetch.what)
