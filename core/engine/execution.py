"""One run, from claim to end, in this process: the loop's events into the store, the store's commands into the loop.

The worker and the command line share it, so a run looks the same whoever trains it.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from core.data.files import Dataset, load
from core.engine import rates
from core.engine.checks import CHECKPOINTS, DISK_RESERVE
from core.probes.watch import Watcher
from core.processes.failures import sentence
from core.record.events import Command, Event
from core.spec import RunSpec, SpecError
from core.spec.film import frames
from core.store import kept
from core.store.home import checkpoints
from core.store.identity import Identity
from core.store.store import EngineError, LostRunError, Store, StoredEvent, StoreError
from core.train.checkpoint import CheckpointError, State
from core.train.checkpoint import load as load_checkpoint
from core.train.checkpoint import save as save_checkpoint
from core.train.loop import turns
from core.train.rate import Asked
from core.train.surgery import take_over
from core.train.trainer import Trainer
from core.vocabulary.numbers import memory
from core.vocabulary.states import Status

BEAT = 1.0  # s between two signs of life while there is nothing to report
ENDS: dict[str, Status] = {"finished": "finished", "stopped": "stopped", "diverged": "diverged"}
CONTROLS: dict[str, Status] = {"pause": "paused", "step": "paused", "resume": "running"}


@lru_cache(maxsize=1)
def dataset(where: str) -> Dataset:
    """The pictures, read once a process. Raises DataError."""
    return load(where)


class Execution:
    """What one process knows of a run that it trains.

    ``on_event`` sees each event once it is stored. Once ``interrupted`` says so, the run is stopped as by a command.
    While it ``waits_for`` another, it is held. Commands are asked for by :meth:`listen`.
    """

    def __init__(
        self,
        store: Store,
        run_id: str,
        on_event: Callable[[StoredEvent], None],
        interrupted: Callable[[], bool],
    ) -> None:
        self.store = store
        self.log = logging.getLogger(f"run.{run_id}")
        self.run = store.known(run_id)
        self.folder = store.folder(run_id)
        self.me = Identity.me()
        self.on_event = on_event
        self.interrupted = interrupted
        self.status: Status = "starting"
        self.step = self.run.step
        self.restored = False  # whether it stands where its last checkpoint was
        self.accuracy: dict[int, float] = {}  # on the test set, by step
        self.film: Collection[int] = ()  # steps of its film
        self.leaves_out = False  # the film's frames, for want of room
        self.progress_from = 0  # step of the checkpoint that it began from
        self.beat_at = 0.0
        self.stopping = False
        self.waits_for: str | None = None  # id of the run that it is ahead of
        self.beside: Sequence[Execution] = ()  # those with which it takes turns
        self.seconds_left = 0.0  # of its own training, as last reported
        self.commands: list[Command] = []  # asked and not obeyed yet
        self.trainer: Trainer | None = None  # once it is there, where the last checkpoint was
        self.watcher: Watcher | None = None
        self.rates: list[Asked] = []  # to be set again, as they were before the process was killed

    def turns(self) -> Iterator[None]:
        """Train to the end, a minibatch at a time: others may have their turn between two."""
        trainer = Trainer(self.run.spec, dataset(self.run.spec.train.data))
        trainer.begins_at = self.run.fork_step or 0
        self.film = frames(trainer.total_steps, self.run.spec.probes.film)
        self._restore(trainer)
        self.rates = rates.lost(self.store, self.run.id, trainer)
        self.trainer, self.watcher = trainer, trainer.watcher()
        yield
        for event in turns(trainer, self.watcher, partial(self._obeyed, trainer), lambda: self.waits_for is not None):
            if event is None:
                yield
                continue
            self._take(event)
            if event.kind in ("started", "resumed"):
                for rate in self.rates:
                    self.report(rates.promise(rate, trainer))

    def listen(self) -> None:
        """Ask what viewers want, and show a sign of life."""
        now = time.monotonic()
        if now - self.beat_at > BEAT:
            self.beat_at = now
            self.store.append(self.run.id, [], self.me)
        self.commands += self.store.take_commands(self.run.id)

    def wait_for(self, run_id: str | None) -> None:
        """Be held until that run has come up to this one, or go on, and let viewers see it."""
        if run_id != self.waits_for:
            self.waits_for = run_id
            self.store.append(self.run.id, [], self.me, waits_for=run_id)

    def report(self, event: Event, **fields: Any) -> None:
        """Store an event, with what it changes about the run, and show it."""
        self.beat_at = time.monotonic()
        for stored in self.store.append(self.run.id, [event], self.me, **fields):
            self.on_event(stored)

    def fail(self, error: Exception) -> None:
        """What went wrong ends the run, with one sentence, and the checkpoints stay. Raises EngineError where even that
        cannot be stored."""
        self.log.exception("failed")
        message = sentence(error, self.store.folder(self.run.id) / "log.txt")
        if self.restored:
            message = kept.with_checkpoint(message, self.folder, self.step)
        ending = {"status": "failed", "ended": time.time(), "message": message}
        try:
            self.report(Event("failed", self.step, {"message": message}), **ending)
        except LostRunError:
            pass
        except StoreError:
            raise EngineError(message) from error

    def _restore(self, trainer: Trainer) -> None:
        """Go on from the newest checkpoint that can be read. Raises CheckpointError if there are some and none can."""
        failures: list[CheckpointError] = []
        for path in reversed(checkpoints(self.folder)):
            try:
                self._stand(trainer, *load_checkpoint(path))
            except CheckpointError as error:
                failures.append(error)
                self.log.error("%s", error)
            else:
                self.log.info("goes on from %s", path.name)
                break
        else:
            if failures:
                raise failures[0]
        self._begin(trainer)
        self.progress_from, self.restored = trainer.step, True
        judged = kept.accuracy_of(self.store, self.run.id)
        self.accuracy = {step: value for step, value in judged.items() if step <= trainer.step}
        if trainer.step == trainer.begins_at and self.store.latest(self.run.id, "started"):
            # from the start again; further on the loop says it itself
            self.report(Event("resumed", trainer.step, {"step": trainer.step}))

    def _stand(self, trainer: Trainer, state: State, meta: dict[str, Any]) -> None:
        """Go on from a checkpoint of its own, or from that of the run that it goes on from. Raises CheckpointError."""
        if not self.run.parent or meta.get("run") == self.run.id:
            trainer.load_state(state)
            return
        try:
            was = RunSpec.make(**meta.get("spec", {}))
        except SpecError as error:
            raise CheckpointError(
                f"The checkpoint that {self.run.name} begins with has no spec to read: {error}"
            ) from None
        trainer.taken_over = take_over(trainer, state, was, self.run.parent)

    def _begin(self, trainer: Trainer) -> None:
        """Raise CheckpointError where it goes on from another run and what it goes on from is gone."""
        if trainer.step < trainer.begins_at:
            raise CheckpointError(
                f"The checkpoint of step {trainer.begins_at:,} is gone, from which {self.run.name} goes on: fork again."
            )

    def _take(self, event: Event) -> None:
        """Store what the loop reports and set the run's status by it."""
        fields: dict[str, Any] = {}
        if event.kind == "metrics":
            event = self._with_turns(event)
            self.status = "running" if self.status == "starting" else self.status
        elif event.kind == "checkpoint":
            written = self._keep(event)
            if written is None:
                return
            event = written
            fields = {"attempts": 0} if event.step > self.progress_from else {}
        elif event.kind == "started":
            fields = {"total_steps": event.payload["total_steps"], "started": self.run.started or time.time()}
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
            kept.thin(self.store, self.run, event.step, self.accuracy, self.film)

    def _with_turns(self, event: Event) -> Event:
        """The time left is that of all which take turns: none of them is done much before the others."""
        self.seconds_left = event.payload["seconds_left"]
        together = self.seconds_left + sum(other.seconds_left for other in self.beside)
        return Event(event.kind, event.step, {**event.payload, "seconds_left": together})

    def _keep(self, event: Event) -> Event | None:
        """Write the tensors to a file; the stored event carries its name instead.

        Of a film whose frames cannot be written the first that is left out is told, and of the others nothing.
        """
        path, needed = self.folder / f"checkpoint-{event.step}.safetensors", event.payload["needed"]
        try:
            if not needed:
                check_room(event.payload["state"], self.folder)
            save_checkpoint(path, event.payload["state"], event.payload["meta"] | {"run": self.run.id})
        except CheckpointError as error:
            if needed:
                raise
            told, self.leaves_out = self.leaves_out, True
            return None if told else Event("unkept", event.step, {"message": str(error)})
        self.leaves_out = self.leaves_out and needed
        self.log.info("wrote %s", path.name)
        return Event(event.kind, event.step, {"file": path.name})

    def _obeyed(self, trainer: Trainer, seconds: float) -> list[Command]:
        """What is to be obeyed between two steps. Nobody waits here: that is up to who calls :meth:`listen`."""
        if self.interrupted() and not self.stopping:
            self.stopping = True
            return [Command("stop")]
        if self.rates and self.rates[0].since == trainer.step:
            return [Command("lr", self.rates.pop(0).rate), Command("checkpoint")]
        commands, self.commands = self.commands, []
        if any(command.kind == "lr" for command in commands):
            self.rates.clear()  # a newer wish
            commands.append(Command("checkpoint"))  # so that a crash does not undo it silently
        return commands


def check_room(state: State, folder: Path) -> None:
    """Raise CheckpointError where a frame of a film would take the room of checkpoints that a run needs."""
    size = sum(tensor.nbytes for tensor in state.values())
    free = shutil.disk_usage(folder).free
    if free < (1 + CHECKPOINTS) * size + DISK_RESERVE:
        raise CheckpointError(
            f"The film leaves out what comes from here on, as only {memory(free)} are free in {folder.parent.parent} "
            "and the run itself needs some: free space, and it goes on."
        )


@contextmanager
def log_to(log: logging.Logger, path: Path) -> Iterator[None]:
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
