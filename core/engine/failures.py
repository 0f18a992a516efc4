"""Why a run failed, as one sentence for the user: what is wrong and what to do."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from core.data.files import DataError
from core.engine.database import EngineError
from core.spec import SpecError
from core.train.checkpoint import CheckpointError
from core.train.device import DeviceError

NO_SPACE = "There is no space left on the disk: free some and resume the run, its last checkpoint is kept."
NO_MEMORY = (
    "The run needs more memory than there is: choose a smaller batch, depth, width or growth rate; "
    "its last checkpoint is kept."
)


def sentence(error: Exception, log: Path) -> str:
    """The sentence for what a run raised; ``log`` is where the rest stands."""
    if isinstance(error, SpecError | DataError | CheckpointError | DeviceError | EngineError):
        return str(error)
    if _is_full(error):
        return NO_SPACE
    if _is_out_of_memory(error):
        return NO_MEMORY
    return f"Unexpected: {type(error).__name__}, a fault of Depth Lab: see {log}."


def _is_full(error: Exception) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        return "full" in str(error)
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _is_out_of_memory(error: Exception) -> bool:
    """torch.OutOfMemoryError is a RuntimeError too, and the CPU's allocator raises a plain one."""
    text = str(error)
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and ("out of memory" in text or "can't allocate memory" in text)
    )
