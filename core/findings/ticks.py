"""Marks on the bar of time: what happened in runs, at steps of the longest one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, TypedDict, get_args

from core.findings.moment import moment_of
from core.findings.seen import Seen
from core.findings.story import story
from core.record.thin import evenly

MOST = 40  # marks of the ends of epochs
MOST_CHECKPOINTS = 20
DROPS = 0.5  # times: a rate that falls further between two steps is one that a schedule by steps divides

TickKind = Literal[
    "checkpoint", "epoch", "resumed", "rate", "finding", "note"
]  # the last of them at a step names its mark
KINDS: tuple[TickKind, ...] = get_args(TickKind)


class Tick(TypedDict):
    """What happened at a step: the kind that matters most, and all of it in words."""

    step: int
    kind: TickKind
    text: str


Marks = Iterator[tuple[int, TickKind, str]]


def ticks(runs: Sequence[Seen], noted: Mapping[str, Sequence[tuple[int, str]]] = MappingProxyType({})) -> list[Tick]:
    """All that has happened until now, and what somebody ``noted`` at steps of runs (by id), the earliest first, one
    mark a step."""
    newest = moment_of(runs, None)
    begun = [run for run in runs if run.begun]
    if not begun:
        return []
    clock, ruler = newest.clock, max(begun, key=lambda run: run.last_step)
    found: dict[int, dict[tuple[TickKind, str], list[str]]] = {}

    def put(step: int, kind: TickKind, text: str, run: Seen) -> None:
        place = clock.step(ruler, clock.position(run, step))
        names = found.setdefault(place, {}).setdefault((kind, text), [])
        if run.brief not in names:
            names.append(run.brief)

    for step, text in _epochs(ruler):
        found.setdefault(step, {})["epoch", text] = []
    for run in begun:
        for step, kind, text in (*_checkpoints(run), *_rates(run), *_resumed(run)):
            put(step, kind, text, run)
        for happening in story([run], moment_of([run], None)):
            put(happening["step"], "finding", happening["text"], run)
        for step, text in noted.get(run.id, ()):
            put(step, "note", f"Note: {text}", run)
    return [_tick(step, marks, len(begun)) for step, marks in sorted(found.items())]


def _tick(step: int, marks: dict[tuple[TickKind, str], list[str]], runs: int) -> Tick:
    ordered = sorted(marks.items(), key=lambda mark: -KINDS.index(mark[0][0]))
    told = [text if len(names) in (0, runs) else f"{', '.join(names)}: {text}" for (_, text), names in ordered]
    return {"step": step, "kind": ordered[0][0][0], "text": " · ".join(told)}


def _epochs(run: Seen) -> Iterator[tuple[int, str]]:
    size = run.started.get("steps_per_epoch") or 0
    if size:
        ends = [size * epoch for epoch in range(1, run.last_step // size + 1)]
        yield from ((ends[index], f"End of epoch {ends[index] // size:,}") for index in evenly(ends, MOST))


def _checkpoints(run: Seen) -> Marks:
    steps = sorted({event.step for event in run.recording.of_kind("checkpoint")})
    for index in evenly(steps, MOST_CHECKPOINTS):
        yield steps[index], "checkpoint", "Checkpoint"


def _rates(run: Seen) -> Marks:
    """Where the schedule changes what it does; a rate that was set by hand is told by the story."""
    train = run.recording.head.spec.train
    if isinstance(train.warmup_steps, int) and 0 < train.warmup_steps <= run.last_step:
        yield train.warmup_steps, "rate", "The warm-up ends: the whole learning rate from here on"
    told = run.recording.last("metrics")
    if train.schedule == "step" and told is not None:
        for (_, before), (step, rate) in itertools.pairwise(zip(told["steps"], told["lr"], strict=True)):
            if rate < DROPS * before:
                yield int(step), "rate", "The schedule divides the learning rate by 10"


def _resumed(run: Seen) -> Marks:
    head = run.recording.head
    if head.parent and head.fork_step is not None:
        yield head.fork_step, "resumed", "Goes on from here with what another run had learnt"
    for event in run.recording.of_kind("resumed"):
        yield event.payload.get("step", event.step), "resumed", "Went on from its checkpoint of this step"
