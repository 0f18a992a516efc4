"""Runs that go on from a checkpoint of another one, with something changed: a fork, or more epochs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NamedTuple

from core.data.files import sizes
from core.engine import client
from core.engine.changes import forked, told
from core.processes.torchless import check_torch
from core.record.events import Command
from core.spec import RunSpec, SpecError
from core.store.home import checkpoints, step_of
from core.store.records import Run
from core.store.standing import stands
from core.store.store import EngineError, Store

PATIENCE = 5.0  # s in which a run that goes on writes a checkpoint


class Fork(NamedTuple):
    """A run to be, and the checkpoint of its parent that it goes on from."""

    spec: RunSpec
    parent: Run
    checkpoint: Path
    step: int  # at which it begins, counted in its own minibatches

    @property
    def said(self) -> list[str]:
        """What comes of weights, memory and minibatches, in sentences, before it is made."""
        images, _ = sizes(self.spec.train.data)
        return told(self.parent.spec, self.spec, images, step_of(self.checkpoint))

    @property
    def abreast(self) -> bool:
        """Whether it can be trained beside its parent, at the same step."""
        return self.parent.active and self.spec.train.batch_size == self.parent.spec.train.batch_size


def planned(run_id: str, net: dict[str, Any], train: dict[str, Any], step: int | None = None) -> Fork:
    """A run that goes on from where that one was at ``step``, with fields changed, before it is made.

    Weights, optimiser state and the order of the pictures are the other run's, where they fit
    (:mod:`core.engine.changes`). Without ``step`` it is the newest checkpoint; a run
    that goes on writes one first. A rate that was set by hand is not taken along. Raises SpecError, DataError or
    EngineError, one sentence.
    """
    store = client.store()
    parent = stands(store, store.known(run_id))
    spec = forked(parent.spec, net, train)
    checkpoint = _checkpoint(store, parent, step)
    begins = began(parent, spec, step_of(checkpoint))
    return Fork(client.prepared(spec), parent, checkpoint, begins)


def began(parent: Run, spec: RunSpec, step: int) -> int:
    """The step, counted in minibatches of that spec, of a run that goes on from that step of its parent. Raises
    SpecError where nothing would be left to train, DataError where the pictures are gone."""
    images, _ = sizes(spec.train.data)
    cut = spec.train.epoch(images)
    begins = cut.place(step, parent.spec.train.epoch(images))
    if begins >= spec.train.epochs * cut.steps:
        raise SpecError(
            f"{parent.name} is at step {step:,}, where {spec.train.epochs} epochs end: choose an earlier checkpoint or "
            "more epochs."
        )
    return begins


def create(plan: Fork, **more: Any) -> str:
    """Make the run in the store, with ``more`` as :meth:`Store.create_run` takes it; its id."""
    return client.store().create_run(
        plan.spec, parent=plan.parent.id, fork_step=plan.step, begin_with=plan.checkpoint, **more
    )


def fork(run_id: str, net: dict[str, Any], train: dict[str, Any], step: int | None = None) -> str:
    """Queue a run as :func:`planned`; its id. Beside a parent that goes on it is trained at the same step."""
    check_torch()
    plan = planned(run_id, net, train, step)
    child = create(plan, race=plan.parent.group if plan.abreast else None)
    client.ensure_supervisor()
    return child


def longer(run: Run, epochs: int) -> dict[str, Any]:
    """What :func:`planned` changes of a recipe so that the run is trained for so many more epochs."""
    return {"epochs": run.spec.train.epochs + epochs}


def _checkpoint(store: Store, run: Run, step: int | None) -> Path:
    folder = store.folder(run.id)
    if step is None and run.active:
        _await_checkpoint(store, run)
    kept = checkpoints(folder)
    if not kept:
        raise EngineError(f"{run.name} has no checkpoint yet to go on from: let it train for a while.")
    if step is None:
        return kept[-1]
    for path in kept:
        if step_of(path) == step:
            return path
    there = ", ".join(f"{step_of(path):,}" for path in kept)
    raise EngineError(f"{run.name} has no checkpoint of step {step:,}: choose one of {there}.")


def _await_checkpoint(store: Store, run: Run) -> None:
    """Ask for a checkpoint of now, and wait for it a little; where none comes, the newest one must do."""
    had = checkpoints(store.folder(run.id))
    if not store.send(run.id, Command("checkpoint")):
        return
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and checkpoints(store.folder(run.id))[-1:] == had[-1:]:
        time.sleep(0.05)
