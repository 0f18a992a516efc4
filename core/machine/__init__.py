"""What this process may use of the machine: asked of those who decide it, not guessed from what is built in."""

from __future__ import annotations

import math
import os
import resource
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.machine import cgroups
from core.machine.cgroups import ROOT


@dataclass(frozen=True)
class Memory:
    """A bound on what this process may hold in memory, and whose it is."""

    total: int  # bytes
    free: int  # bytes of these, now
    of: str  # this machine, this container


def cores(root: Path = ROOT) -> int:
    """CPU cores that this process may keep busy, and so the largest number of threads that can be of use.

    Those that it may run on (its affinity, which holds the limits of cpusets), and no more than the time that its
    groups give. A fraction counts as a core from one half on: with 1.5 cores' time ResNet-20 trained 1.2 times as
    fast on two threads as on one, and with 1.1 no faster, while whoever goes beyond the limit is stopped, and with it
    the pages that are served from the same container.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.floor(min(allowed, cgroups.cpus(root)) + 0.5))


def total_memory(root: Path = ROOT) -> Memory:
    """The bound that allows least."""
    return min(_bounds(root), key=lambda bound: bound.total)


def free_memory(root: Path = ROOT, returning: int = 0) -> Memory:
    """The bound that leaves least, once other processes have given ``returning`` bytes back."""
    return min(_bounds(root, returning), key=lambda bound: bound.free)


def _bounds(root: Path, returning: int = 0) -> list[Memory]:
    machine = psutil.virtual_memory()
    bounds = [Memory(machine.total, machine.available + returning, "this machine")]
    limit, free = cgroups.memory(root)
    if math.isfinite(limit):
        bounds.append(Memory(int(limit), int(free) + returning, "this container"))
    return bounds + _limits_of_the_process()


def _limits_of_the_process() -> list[Memory]:
    """What ``ulimit`` has set for this process and for those that it starts."""
    held = psutil.Process().memory_info()
    kinds = [
        (resource.RLIMIT_AS, held.vms, "this process (ulimit -v)"),
        (resource.RLIMIT_DATA, getattr(held, "data", 0), "this process (ulimit -d)"),  # only Linux holds this one
    ]
    found = [(resource.getrlimit(kind)[0], used, of) for kind, used, of in kinds]
    return [Memory(limit, max(0, limit - used), of) for limit, used, of in found if limit != resource.RLIM_INFINITY]
