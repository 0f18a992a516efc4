"""The training loop: a generator of events that prints nothing, writes no file and knows no viewer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import torch

from core.probes.timing import synchronize
from core.probes.watch import Watcher
from core.record.events import Command, Event
from core.record.payloads import Control, Diverged, Evaluation
from core.spec import SpecError
from core.spec.film import frames
from core.train.divergence import NotFiniteError, Snapshot, find_fault
from core.train.rate import Asked
from core.train.report import Meter, opening, summary
from core.train.trainer import Trainer

REPORT_SECONDS = 0.3  # between two reports; the first step is reported at once
SNAPSHOT_SECONDS = 2.0  # between two states kept in memory; a divergence trains again from the latest
CHECKPOINT_SECONDS = 60.0  # between two checkpoints, besides one at the end of each epoch
PAUSE_SECONDS = 0.05  # how long a paused run waits for a command at a time

Commands = Callable[[float], list[Command]]
Turns = Iterator[Event | None]


def train(trainer: Trainer, watcher: Watcher | None, commands: Commands) -> Iterator[Event]:
    """Train from where the trainer stands to its last step, to a ``stop``, or to a loss that is not finite.

    ``commands(seconds)`` returns what viewers have asked since the last call. It must not wait, but for a paused run:
    only then ``seconds`` is above 0, and is how long it may wait for the first command.
    """
    return (event for event in turns(trainer, watcher, commands) if event is not None)


def turns(
    trainer: Trainer, watcher: Watcher | None, commands: Commands, held: Callable[[], bool] = lambda: False
) -> Turns:
    """As :func:`train`, with None where others may have their turn: behind each minibatch, and again and again while
    the run is paused or ``held`` says that it has to wait for others. A held run obeys commands."""
    loop = Loop(trainer, watcher)
    try:
        yield opening(trainer)
        if trainer.step == 0 and loop.films():
            yield from loop.frame()
        while trainer.step < trainer.total_steps:
            yield from loop.obey(commands, held)
            if loop.stopping:
                break
            yield from loop.one_step()
            yield from loop.fit_threads()
            if loop.report_is_due():
                yield from loop.report()
            if loop.epoch_is_over():
                yield loop.evaluate()
            if loop.checkpoint_is_due():
                yield from loop.checkpoint()
            elif loop.films():
                yield from loop.frame()
            yield None
        yield from loop.close()
    except NotFiniteError as broken:
        yield from loop.diverge(broken.step)


class Loop:
    """What is kept in mind beside the trainer: what was asked, what was reported, and the last good state."""

    def __init__(self, trainer: Trainer, watcher: Watcher | None) -> None:
        self.trainer = trainer
        self.watcher = watcher
        self.meter = Meter(trainer)
        self.good = Snapshot(trainer)
        self.paused = False
        self.stopping = False
        self.steps_asked = 0  # minibatches to train although the run is paused
        self.checkpointed = trainer.step
        self.film = frames(trainer.total_steps, trainer.run.probes.film)
        self.evaluation: Evaluation | None = None  # the latest one
        self.report_time = 0.0
        self.trained_seconds = trainer.clock.seconds
        self.snapshot_time = self.checkpoint_time = time.monotonic()

    def obey(self, commands: Commands, held: Callable[[], bool]) -> Turns:
        """Apply what was asked; a run that is paused or held stays in here."""
        while True:
            waiting = self.paused and not self.steps_asked
            for command in commands(PAUSE_SECONDS if waiting else 0.0):
                yield from self._apply(command)
            if self.stopping:
                return
            if not held():
                if not self.paused:
                    return
                if self.steps_asked:
                    self.steps_asked -= 1
                    return
            yield None

    def one_step(self) -> Iterator[Event]:
        """Train one minibatch, and look at it where that is due or, by stepping through a pause, was asked for."""
        trainer, watcher, asked = self.trainer, self.watcher, self.paused
        if watcher is None or not (asked or watcher.due(trainer.step)):
            with trainer.clock:
                trainer.train_step()
            return
        with trainer.clock:
            synchronize(trainer.device)  # what is still queued is training, not watching
        probe = watcher.observe()
        with trainer.clock:
            trainer.train_step()
            synchronize(trainer.device)
        yield Event("probe", trainer.step - 1, probe | watcher.after_update(asked))

    def fit_threads(self) -> Iterator[Event]:
        """Go on with another number of threads where that is faster now."""
        trainer = self.trainer
        seconds, self.trained_seconds = trainer.clock.seconds - self.trained_seconds, trainer.clock.seconds
        change = trainer.threads.stepped(seconds) if trainer.threads else None
        if change:
            yield from self.report()
            self._keep()  # training again from here must use the new number
            torch.set_num_threads(change.threads)
            yield Event("threads", trainer.step, asdict(change))

    def epoch_is_over(self) -> bool:
        return self.trainer.step % self.trainer.steps_per_epoch == 0

    def report_is_due(self) -> bool:
        late = time.monotonic() - self.report_time >= REPORT_SECONDS
        return late or self.paused or self.epoch_is_over()

    def report(self) -> Iterator[Event]:
        """All steps since the last report. Raises NotFiniteError behind the last step whose loss is finite."""
        metrics, broken = self.meter.read(self.watcher)
        self.report_time = time.monotonic()
        if metrics:
            yield metrics
        if broken:
            raise NotFiniteError(broken)
        if self.report_time - self.snapshot_time >= SNAPSHOT_SECONDS:
            self._keep()

    def evaluate(self) -> Event:
        """The test images, and the means of the epoch that has just ended."""
        self.evaluation = self.meter.evaluate()
        return Event("evaluation", self.trainer.step, self.evaluation)

    def checkpoint_is_due(self) -> bool:
        return self.epoch_is_over() or time.monotonic() - self.checkpoint_time >= CHECKPOINT_SECONDS

    def checkpoint(self) -> Iterator[Event]:
        """The state, for the consumer to write. Never one that holds NaN or infinity: raises NotFiniteError instead."""
        yield from self.report()
        self._keep()
        self.checkpointed, self.checkpoint_time = self.trainer.step, time.monotonic()
        yield self._checkpoint()

    def films(self) -> bool:
        """Whether the film of this run has a frame here."""
        return self.trainer.step in self.film

    def frame(self) -> Iterator[Event]:
        """As :meth:`checkpoint`, but the run does without it where it cannot be written."""
        yield from self.report()
        self._keep()
        yield self._checkpoint(needed=False)

    def close(self) -> Iterator[Event]:
        """The last checkpoint, and what the run came to."""
        trainer = self.trainer
        if self.stopping:
            yield from self.checkpoint()
        elif not self.evaluation:  # resumed behind its last step
            self.evaluation = self.meter.evaluate()
        yield Event("stopped" if self.stopping else "finished", trainer.step, summary(trainer, self.evaluation))

    def diverge(self, step: int) -> Iterator[Event]:
        """The last good state, then where it broke."""
        fault = find_fault(self.trainer, self.good, step)
        yield self._checkpoint()
        diverged: Diverged = {"layer": fault.layer, "what": fault.what}
        yield Event("diverged", fault.step, diverged)

    def _apply(self, command: Command) -> Iterator[Event]:
        applied: str | float = ""
        if command.kind == "lr":
            yield from self._set_lr(command.value)
            return
        if command.kind == "pause":
            self.paused, self.steps_asked, applied = True, 0, "paused"
        elif command.kind == "resume":
            self.paused, self.steps_asked, applied = False, 0, "resumed"
        elif command.kind == "step":
            self.paused, applied = True, "stepped"
            self.steps_asked += 1
        elif command.kind == "stop":
            self.stopping, applied = True, "stopping"
        elif command.kind == "checkpoint":
            yield from self.checkpoint()
            applied = "checkpoint"
        control: Control = {"command": command.kind, "requested": None, "applied": applied}
        yield Event("control", self.trainer.step, control)
        if command.kind == "pause" and self.checkpointed != self.trainer.step:
            yield from self.checkpoint()  # a pause may be long, and the machine may not outlast it

    def _set_lr(self, wanted: float | None) -> Iterator[Event]:
        """Apply the wanted rate from the next step on, and say what comes."""
        trainer = self.trainer
        payload: dict[str, Any] = {"command": "lr", "requested": wanted}
        try:
            trainer.run.train.but(lr=wanted)
        except SpecError as error:
            payload["message"] = str(error)
        else:
            assert wanted is not None
            yield from self.report()
            trainer.asked = Asked(wanted, trainer.step)
            payload |= trainer.asked.outlook(trainer.scheduled_lr, trainer.total_steps)
            self._keep()  # training again from here must use the new rate
        yield Event("control", trainer.step, payload | {"applied": trainer.lr(trainer.step)})

    def _keep(self) -> None:
        """Remember this state as good. Raises NotFiniteError where it is not."""
        if not self.trainer.is_finite():
            raise NotFiniteError(self.trainer.step + 1)
        self.good.keep(self.trainer)
        self.snapshot_time = time.monotonic()

    def _checkpoint(self, needed: bool = True) -> Event:
        trainer = self.trainer
        meta = {
            "step": trainer.step,
            "spec": trainer.run.model_dump(mode="json"),
            "device": str(trainer.device),
            "precision": trainer.precision,
            "test_accuracy": self.evaluation["test_accuracy"] if self.evaluation else None,
        }
        return Event("checkpoint", trainer.step, {"state": trainer.state(), "meta": meta, "needed": needed})
