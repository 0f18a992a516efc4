"""The engine as the web process and the command line see it: submit runs, command them, keep the supervisor alive."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from core.data import files
from core.engine.checks import check, check_race, check_starts, started
from core.folders import named
from core.machine import cores
from core.processes import single
from core.processes.processor import slots
from core.processes.torchless import MISSING, check_torch, has_torch
from core.record.events import Command, CommandKind
from core.spec import RunSpec
from core.spec.warmup import settled
from core.store.home import LOCK, LOG, ROOT, home
from core.store.identity import Identity, is_locked
from core.store.standing import holding, listed, stands
from core.store.store import EVERY, EngineError, Run, store
from core.vocabulary.datasets import SAMPLE
from core.vocabulary.states import ACTIVE, ENDED, RESUMABLE, Status

__all__ = [
    "ROOT",
    "EngineError",
    "EngineStatus",
    "begin_now",
    "cancel",
    "command",
    "cores",
    "device_faults",
    "devices",
    "engine_line",
    "ensure_supervisor",
    "home",
    "prepared",
    "prepared_race",
    "resume",
    "run",
    "runs",
    "status",
    "store",
    "submit",
    "submit_race",
]


TOGETHER: tuple[CommandKind, ...] = ("pause", "resume", "step")  # none of a race does these alone


@dataclass(frozen=True)
class EngineStatus:
    """How the engine stands."""

    alive: bool  # a supervisor runs
    warm: bool  # a worker waits with torch imported
    running: int
    queued: int
    cores: int
    devices: list[dict[str, Any]]  # fields of core.train.device.DeviceInfo; [] before a worker looked


def run(run_id: str) -> Run | None:
    """How a run stands now, whatever its last process said; None where there is no such run."""
    found = store().run(run_id)
    return stands(store(), found) if found else None


def runs(statuses: Collection[Status] = EVERY, limit: int = 1000) -> list[Run]:
    """Runs that stand in one of ``statuses`` now, the newest first."""
    return listed(store(), statuses, limit)


def prepared(spec: RunSpec) -> RunSpec:
    """The spec for a process that runs elsewhere, with nothing left open that the run's data decide. Raises SpecError,
    DataError or EngineError if it cannot run here and now."""
    return prepared_race([spec])[0]


def prepared_race(specs: Sequence[RunSpec]) -> list[RunSpec]:
    """As :func:`prepared`, for runs by one recipe that are trained beside each other."""
    store().prepare()
    devices = store().meta("devices") or []
    for spec in specs:
        check(spec, store().home, devices, _held())
    if len(specs) > 1:
        check_race(specs, devices, _held())
    images, _ = files.sizes(specs[0].train.data)
    return [_anywhere(spec) for spec in settled(specs, images)]


def _anywhere(spec: RunSpec) -> RunSpec:
    """With the pictures named as every process finds them."""
    if spec.train.data == SAMPLE:
        return spec
    return spec.but(train=spec.train.but(data=str(named(spec.train.data).absolute())))


def _held() -> int:
    """Bytes of memory that active runs hold now, and will have given back when a queued one begins."""
    total = 0
    for held in store().runs(ACTIVE):
        with suppress(psutil.Error):
            total += psutil.Process(held.pid).memory_info().rss
    return total


def submit(spec: RunSpec, twin_of: str | None = None) -> str:
    """Put a run in the queue; its id. A twin is trained up to the run that it is a twin of, then beside it.

    Raises SpecError, DataError or EngineError, one sentence, if it cannot run.
    """
    check_torch()
    ready = prepared(spec)
    check_starts(spec.train.device, store().meta("devices") or [])
    race = store().known(twin_of).group if twin_of else None
    run_id = store().create_run(ready, twin_of=twin_of, race=race)
    ensure_supervisor()
    return run_id


def submit_race(specs: Sequence[RunSpec]) -> list[str]:
    """Put runs in the queue that are trained beside each other, at the same step; their ids. As :func:`submit`."""
    check_torch()
    ready = prepared_race(specs)
    check_starts(ready[0].train.device, store().meta("devices") or [])
    run_ids = store().create_race(ready)
    ensure_supervisor()
    return run_ids


def command(run_id: str, kind: CommandKind, value: float | None = None) -> None:
    """Ask a run to do something between two steps; ``stop`` takes a queued run out of the queue.

    To pause, to go on and to train a minibatch is asked of all that are trained beside it, since none goes on alone.
    ``value`` is the learning rate for ``lr``. Raises EngineError when the run has ended, SpecError for a bad rate.
    """
    found = store().known(run_id)
    if kind == "lr":
        value = found.spec.train.but(lr=value).lr
    if kind == "stop" and cancel(run_id):
        return
    now = stands(store(), found)
    beside = [run.id for run in store().runs(ACTIVE) if run.group == found.group] if kind in TOGETHER else []
    if now.status in ENDED or not store().send(run_id, Command(kind, value), beside):
        now = stands(store(), store().known(run_id))
        raise EngineError(f"{now.name} is not running any more ({now.status}): start another run.")


def cancel(run_id: str) -> bool:
    """Take a run out of the queue; False if it is not in it."""
    return store().update(run_id, {"queued"}, status="stopped", ended=time.time())


def resume(run_id: str) -> None:
    """Queue a stopped or failed run again; it goes on from its last checkpoint. Raises EngineError for any other."""
    check_torch()
    found = store().known(run_id)
    now = stands(store(), found)
    if found.orphaned and now.status in ENDED:  # nobody has settled it yet
        store().update(run_id, {found.status}, status="stopped")
    again = {
        "status": "queued",
        "queued": time.time(),
        "owner": "supervisor",
        "attempts": 0,
        "message": "",
        "ended": None,
    }
    if not store().update(run_id, RESUMABLE, **again):
        raise EngineError(f"{now.name} is {now.status}, and only a stopped or failed run can go on: start another run.")
    ensure_supervisor()


def begin_now(run_id: str) -> None:
    """Let a queued run, and those of its race, be the next, and pause what began last where no slot is free.

    What is paused stays so until somebody lets it go on. Raises EngineError for a run that does not wait.
    """
    check_torch()
    found = store().known(run_id)
    queue = store().queue()
    if run_id not in [run.id for run in queue]:
        now = stands(store(), found)
        raise EngineError(f"{now.name} is {now.status} and does not wait any more: let it be, or start another run.")
    for run in queue:
        if run.group == found.group:
            store().update(run.id, {"queued"}, queued=queue[0].queued - 1)
    held = holding(store())
    if len(held) >= slots():
        latest = max((run for runs in held for run in runs), key=lambda run: run.started or math.inf)
        command(latest.id, "pause")
    ensure_supervisor()


def ensure_supervisor() -> None:
    """Start a supervisor if none runs. Cheap when one does; any number of threads and processes may ask at once."""
    check_torch()
    store().prepare()
    folder = store().home
    single.ensure("core.engine.supervisor", folder / LOCK, folder / LOG, folder)


def status() -> EngineStatus:
    """How the engine stands now."""
    spare = store().meta("spare")
    return EngineStatus(
        alive=is_locked(store().home / LOCK),
        warm=spare is not None and Identity(**spare).alive,
        running=len(runs(ACTIVE)),
        queued=len(store().queue()),
        cores=cores(),
        devices=store().meta("devices") or [],
    )


def devices() -> list[str]:
    """Ids of the devices that start, as TrainSpec.device wants them; the CPU alone before a worker has looked."""
    return [device["id"] for device in started(store().meta("devices") or [])] or ["cpu"]


def device_faults() -> list[str]:
    """A sentence for each device that was found and did not start."""
    found = store().meta("devices") or []
    return [f"{device['id']} cannot start ({device['fault']})." for device in found if device.get("fault")]


def engine_line() -> str:
    """One line for people: on what this engine trains and whether it is ready."""
    if not has_torch():
        return MISSING
    found = status()
    others = [
        f"{device['id']} cannot start" if device.get("fault") else device["name"]
        for device in found.devices
        if device["id"] != "cpu"
    ]
    hardware = ", ".join([*others, f"{found.cores} CPU core{'s' * (found.cores != 1)}"])
    if not _can_keep(home()):
        state = "read-only: nothing can be trained"
    elif found.running or found.queued:
        state = f"{found.running} running, {found.queued} queued"
    else:
        state = "ready" if found.warm else "warming up" if found.alive else "starting"
    return f"{hardware} · {state}"


def _can_keep(folder: Path) -> bool:
    """Whether runs could be written there, as far as can be seen without trying."""
    while not folder.exists():
        folder = folder.parent
    return os.access(folder, os.W_OK)
