"""The processor that runs share with each other, with the browser and with whatever else goes on."""

from __future__ import annotations

import ctypes
import os

from core.machine import cores

# How often torch's threads (libgomp) ask whether their next piece of work is there before they fall asleep. By default
# so long that, as soon as anything else wants a core, each wait at a barrier costs a time slice: with two busy
# neighbours on two cores a small net trained 3 to 10 times slower than with this; alone it is some 2 % slower.
SPIN = "10000"

# glibc's mallopt: keep freed memory instead of giving it back to the kernel, which would hand it out again page by
# page, zeroed, at every step. With large pages on top, SmallResNet trained 1.05 to 1.1 times as fast in bf16 and 1.2
# times in float32; large pages alone, which are dearer to zero, made it slower.
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
KEEP_MEMORY = ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, 2**31 - 1), (M_TOP_PAD, 64 * 2**20))


def be_a_good_neighbour() -> None:
    """To be called before torch is imported for the first time."""
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN)


def prepare_to_train() -> None:
    """For a process that trains and then ends: a good neighbour, and fast with its memory. Before torch is imported."""
    be_a_good_neighbour()
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # not on macOS, nor with another C library than glibc
    if mallopt and all(mallopt(option, value) for option, value in KEEP_MEMORY):
        os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")


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
