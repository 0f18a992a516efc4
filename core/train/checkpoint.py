"""Checkpoints: a dict of tensors and some JSON in one safetensors file, which can hold no code."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

State = dict[str, Tensor]
FORMAT = 1  # of what save writes; files from before it was counted have none


class CheckpointError(ValueError):
    """A checkpoint cannot be used or written; the message is one sentence: what is wrong and what to do."""


def save(path: Path, state: State, meta: dict[str, Any]) -> None:
    """Write the file under a temporary name, flush it to the disk, then rename: there is never half a checkpoint.

    ``meta`` is anything JSON can hold. Raises CheckpointError; what was at ``path`` before is then still there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        save_file(state, temporary, metadata={"meta": json.dumps({"format": FORMAT} | meta)})
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"The checkpoint {path} could not be written ({error}): free some space or choose another folder."
        ) from None
    finally:
        temporary.unlink(missing_ok=True)
    _flush_folder(path.parent)


def load(path: Path) -> tuple[State, dict[str, Any]]:
    """Tensors on the CPU and the meta data of what :func:`save` wrote. Nothing in the file is ever executed.

    Raises CheckpointError where the file is missing, cut short, of a newer version, no safetensors file, or holds NaN
    or infinity.
    """
    try:
        with safe_open(path, framework="pt") as file:
            meta = json.loads((file.metadata() or {})["meta"])
            if meta.pop("format", 0) > FORMAT:
                raise CheckpointError(f"{path} was written by a newer version of Depth Lab: update this one.")
            names = file.keys()
            state = {name: file.get_tensor(name) for name in names}
    except CheckpointError:
        raise
    except FileNotFoundError:
        raise CheckpointError(f"There is no checkpoint at {path}: choose another one.") from None
    except (OSError, SafetensorError, KeyError, ValueError):
        raise CheckpointError(
            f"{path} is not a whole checkpoint of this project: choose another one or train again."
        ) from None
    broken = first_not_finite(state)
    if broken:
        raise CheckpointError(f"{path} holds NaN or infinity in {broken}: choose an earlier checkpoint.")
    return state, meta


def first_not_finite(state: State) -> str | None:
    """Name of the first tensor with NaN or infinity in it."""
    for name, tensor in state.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            return name
    return None


def _flush_folder(folder: Path) -> None:
    """Make the rename itself durable; only POSIX lets a folder be opened for that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
