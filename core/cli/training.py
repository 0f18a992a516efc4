"""``python -m core train`` and ``race``: runs in this process, kept in the same store as the browser's."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from core.cli.arguments import names_a_run, race_of, run_of
from core.cli.flags import given
from core.cli.output import OutputError
from core.engine import client, forks
from core.findings.cut import measured
from core.machine.gpus import leave_gpus_alone
from core.processes.processor import prepare_to_train, share_cores
from core.signals import on_end
from core.spec import RunSpec, SpecError
from core.spec.names import told_apart
from core.store.identity import Identity
from core.store.store import EngineError, Run, Store, StoredEvent
from core.train.threads import named
from core.vocabulary.datasets import dataset_of
from core.vocabulary.fields import NET, TRAIN
from core.vocabulary.numbers import percent
from core.vocabulary.states import ACTIVE, RESUMABLE, Status

EXIT_CODES = {"finished": 0, "stopped": 0, "diverged": 1, "failed": 2}
WAITING: tuple[Status, ...] = (*RESUMABLE, "queued")  # nobody trains it
SUMMARY = ("test_accuracy", "train_loss", "images_per_second", "seconds", "epochs", "precision", "clipped")


def train(typed: Namespace) -> int:
    """Train what was typed; the exit code. Raises SpecError, DataError, EngineError or OutputError."""
    store = client.store()
    begin = _resuming(store, typed) if typed.resume else _creating(store, typed)
    _load()
    run_id = begin()
    return _execute(store, [Lines(run_id, typed.json)])


def race(typed: Namespace) -> int:
    """Train what was typed beside each other; the exit code, the worst of theirs. Raises as :func:`train`."""
    store = client.store()
    specs = client.prepared_race(race_of(typed))
    _load()
    _check_device(specs[0])
    run_ids = store.create_race(specs, owner="cli", holder=Identity.me())
    names = told_apart(specs)
    return _execute(store, [Lines(run_id, typed.json, name) for run_id, name in zip(run_ids, names, strict=True)])


def fork(typed: Namespace) -> int:
    """Train on from where another run was, with what was typed changed; the exit code. Raises as :func:`train`."""
    plan = forks.planned(typed.run, given(typed, NET), given(typed, TRAIN), typed.at)
    for sentence in () if typed.json else plan.said:
        print(sentence)
    return _go_on(typed, plan)


def more(typed: Namespace) -> int:
    """Train a run on from its end, for more epochs; the exit code. Raises as :func:`train`."""
    longer = forks.longer(client.store().known(typed.run), typed.epochs)
    return _go_on(typed, forks.planned(typed.run, {}, longer))


def _go_on(typed: Namespace, plan: forks.Fork) -> int:
    _load()
    _check_device(plan.spec)
    run_id = forks.create(plan, owner="cli", holder=Identity.me())
    return _execute(client.store(), [Lines(run_id, typed.json)])


def _load() -> None:
    """Import torch, once it is known that what was typed is possible."""
    prepare_to_train()
    import core.engine.race  # noqa: F401

    share_cores()


def _execute(store: Store, lines: list[Lines]) -> int:
    """Train runs that this process holds, and write of each what it says; the exit code."""
    from core.engine.race import execute

    interrupt = Interrupt()
    of = {each.run_id: each for each in lines}

    def broken() -> OutputError | None:
        return next((each.broken for each in lines if each.broken), None)

    runs = execute(
        store,
        list(of),
        lambda run_id, event: of[run_id].event(event),
        lambda: bool(interrupt.signal or broken()),
    )
    for run in runs:
        of[run.id].end(run)
    if interrupt.signal is not None and any(run.status == "stopped" for run in runs):
        return 128 + interrupt.signal
    if error := broken():
        raise error
    return max((EXIT_CODES[run.status] for run in runs), default=0)


def _creating(store: Store, typed: Namespace) -> Callable[[], str]:
    """What makes the run, once it is known that it can be; it gives the run's id."""
    spec = client.prepared(run_of(typed))

    def create() -> str:
        _check_device(spec)
        return store.create_run(spec, owner="cli", holder=Identity.me())

    return create


def _resuming(store: Store, typed: Namespace) -> Callable[[], str]:
    """What claims a run that nobody trains. Raises EngineError where somebody does or nothing is left to do."""
    run = store.known(typed.resume)
    if names_a_run(typed):
        raise SpecError("A run goes on as it began: give --resume alone, or leave it out and describe a new run.")
    if not (run.orphaned or run.status in WAITING):
        raise _not_free(run)

    def claim() -> str:
        _check_device(run.spec)
        if run.orphaned:
            store.update(run.id, ACTIVE, status="stopped")
        if not store.claim(run.id, Identity.me(), "cli", only_in=WAITING):
            raise _not_free(store.known(run.id))
        return run.id

    return claim


def _check_device(spec: RunSpec) -> None:
    """Raise DeviceError where a GPU that was named is missing or cannot start, before there is a run of it."""
    from core.train.device import choose

    if spec.train.device == "cpu":
        leave_gpus_alone()
    elif spec.train.device != "auto":
        choose(spec.train.device)


def _not_free(run: Run) -> EngineError:
    state = "is being trained already" if run.active else f"is {run.status} and has no more to do"
    return EngineError(f"{run.name} {state}: resume a stopped or failed run, or start another.")


class Interrupt:
    """The first signal that asks to end stops the run with a checkpoint. Ctrl-C or SIGTERM once more ends the process;
    the others may well come twice, as when both the terminal and the shell say that the window was closed."""

    def __init__(self) -> None:
        self.signal: int | None = None
        on_end(self._ask)

    def _ask(self, number: int, frame: object) -> None:
        self.signal = self.signal or number
        said = "\nStopping after this step with a checkpoint"
        if number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
            said += "; once more ends at once"
        with suppress(OSError):  # not by print, which this may have interrupted
            os.write(2, f"{said}.\n".encode())


class Lines:
    """Writes a run's events to standard output, as JSON or for people; beside others, with what it is called."""

    def __init__(self, run_id: str, as_json: bool, name: str = "") -> None:
        self.run_id = run_id
        self.as_json = as_json
        self.name = name
        self.speed = 0.0
        self.epochs = 0
        self.summary: dict[str, Any] = {}
        self.broken: OutputError | None = None  # why nothing more can be written

    def event(self, event: StoredEvent) -> None:
        if event.kind in ("finished", "stopped"):
            self.summary = {key: event.payload.get(key) for key in SUMMARY}
        if self.as_json:
            head = {"kind": event.kind, "step": event.step, "seq": event.seq, "time": event.time}
            which = {"run": self.run_id} if self.name else {}
            self._write(json.dumps(_plain(which | head | event.payload)))
        elif event.kind in _SENTENCES:
            self._say(_SENTENCES[event.kind](self, event.payload))
        elif event.kind == "metrics":
            self.speed = event.payload["images_per_second"]

    def end(self, run: Run) -> None:
        """The last line, and on standard error what went wrong or how to go on."""
        if self.as_json:
            ending = {"kind": "summary", "run": run.id, "status": run.status, "step": run.step, "message": run.message}
            self._write(json.dumps(_plain(ending | {key: self.summary.get(key) for key in SUMMARY})))
        elif run.status == "finished":
            self._say(_finished(self.summary))
        if run.message:
            print(self._named(run.message), file=sys.stderr)
        if run.status in RESUMABLE:
            how = f"python -m core train --resume {run.id}"
            print(self._named(f"{run.status.capitalize()} at step {run.step}; to go on: {how}"), file=sys.stderr)

    def _named(self, line: str) -> str:
        return f"{self.name}: {line}" if self.name else line

    def _say(self, line: str) -> None:
        self._write(self._named(line))

    def _write(self, line: str) -> None:
        try:
            print(line, flush=True)
        except OutputError as broken:  # nobody watches any more (| head, > /dev/full): stop with a checkpoint
            self.broken = broken


def _started(lines: Lines, payload: dict[str, Any]) -> str:
    lines.epochs = math.ceil(payload["total_steps"] / payload["steps_per_epoch"])
    pictures = dataset_of(payload["spec"]["train"]["data"]).label
    net = "" if lines.name else f"{payload['name']}: "
    return (
        f"{net}{payload['params']:,} parameters, {payload['images']:,} images of {pictures}, "
        f"{lines.epochs} epochs on {payload['device']} in {payload['precision']}, "
        f"{named(payload['threads'])} (run {lines.run_id}). {payload['epoch']}"
    ) + "".join(f"\n{line}" for line in (_taken_over(payload), _device_note(payload)) if line)


def _taken_over(payload: dict[str, Any]) -> str:
    """What a net that took over another one's weights answers, beside that one; nothing elsewhere."""
    done = payload.get("taken_over")
    return measured(done) if done else ""


def _device_note(payload: dict[str, Any]) -> str:
    """A line that says why the run is not on a GPU that is here; mostly nothing."""
    return str(payload.get("device_note") or "")


def _evaluation(lines: Lines, payload: dict[str, Any]) -> str:
    return (
        f"epoch {payload['epoch']:>{len(str(lines.epochs))}}/{lines.epochs}"
        f"  train loss {payload['train_loss']:.4f} accuracy {payload['train_accuracy']:.4f}"
        f"  test loss {payload['test_loss']:.4f} accuracy {payload['test_accuracy']:.4f}"
        f"  {lines.speed:,.0f} images/s"
    )


def _finished(summary: dict[str, Any]) -> str:
    clipped = summary["clipped"]
    return (
        f"Finished: test accuracy {summary['test_accuracy']:.4f} in {summary['precision']} "
        f"after {summary['seconds']:.1f} s of training at {summary['images_per_second']:,.0f} images/s"
        + (f"; clipping shortened the gradient of {percent(clipped, 0)} of the steps" if clipped is not None else "")
    )


_SENTENCES: dict[str, Callable[[Lines, dict[str, Any]], str]] = {
    "started": _started,
    "evaluation": _evaluation,
    "unkept": lambda lines, payload: payload["message"],
    "threads": lambda lines, payload: f"{named(payload['threads'])} from now on: {payload['why']}",
    "resumed": lambda lines, payload: "\n".join(
        line for line in (f"Going on from step {payload['step']}", _device_note(payload)) if line
    ),
}


def _plain(value: Any) -> Any:
    """Arrays as lists, and null for what JSON cannot say (NaN, infinity)."""
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
