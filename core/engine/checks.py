"""What can be known before anything is built: does a net fit this machine, a recipe the data, memory and disk?"""

from __future__ import annotations

import shutil
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core import arith
from core.data import files
from core.machine import Memory, cores, free_memory, total_memory
from core.spec import NetSpec, RunSpec, SpecError, TrainSpec
from core.store import kept
from core.vocabulary.families import FAMILIES, depth_rule

CHECKPOINTS = kept.NEWEST + 2  # the best epoch is kept too, and the next is written before an older one goes
DISK_RESERVE = 64 * 2**20  # bytes, for events and log


def check(spec: RunSpec, home: Path, devices: Sequence[dict[str, Any]], held: int = 0) -> None:
    """Raise SpecError or DataError, one sentence, if the run could not be trained here and now.

    ``devices`` is what a worker has reported: dicts with id, total (bytes) and, where it did not start, fault; empty
    before the first report, and then only the worker can tell what is missing. ``held`` are bytes of the processor's
    memory that runs now going on will have given back when this one begins. The worker checks again, against what is
    free then.
    """
    _check_data(spec.train)
    _check_device(spec.train.device, devices)
    _check_threads(spec.train.threads)
    _check_memory(spec.net, spec.train, *_memory(spec.train.device, devices, held))
    _check_disk(spec, home)


def check_race(specs: Sequence[RunSpec], devices: Sequence[dict[str, Any]], held: int = 0) -> None:
    """Raise SpecError if runs that fit one by one do not fit beside each other, as :func:`check` has it."""
    free, of = _memory(specs[0].train.device, devices, held)
    needed = sum(_needed(spec) for spec in specs)
    if needed > free:
        raise SpecError(
            f"{len(specs)} nets beside each other need at least {_gigabytes(needed)} of memory and {of} has "
            f"{_gigabytes(free)} for them: choose a smaller batch size, or train them one after the other."
        )


def _needed(spec: RunSpec) -> int:
    """Bytes, at least: bf16 may halve the activations, so only float32 is charged in full."""
    return arith.training_bytes(spec.net, spec.train.batch_size, 4 if spec.train.precision == "float32" else 2)


def check_starts(wanted: str, devices: Sequence[dict[str, Any]]) -> None:
    """Raise SpecError where a worker has found that the device does not start.

    Apart from :func:`check`, since this may pass, and who trains in a process of his own can try it himself.
    """
    first = next(iter(_named(wanted, devices)), {})
    if wanted != "auto" and first.get("fault"):
        here = " or ".join(device["id"] for device in started(devices))
        raise SpecError(f"{first['id']} cannot start ({first['fault']}): choose auto or {here}.")


def started(devices: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of a report that can be used."""
    return [device for device in devices if not device.get("fault")]


def check_net(net: NetSpec, memory: Memory | None = None) -> None:
    """Raise SpecError, one sentence with the nearest possible values, if a machine could not train the net at all.

    That is: on one picture at a time, in float32, with nothing else in memory. ``memory`` is by default what this
    process may use here; a device's own does not count, because a net is made in the machine's memory.
    """
    memory = memory or total_memory()
    needed = arith.training_bytes(net, 1)
    if needed > memory.total:
        raise SpecError(
            f"{net.name} is too large for {memory.of}: one picture in training needs {_gigabytes(needed)} of memory "
            f"and it has {_gigabytes(memory.total)}: {_smaller_net(net, memory.total, 4)}."
        )


def _smaller_net(net: NetSpec, memory: int, bytes_per_activation: int) -> str:
    """What to choose instead: the largest value of each size with which, all else as it is, the net would fit."""
    sizes = [name for name in FAMILIES[net.family].sizes if _below(net, name)]
    largest = {name: _largest(net, name, memory, bytes_per_activation) for name in sizes}
    cures = [f"{name.replace('_', ' ')} at most {value:,}" for name, value in largest.items() if value]
    return f"choose {' or '.join(cures)}" if cures else f"choose a smaller {' and '.join(sizes).replace('_', ' ')}"


def _largest(net: NetSpec, name: str, memory: int, bytes_per_activation: int) -> int | None:
    """The largest value of a size, below the net's, with which it would fit."""

    def needed(value: int) -> int:
        return arith.training_bytes(net.but(**{name: value}), 1, bytes_per_activation)

    values = _below(net, name)
    fitting = bisect_right(values, memory, key=needed)
    return values[fitting - 1] if fitting else None


def _below(net: NetSpec, name: str) -> range:
    """The possible values of a size that are below the net's; none for what the net does not use."""
    if name == "depth":
        rule = depth_rule(net.family, net.form, net.bottleneck)
        return range(rule.step + rule.offset, net.depth, rule.step) if rule else range(0)
    if name == "groups" and net.base_width is None:  # then they share the width, and fewer make no smaller net
        return range(0)
    step = net.groups if name == "width" and net.base_width is None else 1
    return range(step, getattr(net, name) or 0, step)


def _check_data(recipe: TrainSpec) -> None:
    images, _ = files.sizes(recipe.data)
    if recipe.batch_size > images:
        raise SpecError(
            f"Batch size {recipe.batch_size:,} is larger than the {images:,} training images: "
            f"choose at most {images:,}, such as 128."
        )


def _check_device(wanted: str, devices: Sequence[dict[str, Any]]) -> None:
    if devices and not _named(wanted, devices):
        here = " or ".join(device["id"] for device in started(devices))
        raise SpecError(f'This machine has no device "{wanted}": choose auto or {here}.')


def _named(wanted: str, devices: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The devices that a recipe may mean, the likeliest first."""
    return [device for device in devices if wanted in ("auto", device["id"], device["id"].partition(":")[0])]


def _check_threads(wanted: int | str) -> None:
    if wanted != "auto" and int(wanted) > cores():
        raise SpecError(
            f"{wanted} threads would wait for each other here, where a run may use {cores()} "
            f"core{'s' * (cores() != 1)}: choose at most {cores()}, or auto."
        )


def _memory(wanted: str, devices: Sequence[dict[str, Any]], held: int) -> tuple[int, str]:
    """Bytes that the run may take, and of what: on the CPU what is free or will be, elsewhere the whole device."""
    candidates = _named(wanted, started(devices))
    if candidates and candidates[0]["id"] != "cpu":
        return int(candidates[0]["total"]), str(candidates[0]["id"])
    memory = free_memory(returning=held)
    return memory.free, memory.of


def _check_memory(net: NetSpec, recipe: TrainSpec, free: int, of: str) -> None:
    """An estimate from below: bf16 may halve the activations, so only float32 is charged in full."""
    size = 4 if recipe.precision == "float32" else 2
    needed = arith.training_bytes(net, recipe.batch_size, size)
    if needed <= free:
        return
    fixed = arith.training_bytes(net, 0, size)
    fits = (free - fixed) // (arith.training_bytes(net, 1, size) - fixed)
    cure = f"choose a batch size of at most {fits:,}" if fits >= 1 else _smaller_net(net, free, size)
    raise SpecError(
        f"{net.name} with batch size {recipe.batch_size:,} needs at least {_gigabytes(needed)} of memory and "
        f"{of} has {_gigabytes(free)} for it: {cure}."
    )


def _check_disk(spec: RunSpec, home: Path) -> None:
    needed = (CHECKPOINTS + spec.probes.film) * checkpoint_bytes(spec) + DISK_RESERVE
    free = shutil.disk_usage(home).free
    if needed > free:
        cure = "keep a shorter film, " if spec.probes.film else ""
        raise SpecError(
            f"Checkpoints of {spec.net.name} need {_gigabytes(needed)} in {home} and {_gigabytes(free)} are free: "
            f"{cure}free some space or set DEPTHLAB_HOME to a folder on another disk."
        )


def checkpoint_bytes(spec: RunSpec) -> int:
    """What a checkpoint takes, but for a few kilobytes beside weights and what the optimiser remembers of each."""
    copies = 3 if spec.train.optimizer == "adamw" else 2
    return copies * 4 * arith.describe(spec.net).params


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.1f} GB"
