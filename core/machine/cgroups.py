"""What Linux's control groups leave to this process: in version 1, version 2, or both at once, and at any depth.

A container's limits are those of its group, and those of every group around it hold as well. Where the files are is
told by cgroups(7) and proc_pid_mountinfo(5), what stands in them by the kernel's cgroup-v2.rst, cgroup-v1/memory.rst
and sched-bwc.rst. The names of the two versions' files differ, so all are looked for, and what is missing limits
nothing. ``root`` is the folder that holds ``proc``, and every mount below it.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/")


def cpus(root: Path = ROOT) -> float:
    """CPU cores, in fractions too, whose time the tightest group gives; infinity where none limits it."""
    return min((_quota(folder) for folder in groups("cpu", root)), default=math.inf)


def memory(root: Path = ROOT) -> tuple[float, float]:
    """Bytes that the tightest group allows, and that are free in the fullest; infinity where none limits them."""
    found = [(limit, limit - _used(folder)) for folder in groups("memory", root) for limit in [_limit(folder)]]
    return (
        min((limit for limit, _ in found), default=math.inf),
        max(0.0, min((free for _, free in found), default=math.inf)),
    )


def _quota(folder: Path) -> float:
    words = (_read(folder / "cpu.max") or _read(folder / "cpu.cfs_quota_us")).split()
    if not words or not words[0].isdecimal():  # "max", -1, or no such file
        return math.inf
    period = words[1] if len(words) > 1 else _read(folder / "cpu.cfs_period_us")
    return int(words[0]) / int(period or 100_000)


def _limit(folder: Path) -> float:
    """The group's own, and in version 1 that of the groups around it that this process may not see."""
    names = ("memory.max", "memory.high", "memory.limit_in_bytes")
    said = [_read(folder / name) for name in names] + [_statistics(folder).get("hierarchical_memory_limit", "")]
    return min((int(word) for word in said if word.isdecimal()), default=math.inf)


def _used(folder: Path) -> int:
    """Bytes without the copies of files that nobody has read again, which the kernel drops as soon as it needs room.

    Kubernetes calls this the working set. In both versions it covers the groups inside.
    """
    statistics = _statistics(folder)
    reclaimable = statistics.get("total_inactive_file") or statistics.get("inactive_file") or "0"
    used = _read(folder / "memory.current") or _read(folder / "memory.usage_in_bytes") or "0"
    return int(used) - int(reclaimable)


def _statistics(folder: Path) -> dict[str, str]:
    """Of ``memory.stat``, each a name and a number."""
    return {name: value for name, _, value in (line.partition(" ") for line in _lines(folder / "memory.stat"))}


def groups(controller: str, root: Path) -> Iterator[Path]:
    """Folders of this process's groups and of those around them, wherever the controller may be."""
    paths = _paths(root)
    for mount in _mounts(root):
        own = paths.get("" if mount.kind == "cgroup2" else controller)
        if own is not None and (mount.kind == "cgroup2" or controller in mount.controllers):
            folder = _folder(mount, own)
            yield folder
            while folder != mount.point:
                folder = folder.parent
                yield folder


def _paths(root: Path) -> dict[str, str]:
    """The path of this process's group by controller of version 1; that of version 2 has no name."""
    paths: dict[str, str] = {}
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        paths |= dict.fromkeys(controllers.split(","), path)
    return paths


@dataclass(frozen=True)
class _Mount:
    """A place where groups are shown as folders."""

    kind: str  # cgroup, which is version 1, or cgroup2
    controllers: list[str]  # of version 1, among other options
    top: str  # path of the group that is shown as ``point``
    point: Path


def _mounts(root: Path) -> Iterator[_Mount]:
    for line in _lines(root / "proc/self/mountinfo"):
        head, _, tail = line.partition(" - ")
        fields = tail.split(" ")
        if fields[0] in ("cgroup", "cgroup2"):
            top, point = (_unescaped(field) for field in head.split(" ")[3:5])
            yield _Mount(fields[0], fields[-1].split(","), top, root / point.lstrip("/"))


def _folder(mount: _Mount, path: str) -> Path:
    """Where a mount shows this process's group; where it does not, its top, which in a container is the container's.

    A path begins at the namespace's own group, and ``/..`` is the one around it. A mount that begins there shows this
    process's group under a name that it cannot know, so it is looked for among the folders at that depth.
    """
    own, top = path.strip("/").split("/"), mount.top.strip("/").split("/")
    own, top = [name for name in own if name], [name for name in top if name]
    while own and top and own[0] == top[0]:
        own, top = own[1:], top[1:]
    if ".." in own or set(top) - {".."}:
        return mount.point
    if top:
        around = mount.point.glob("/".join(["*"] * len(top)))
        return next((folder for folder in (near.joinpath(*own) for near in around) if _holds_me(folder)), mount.point)
    return mount.point.joinpath(*own)


def _holds_me(folder: Path) -> bool:
    return str(os.getpid()) in _read(folder / "cgroup.procs").split()


def _unescaped(field: str) -> str:
    """A field of mountinfo, which writes space, tab, newline and backslash as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), field)


def _lines(path: Path) -> list[str]:
    return [line for line in _read(path).split("\n") if line]


def _read(path: Path) -> str:
    """What stands in a file; nothing where there is none, or none for us."""
    try:
        return path.read_text(errors="surrogateescape").strip()
    except OSError:
        return ""
