"""The driver of CUDA's GPUs, before a process asks it: whether it answers, and how not to ask it at all. No torch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import warnings
from functools import lru_cache

PATIENCE = 20  # s; a driver that is well takes a second or two, and longer where it has many GPUs to wake
# What torch asks first, to count GPUs and to start them. It dies by itself: nobody has to wait for it, or be alive.
ASK = """
import ctypes, signal, sys
signal.alarm(int(sys.argv[1]))
for library, start in (("libnvidia-ml.so.1", "nvmlInit_v2"), ("libcuda.so.1", "cuInit")):
    try:
        getattr(ctypes.CDLL(library), start)(0)
    except (OSError, AttributeError):
        pass
"""


def leave_gpus_alone() -> None:
    """For a process that computes on the CPU alone, before its first backward pass.

    There torch's autograd itself counts the GPUs and prepares a thread for each, whatever device is used; a GPU that
    cannot start must not end that process, so it is told that there is none to see.
    """
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    warnings.filterwarnings("ignore", "CUDA initialization")  # a driver so broken that it cannot even say so


@lru_cache(maxsize=1)
def driver_fault() -> str:
    """Why this process must not ask the driver, half a sentence; empty where it may, also where there is none.

    A driver that hangs would never give the process back, and one that crashes would take it along. So another process
    asks first, once; after a fault this one leaves the GPUs alone.
    """
    nowhere = subprocess.DEVNULL
    command = [sys.executable, "-I", "-c", ASK, str(PATIENCE)]
    child = subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere)
    try:
        code = child.wait(PATIENCE + 1)
    except subprocess.TimeoutExpired:  # so deep in the kernel that no signal reaches it
        code = -signal.SIGALRM
    if code >= 0:
        return ""
    leave_gpus_alone()
    return f"its driver does not answer within {PATIENCE} s" if code == -signal.SIGALRM else "its driver crashes"
