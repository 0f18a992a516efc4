"""Why a run or a request failed, as one sentence for the user: what is wrong and what to do."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import Literal

from core.processes.refusals import REFUSALS
from core.train.checkpoint import CheckpointError
from core.train.device import DeviceError

Of = Literal["run", "request"]  # of a page to the inference worker

SPOKEN = (*REFUSALS, CheckpointError, DeviceError)
NO_SPACE: dict[Of, str] = {
    "run": "There is no space left on the disk: free some and resume the run.",
    "request": "There is no space left on the disk: free some and ask again.",
}
NO_MEMORY: dict[Of, str] = {
    "run": "The run needs more memory than there is: choose a smaller batch, depth, width or growth rate.",
    "request": "This needs more memory than is free: choose a smaller net or fewer pictures, or end other work.",
}


def sentence(error: Exception, log: Path, of: Of = "run") -> str:
    """The sentence for what a run or a request raised; ``log`` is where the rest stands."""
    if isinstance(error, SPOKEN):
        return str(error)
    if _is_full(error):
        return NO_SPACE[of]
    if _is_out_of_memory(error):
        return NO_MEMORY[of]
    return f"Unexpected: {type(error).__name__}, a fault of Depth Lab: see {log}."


def _is_full(error: Exception) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        return "full" in str(error)
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _is_out_of_memory(error: Exception) -> bool:
    """torch.OutOfMemoryError is a RuntimeError too; the CPU's allocator, cuBLAS and cuDNN raise plain ones."""
    said = any(words in str(error) for words in ("out of memory", "can't allocate memory", "STATUS_ALLOC_FAILED"))
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and said)
