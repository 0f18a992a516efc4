"""Real control groups, such as a container is made of: processes are put into them, and are limited by the kernel."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from core.machine import cgroups
from tests.engine.engines import PATIENCE


class Group:
    """A new group inside this process's own: of version 1, with a folder a controller."""

    def __init__(self, folders: dict[str, Path]) -> None:
        self.folders = folders

    def limit(self, **files: int) -> None:
        """Write numbers to files whose names have ``_`` for the first dot, such as ``memory_limit_in_bytes``."""
        for name, number in files.items():
            controller, _, rest = name.partition("_")
            (self.folders[controller] / f"{controller}.{rest}").write_text(str(number))

    def enter(self) -> None:
        """Move this process in; for one that was made for it."""
        for folder in self.folders.values():
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def use(self) -> int:
        """Bytes of memory in use, copies of files among them."""
        return int((self.folders["memory"] / "memory.usage_in_bytes").read_text())


@contextmanager
def new_group(within: Group | None = None) -> Iterator[Group]:
    """A group that ends with the block; the test is skipped, and says why, where none can be made."""
    around = within.folders if within else {name: own_folder(name) for name in ("cpu", "memory")}
    folders = {name: folder / f"depthlab-{uuid4().hex[:12]}" for name, folder in around.items()}
    made: list[Path] = []
    try:
        for folder in folders.values():
            try:
                folder.mkdir()
            except OSError as error:
                pytest.skip(f"no control group can be made here ({error}): made-up trees stand in for real ones")
            made.append(folder)
        yield Group(folders)
    finally:
        for folder in made:
            _until_empty(folder)
            folder.rmdir()


def _until_empty(folder: Path) -> None:
    """A process that was killed is in its group until the kernel has taken it apart, which nobody is told."""
    deadline = time.monotonic() + PATIENCE
    while (folder / "cgroup.procs").read_text() and time.monotonic() < deadline:
        time.sleep(0.01)


def own_folder(controller: str) -> Path:
    """Of the group that this process is in."""
    names = {"cpu": "cpu.cfs_quota_us", "memory": "memory.limit_in_bytes"}
    for folder in cgroups.groups(controller, cgroups.ROOT):
        if (folder / names[controller]).exists():
            return folder
    pytest.skip("this machine has no control groups of version 1: made-up trees stand in for real ones")
