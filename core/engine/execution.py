"""One run, from claim to end, in this process: the loop's events into the store, the store's commands into the loop.

The worker and the command line share it, so a run looks the same whoever trains it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from core.data.files import Dataset, load
from core.engine import rates
from core.processes.failures import sentence
from core.record.events import Command, Event
from core.store import kept
from core.store.home import checkpoints
from core.store.identity import Identity
from core.store.store import EngineError, LostRunError, Run, Store, StoredEvent, StoreError
from core.train.checkpoint import CheckpointError
from core.train.checkpoint import load as load_checkpoint
from core.train.checkpoint import save as save_checkpoint
from core.train.loop import train
from core.train.rate import Asked
from core.train.trainer import Trainer
from core.vocabulary.states import Status

POLL = 0.02  # s between two looks for commands
BEAT = 1.0  # s between two signs of life while there is nothing to report
ENDS: dict[str, Status] = {"finished": "finished", "stopped": "stopped", "diverged": "diverged"}
CONTROLS: dict[str, Status] = {"pause": "paused", "step": "paused", "resume": "running"}

log = logging.getLogger("run")


def execute(
    store: Store,
    run_id: str,
    on_event: Callable[[StoredEvent], None] = lambda event: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> Run:
    """Train a run that this process holds, from its last checkpoint if it has one, and say how it ended.

    ``on_event`` sees each event once it is stored. Once ``interrupted`` says so, the run is stopped as by a command,
    with a checkpoint. What goes wrong ends the run as failed, with one sentence, and the checkpoints stay. Raises
    EngineError where even that cannot be stored.
    """
    with _log_to(store.folder(run_id) / "log.txt"):
        execution = Execution(store, run_id, on_event, interrupted)
        try:
            execution.train()
        except LostRunError:
            log.warning("another process has the run now; this one leaves it alone")
        except Exception as error:
            log.exception("failed")
            message = sentence(error, store.folder(run_id) / "log.txt")
            if execution.restored:
                message = kept.with_checkpoint(message, execution.folder, execution.step)
            try:
                execution.fail(message)
            except StoreError:
                raise EngineError(message) from error  # not even that can be kept
        run = store.known(run_id)
        log.info("%s at step %s", run.status, run.step)
    return run


@lru_cache(maxsize=1)
def dataset(where: str) -> Dataset:
    """The pictures, read once a process. Raises DataError."""
    return load(where)


class Execution:
    """What one process knows of the run it trains."""

    def __init__(
        self,
        store: Store,
        run_id: str,
        on_event: Callable[[StoredEvent], None],
        interrupted: Callable[[], bool],
    ) -> None:
        self.store = store
        self.run = store.known(run_id)
        self.folder = store.folder(run_id)
        self.me = Identity.me()
        self.on_event = on_event
        self.interrupted = interrupted
        self.status: Status = "starting"
        self.step = self.run.step
        self.restored = False  # whether it stands where its last checkpoint was
        self.accuracy: dict[int, float] = {}  # on the test set, by step
        self.progress_from = 0  # step of the checkpoint that it began from
        self.asked_at = self.beat_at = 0.0
        self.stopping = False
        self.rates: list[Asked] = []  # to be set again, as they were before the process was killed

    def train(self) -> None:
        trainer = Trainer(self.run.spec, dataset(self.run.spec.train.data))
        self._restore(trainer)
        self.rates = rates.lost(self.store, self.run.id, trainer)
        for event in train(trainer, trainer.watcher(), partial(self._commands, trainer)):
            self._take(event)
            if event.kind in ("started", "resumed"):
                for rate in self.rates:
                    self.report(rates.promise(rate, trainer))

    def report(self, event: Event, **fields: Any) -> None:
        """Store an event, with what it changes about the run, and show it."""
        self.beat_at = time.monotonic()
        for stored in self.store.append(self.run.id, [event], self.me, **fields):
            self.on_event(stored)

    def fail(self, message: str) -> None:
        ending = {"status": "failed", "ended": time.time(), "message": message}
        with suppress(LostRunError):
            self.report(Event("failed", self.step, {"message": message}), **ending)

    def _restore(self, trainer: Trainer) -> None:
        """Go on from the newest checkpoint that can be read. Raises CheckpointError if there are some and none can."""
        failures: list[CheckpointError] = []
        for path in reversed(checkpoints(self.folder)):
            try:
                trainer.load_state(load_checkpoint(path)[0])
            except CheckpointError as error:
                failures.append(error)
                log.error("%s", error)
            else:
                log.info("goes on from %s", path.name)
                break
        else:
            if failures:
                raise failures[0]
        self.progress_from, self.restored = trainer.step, True
        judged = self.store.latest(self.run.id, "evaluation", rates.EVERY)
        self.accuracy = {step: value for step, value in kept.scores(judged).items() if step <= trainer.step}
        if trainer.step == 0 and self.store.latest(self.run.id, "started"):
            self.report(Event("resumed", 0, {"step": 0}))  # from the start again; further on the loop says it itself

    def _take(self, event: Event) -> None:
        """Store what the loop reports and set the run's status by it."""
        fields: dict[str, Any] = {}
        if event.kind == "checkpoint":
            event = self._keep(event)
            fields = {"attempts": 0} if event.step > self.progress_from else {}
        elif event.kind == "started":
            fields = {"total_steps": event.payload["total_steps"], "started": self.run.started or time.time()}
        elif event.kind == "metrics" and self.status == "starting":
            self.status = "running"
        elif event.kind == "control":
            self.status = CONTROLS.get(event.payload["command"], self.status)
        elif event.kind == "evaluation":
            self.accuracy[event.step] = event.payload["test_accuracy"]
        elif event.kind in ENDS:
            self.status = ENDS[event.kind]
            fields = {"ended": time.time(), "message": event.payload.get("what", "")}
        if event.kind != "probe":  # it looks at the net before the minibatch of its step is trained
            self.step = event.step
        self.report(event, status=self.status, step=self.step, **fields)
        if event.kind == "checkpoint":
            for path in kept.superfluous(self.folder, event.step, self.accuracy):
                path.unlink(missing_ok=True)

    def _keep(self, event: Event) -> Event:
        """Write the tensors to a file; the stored event carries its name instead."""
        path = self.folder / f"checkpoint-{event.step}.safetensors"
        save_checkpoint(path, event.payload["state"], event.payload["meta"] | {"run": self.run.id})
        log.info("wrote %s", path.name)
        return Event(event.kind, event.step, {"file": path.name})

    def _commands(self, trainer: Trainer, seconds: float) -> list[Command]:
        """What viewers ask, for the loop between two steps; a paused run waits here for up to ``seconds``."""
        if self.interrupted() and not self.stopping:
            self.stopping = True
            return [Command("stop")]
        if self.rates and self.rates[0].since == trainer.step:
            return [Command("lr", self.rates.pop(0).rate), Command("checkpoint")]
        now = time.monotonic()
        if now - self.asked_at < POLL:
            time.sleep(min(seconds, POLL))
            if not seconds:
                return []
        self.asked_at = now
        if now - self.beat_at > BEAT:
            self.beat_at = now
            self.store.append(self.run.id, [], self.me)
        commands = self.store.take_commands(self.run.id)
        if any(command.kind == "lr" for command in commands):
            self.rates.clear()  # a newer wish
            commands.append(Command("checkpoint"))  # so that a crash does not undo it silently
        return commands


@contextmanager
def _log_to(path: Path) -> Iterator[None]:
    logging.raiseExceptions = False  # a log that cannot be written must not end a run
    try:
        handler: logging.Handler = logging.FileHandler(path)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        with suppress(OSError):
            handler.close()
