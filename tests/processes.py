"""The processes of a lab, whoever started them."""

from __future__ import annotations

import os
from pathlib import Path

import psutil


def of_lab(home: Path) -> list[psutil.Process]:
    """Those whose DEPTHLAB_HOME it is, but for the test's own."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get("DEPTHLAB_HOME") == str(home):
                found.append(process)
        except psutil.Error:
            continue
    return found


def end_all(home: Path) -> None:
    """Kill them, and those that they have started meanwhile: one that stayed would train beside all other tests."""
    while found := of_lab(home):
        for process in found:
            try:
                process.kill()
                process.wait(20)
            except psutil.Error:
                continue
