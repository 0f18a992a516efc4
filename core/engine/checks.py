"""What can be known about a run before it starts: does its recipe fit the data, the memory, the disk?"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from core import arith
from core.data import files
from core.spec import NetSpec, RunSpec, SpecError, TrainSpec

CHECKPOINTS = 3  # two are kept, and the next is written before the older one goes
DISK_RESERVE = 64 * 2**20  # bytes, for events and log


def check(spec: RunSpec, home: Path, devices: Sequence[dict[str, Any]], held: int = 0) -> None:
    """Raise SpecError or DataError, one sentence, if the run could not be trained here and now.

    ``devices`` is what a worker has reported: dicts with id, name and total (bytes); empty before the first report, and
    then only the worker can tell what is missing. ``held`` are bytes of the processor's memory that runs now going on
    will have given back when this one begins. The worker checks again, against what is free then.
    """
    _check_data(spec.train)
    _check_device(spec.train.device, devices)
    _check_memory(spec.net, spec.train, _memory(spec.train.device, devices, held))
    _check_disk(spec, home)


def _check_data(recipe: TrainSpec) -> None:
    images, _ = files.sizes(recipe.data)
    if recipe.batch_size > images:
        raise SpecError(
            f"Batch size {recipe.batch_size:,} is larger than the {images:,} training images: "
            f"choose at most {images:,}, such as 128."
        )


def _check_device(wanted: str, devices: Sequence[dict[str, Any]]) -> None:
    here = [device["id"] for device in devices]
    if here and wanted != "auto" and not any(name == wanted or name.startswith(f"{wanted}:") for name in here):
        raise SpecError(f'This machine has no device "{wanted}": choose auto or {" or ".join(here)}.')


def _memory(wanted: str, devices: Sequence[dict[str, Any]], held: int) -> int:
    """Bytes that the run may take: on the CPU what is free or will be, elsewhere the whole device."""
    candidates = [device for device in devices if wanted in ("auto", device["id"], device["id"].partition(":")[0])]
    if candidates and candidates[0]["id"] != "cpu":
        return int(candidates[0]["total"])
    return int(psutil.virtual_memory().available) + held


def _check_memory(net: NetSpec, recipe: TrainSpec, free: int) -> None:
    """An estimate from below: bf16 may halve the activations, so only float32 is charged in full."""
    size = 4 if recipe.precision == "float32" else 2
    needed = arith.training_bytes(net, recipe.batch_size, size)
    if needed <= free:
        return
    fixed = arith.training_bytes(net, 0, size)
    fits = (free - fixed) // (arith.training_bytes(net, 1, size) - fixed)
    cure = f"choose a batch size of at most {fits:,}" if fits >= 1 else "choose a smaller depth, width or growth rate"
    raise SpecError(
        f"{net.name} with batch size {recipe.batch_size:,} needs at least {_gigabytes(needed)} of memory and "
        f"there are {_gigabytes(free)}: {cure}."
    )


def _check_disk(spec: RunSpec, home: Path) -> None:
    copies = 3 if spec.train.optimizer == "adamw" else 2  # weights, and what the optimiser remembers of each
    needed = CHECKPOINTS * copies * 4 * arith.describe(spec.net).params + DISK_RESERVE
    free = shutil.disk_usage(home).free
    if needed > free:
        raise SpecError(
            f"Checkpoints of {spec.net.name} need {_gigabytes(needed)} in {home} and {_gigabytes(free)} are free: "
            "free some space or set DEPTHLAB_HOME to a folder on another disk."
        )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"
