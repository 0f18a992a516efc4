"""Runs that one process trains beside each other: each a minibatch in its turn, so that all stand at the same step.

A run that is alone is a race of one. Each run is, bit for bit, what it would be alone with as many threads: it keeps
its own state of torch's random generator and its own number of threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial

import torch

from core.engine.execution import Execution, log_to
from core.probes.timing import Cadence
from core.store.identity import Identity
from core.store.store import LostRunError, Run, Store, StoredEvent

POLL = 0.02  # s between two looks for commands
JOIN = 0.5  # s between two looks for runs that join

OnEvent = Callable[[str, StoredEvent], None]


def execute(
    store: Store,
    run_ids: Sequence[str],
    on_event: OnEvent = lambda run_id, event: None,
    interrupted: Callable[[], bool] = lambda: False,
    joined: bool = False,
) -> list[Run]:
    """Train runs that this process holds, each from its last checkpoint if it has one, and say how they ended.

    ``on_event`` sees the id of a run and each of its events once it is stored. Once ``interrupted`` says so, all are
    stopped as by a command, with a checkpoint. What goes wrong with one ends that one as failed, with a sentence. If
    they may be ``joined``, runs of the same group that are queued meanwhile are trained too. Raises EngineError where
    not even an end can be stored.
    """
    race = Race(store, run_ids, on_event, interrupted, joined)
    race.train()
    return [run for run_id in race.entered if (run := store.run(run_id))]


class Member:
    """One run of a race."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self.turns = execution.turns()
        self.closing = ExitStack()
        self.closing.enter_context(log_to(execution.log, execution.folder / "log.txt"))
        self.random: torch.Tensor | None = None  # state of torch's generator, once it has left
        self.threads = 0
        self.left_at = 0.0  # s of the process's processor time

    @property
    def step(self) -> int:
        """Optimiser steps done."""
        return self.execution.trainer.step if self.execution.trainer else 0

    def enter(self) -> None:
        """Find torch as it was left."""
        if self.random is None:
            return
        torch.set_rng_state(self.random)
        torch.set_num_threads(self.threads)
        trainer = self.execution.trainer
        if trainer and trainer.threads:
            trainer.threads.skip(time.process_time() - self.left_at)

    def leave(self) -> None:
        self.random, self.threads = torch.get_rng_state(), torch.get_num_threads()
        self.left_at = time.process_time()


class Race:
    """Gives each run its turn, and holds back those that are ahead."""

    def __init__(
        self, store: Store, run_ids: Sequence[str], on_event: OnEvent, interrupted: Callable[[], bool], joined: bool
    ) -> None:
        self.store = store
        self.on_event = on_event
        self.interrupted = interrupted
        self.joined = joined
        self.entered: list[str] = []  # ids of all that were in it
        self.groups: set[str] = set()
        self.members: list[Member] = []  # those that train
        self.cadence = Cadence()
        self.current: Member | None = None  # as whom torch stands
        self.listened = self.looked = 0.0
        self.threads = torch.get_num_threads()  # with which each begins
        for run_id in run_ids:
            self._enter(run_id)

    def train(self) -> None:
        moved = True
        while self.members:
            self._listen(patiently=not moved)
            steps = [member.step for member in self.members]
            last = self.members[steps.index(min(steps))].execution.run.id if steps else None
            for member, step in zip([*self.members], steps, strict=True):
                self._let(member, partial(self._turn, member, last if step > min(steps) else None))
            moved = steps != [member.step for member in self.members]

    def _enter(self, run_id: str) -> None:
        execution = Execution(self.store, run_id, lambda event: self.on_event(run_id, event), self.interrupted)
        self.entered.append(run_id)
        self.groups.add(execution.run.group)
        self.members.append(Member(execution))
        self._agree()

    def _turn(self, member: Member, awaited: str | None) -> None:
        """A minibatch of a run, or what else it has to do while it is held for the one with that id."""
        member.execution.wait_for(awaited)
        next(member.turns)

    def _listen(self, patiently: bool) -> None:
        """Ask for all at the same moment what viewers want, so that one command to all finds them at one step."""
        if time.monotonic() - self.listened < POLL:
            if not patiently:
                return
            time.sleep(POLL)
        self.listened = time.monotonic()
        for member in [*self.members]:
            self._let(member, member.execution.listen)
        if self.joined and self.listened - self.looked > JOIN:
            self.looked = self.listened
            for run in self.store.queue():
                if run.group in self.groups and self.store.claim(run.id, Identity.me(), "supervisor", {"queued"}):
                    self._enter(run.id)

    def _let(self, member: Member, act: Callable[[], object]) -> None:
        """Let a member do something; what goes wrong, or its end, takes it out of the race."""
        known = member.execution.watcher
        self._bring_on(member)
        log = member.execution.log
        try:
            act()
        except StopIteration:
            pass
        except LostRunError:
            log.warning("another process has the run now; this one leaves it alone")
        except Exception as error:
            member.execution.fail(error)
        else:
            if member.execution.watcher is not known:
                self._agree()
            return
        if run := self.store.run(member.execution.run.id):  # else somebody has deleted it already
            log.info("%s at step %s", run.status, run.step)
        member.closing.close()
        if member in self.members:
            self.members.remove(member)
        self._agree()

    def _bring_on(self, member: Member) -> None:
        if member is self.current:
            return
        if self.current is None:
            self.threads = torch.get_num_threads()
        else:
            self.current.leave()
        if member.random is None:
            torch.set_num_threads(self.threads)
        member.enter()
        self.current = member

    def _agree(self) -> None:
        """All are looked at at the same steps, and know whose turns come between theirs."""
        for member in self.members:
            member.execution.beside = [other.execution for other in self.members if other is not member]
        watchers = [member.execution.watcher for member in self.members if member.execution.watcher]
        self.cadence.paces = tuple(watcher.pace for watcher in watchers)
        for watcher in watchers:
            watcher.cadence = self.cadence
