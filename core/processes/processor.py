"""The processor that runs share with each other, with the browser and with whatever else goes on."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

from core.machine import cores

# How often torch's threads (libgomp) ask whether their next piece of work is there before they fall asleep. By default
# so long that, as soon as anything else wants a core, each wait at a barrier costs a time slice: with two busy
# neighbours on two cores a small net trained 3 to 10 times slower than with this; alone it is some 2 % slower.
SPIN = "10000"

# glibc's mallopt: keep freed memory instead of giving it back to the kernel, which would hand it out again page by
# page, zeroed, at every step. With large pages on top, SmallResNet trained 1.05 to 1.1 times as fast in bf16 and 1.2
# times in float32; large pages alone, which are dearer to zero, made it slower.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD, M_MMAP_MAX = -1, -2, -3, -4
KEEP_MEMORY = ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, 2**31 - 1), (M_TOP_PAD, 64 * 2**20))


def be_a_good_neighbour() -> None:
    """To be called before torch is imported for the first time."""
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN)


def prepare_to_train() -> None:
    """For a process that trains and then ends: a good neighbour, and fast with its memory. Before torch is imported."""
    be_a_good_neighbour()
    if all(_mallopt(option, value) for option, value in KEEP_MEMORY):
        os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")


def _mallopt(option: int, value: int) -> bool:
    """Whether the C library took it: none does on macOS, nor another than glibc on Linux."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(mallopt and mallopt(option, value))


@contextmanager
def buffers_apart() -> Iterator[None]:
    """Inside, memory of more than 64 kB comes in a mapping of its own and goes back to the kernel as it is freed.

    Else it lies in glibc's heap, in which what is freed leaves holes: an X-ray in float64 then held 0.7 to 1.8 GB where
    it needs 0.4. It takes nearly twice as long.
    """
    _mallopt(M_MMAP_THRESHOLD, 64 * 2**10)
    try:
        yield
    finally:
        _mallopt(M_MMAP_THRESHOLD, 32 * 2**20)  # up to which glibc's own threshold grows


def share_cores(among: int = 1) -> None:
    """Let torch, once imported, compute on this process's share of the cores that it may use, or on fewer if so told.

    Torch itself starts a thread for each core that it may run on, whatever time a container's limits give it there.
    """
    import torch

    torch.set_num_threads(max(1, min(torch.get_num_threads(), cores() // among)))


def slots() -> int:
    """How many runs train at a time: $DEPTHLAB_SLOTS where it is a number above 0, else one."""
    wanted = os.environ.get("DEPTHLAB_SLOTS", "")
    return max(1, int(wanted)) if wanted.isdecimal() else 1
