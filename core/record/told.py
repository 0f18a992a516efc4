"""What a browser is told of a Recording: how it stands, and its events as they travel."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypedDict

from core.arith import describe
from core.record.events import StoredEvent
from core.record.recording import Head, Recording
from core.spec import shortened
from core.vocabulary.families import Kind
from core.vocabulary.states import STATES, Status

TRAINING = 3  # times the MACs of the forward pass: each of them has two in the backward pass


class Standing(TypedDict):
    """What is so of any Recording."""

    id: str
    group: str  # of its race: the id of the first run; its own where it is alone
    name: str
    kind: Kind
    norm: str
    status: Status
    message: str  # one sentence on why it failed, else empty
    step: int
    total_steps: int | None
    epochs: int
    batch_size: int
    picture_macs: int  # of training on one picture
    watched: bool
    probe_images: int


class Summary(Standing):
    """How a run stands, for its line of state."""

    lr_asked: float | None
    lr_taken: bool  # or none was asked

    waits: str  # one sentence on what it waits for, else empty
    silent_seconds: float | None  # since the last sign of life of one that should give some
    recorded: bool  # it is read from a file


class Told(TypedDict):
    """One event, as a browser gets it."""

    seq: int
    step: int
    time: float  # s since 1970
    kind: str
    payload: dict[str, Any]


class Answer(TypedDict):
    """What a browser is told of a run."""

    run: Summary
    seq: int  # from which to ask on
    events: list[Told]


def as_file(found: Recording, mark: str) -> Recording:
    """Under an id of its own, beside which the run itself may be shown; nothing goes on in a file, which may hold any
    text."""
    head = replace(found.head, id=mark, name=shortened(found.head.name), title=shortened(found.head.title))
    if not STATES[head.status].ended:
        head = replace(head, status="stopped", message="It was recorded while it went on.")
    return replace(found, head=head, original=found.trained_as)


def of_head(run: Head) -> Standing:
    net = run.spec.net
    return {
        "id": run.id,
        "group": run.race or run.id,
        "name": run.name,
        "kind": net.kind,
        "norm": net.norm,
        "status": run.status,
        "message": run.message,
        "step": run.step,
        "total_steps": run.total_steps,
        "epochs": run.spec.train.epochs,
        "batch_size": run.spec.train.batch_size,
        "picture_macs": TRAINING * describe(net).macs,
        "watched": run.spec.probes.enabled,
        "probe_images": run.spec.probes.images,
    }


def of_file(recording: Recording) -> Summary:
    """Of one that nothing happens to any more."""
    return {
        **of_head(recording.head),
        "waits": "",
        "silent_seconds": None,
        "lr_asked": None,
        "lr_taken": True,
        "recorded": True,
    }


def answered(summary: Summary, seq: int, events: str) -> str:
    """The JSON text of an :class:`Answer`; ``events`` as :func:`listed` gives them."""
    return f'{{"run":{json.dumps(summary)},"seq":{seq},"events":[{events}]}}'


def listed(events: Iterable[StoredEvent]) -> str:
    """Events as a browser reads them, with commas between."""
    return ",".join(_text(event) for event in events)


def _text(event: StoredEvent) -> str:
    opening = json.dumps({"seq": event.seq, "step": event.step, "time": event.time, "kind": event.kind})
    return f'{opening[:-1]},"payload":{_strict(event.text)}}}'


def _strict(text: str) -> str:
    """JSON as browsers read it: Python's NaN and Infinity become null (arrays travel as base64 and keep theirs)."""
    if "NaN" not in text and "Infinity" not in text:
        return text
    return json.dumps(json.loads(text, parse_constant=lambda name: None))
