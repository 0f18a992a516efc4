"""What a script is made from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.record.recording import Recording
from core.spec import Epoch, NetSpec, RunSpec, TrainSpec
from core.spec.warmup import settled
from core.vocabulary.datasets import SAMPLE, dataset_of, name_of


@dataclass(frozen=True)
class Made:
    """A run as it was trained."""

    id: str
    net: NetSpec
    train: TrainSpec  # with a number for the warm-up
    dataset: str  # sample, or the name of a data set
    pictures: str  # what they are called in a sentence
    digest: str  # SHA-256 of the pictures and labels for training; empty where the run does not say
    epoch: Epoch
    device: str  # as the recipe has it
    device_name: str  # of what trained it
    precision: str
    threads: int
    threads_changed: int  # the first step with another number of them; 0: none
    versions: dict[str, str]
    by_hand: tuple[tuple[int, float], ...]  # finished steps and learning rate, where that was set by hand

    @property
    def total_steps(self) -> int:
        return self.train.epochs * self.epoch.steps


def made_of(recording: Recording) -> Made:
    """Of a recording that :func:`core.publish.script.known.check` accepts."""
    started = recording.last("started")
    assert started is not None
    images = int(started["images"])
    (spec,) = settled([RunSpec.make(**started["spec"])], images)
    sample = spec.train.data == SAMPLE
    label = dataset_of(spec.train.data).label
    changes = [event.step + 1 for event in recording.of_kind("threads")]
    return Made(
        id=_plain(recording.head.id),
        net=spec.net,
        train=spec.train,
        dataset=SAMPLE if sample else name_of(spec.train.data),
        pictures=f"the sample of {label}" if sample else label,
        digest=_plain(started.get("train_digest", "")),
        epoch=spec.train.epoch(images),
        device=spec.train.device.partition(":")[0],
        device_name=_plain(started["device"]),
        precision=_plain(started["precision"]),
        threads=int(started["threads"]),
        threads_changed=min(changes, default=0),
        versions={name: _plain(version) for name, version in started.get("versions", {}).items()},
        by_hand=tuple(_by_hand(recording)),
    )


def _plain(text: object) -> str:
    """What a recording tells, without what could end the script's own text: a file may come from anybody."""
    return re.sub(r"[^\w .,:;()+/@-]", "", str(text), flags=re.ASCII)[:80]


def _by_hand(recording: Recording) -> list[tuple[int, float]]:
    controls = [event for event in recording.of_kind("control") if event.payload["command"] == "lr"]
    obeyed = [event for event in controls if not event.payload.get("message")]
    return [(event.step, float(event.payload["applied"])) for event in obeyed]
