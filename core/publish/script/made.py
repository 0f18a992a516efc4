"""What a script is made from."""

from __future__ import annotations

from dataclasses import dataclass

from core.record.recording import Recording
from core.spec import Epoch, NetSpec, RunSpec, TrainSpec
from core.vocabulary.datasets import SAMPLE, dataset_of, name_of


@dataclass(frozen=True)
class Made:
    """A run as it was trained."""

    id: str
    net: NetSpec
    train: TrainSpec  # with a number for the warm-up
    dataset: str  # sample, or the name of a data set
    pictures: str  # what they are called in a sentence
    digest: str  # of the pictures; "" where the run does not say
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
    spec = RunSpec.make(**started["spec"])
    sample = spec.train.data == SAMPLE
    label = dataset_of(spec.train.data).label
    changes = [event.step + 1 for event in recording.of_kind("threads")]
    return Made(
        id=recording.head.id,
        net=spec.net,
        train=spec.train,
        dataset=SAMPLE if sample else name_of(spec.train.data),
        pictures=f"the sample of {label}" if sample else label,
        digest=started.get("data_digest", ""),
        epoch=spec.train.epoch(started["images"]),
        device=spec.train.device.partition(":")[0],
        device_name=started["device"],
        precision=started["precision"],
        threads=started["threads"],
        threads_changed=min(changes, default=0),
        versions=started.get("versions", {}),
        by_hand=tuple(_by_hand(recording)),
    )


def _by_hand(recording: Recording) -> list[tuple[int, float]]:
    controls = [event for event in recording.of_kind("control") if event.payload["command"] == "lr"]
    obeyed = [event for event in controls if not event.payload.get("message")]
    return [(event.step, float(event.payload["applied"])) for event in obeyed]
