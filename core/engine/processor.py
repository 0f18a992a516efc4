"""The processor that runs share with each other, with the browser and with whatever else goes on."""

from __future__ import annotations

import os

# How often torch's threads (libgomp) ask whether their next piece of work is there before they fall asleep. By default
# so long that, as soon as anything else wants a core, each wait at a barrier costs a time slice: with two busy
# neighbours on two cores a small net trained 3 to 10 times slower than with this; alone it is some 2 % slower.
SPIN = "10000"


def be_a_good_neighbour() -> None:
    """To be called before torch is imported for the first time."""
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN)


def cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def slots() -> int:
    """How many runs train at a time: $DEPTHLAB_SLOTS where it is a number above 0, else one."""
    wanted = os.environ.get("DEPTHLAB_SLOTS", "")
    return max(1, int(wanted)) if wanted.isdecimal() else 1
