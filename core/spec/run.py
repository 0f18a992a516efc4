"""The recipe, what to watch, and the run that they make together with a net."""

from __future__ import annotations

import hashlib
import math
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from core.spec import older
from core.spec.base import Spec, shortened, within
from core.spec.epoch import Epoch
from core.spec.net import NetSpec
from core.vocabulary.choices import Decay, Optimizer, Precision, Schedule, ScheduleBy
from core.vocabulary.datasets import SAMPLE, dataset_of, elsewhere
from core.vocabulary.fields import NET, PROBES, TRAIN

MOST_THREADS = 1024


class TrainSpec(Spec):
    """A recipe. The default is that of the BN study: SGD 0.1, momentum 0.9, weight decay 1e-4, cosine, batch 128."""

    data: str = SAMPLE  # or a folder, and which data set lies there (core/vocabulary/datasets.py)
    epochs: int = 10
    batch_size: int = 128  # images
    drop_last: bool = True  # leave out what fills no whole minibatch; off: a last, smaller one, as in the BN study
    optimizer: Optimizer = "sgd"
    lr: float = 0.1  # peak learning rate
    momentum: float = 0.9  # SGD only
    weight_decay: float = 1e-4
    decay: Decay = "all"  # "weights" spares biases, norms and Fixup's scalars
    schedule: Schedule = "cosine"
    schedule_by: ScheduleBy = "step"  # epoch: the rate stays what it is at the epoch's first step
    warmup_steps: int | float | Literal["auto"] = "auto"  # linear from 0 to lr; auto: core/spec/warmup.py
    grad_clip: float = 0.0  # largest global gradient norm; 0 is off
    augment: bool = True  # random flip, and random crop after padding by 4
    seed: int = 0
    device: str = "auto"  # auto, cpu, cuda, cuda:1, mps
    precision: Precision = "auto"
    threads: int | Literal["auto"] = "auto"  # on the CPU; only a fixed number gives the same run bit for bit

    @model_validator(mode="before")
    @classmethod
    def _in_steps(cls, fields: Any) -> Any:
        """Older versions had the warm-up in epochs."""
        if not isinstance(fields, dict) or "warmup_epochs" not in fields:
            return fields
        rest = {name: value for name, value in fields.items() if name != "warmup_epochs"} | {"warmup_steps": 0}
        return rest | {"warmup_steps": older.warmup_steps(fields["warmup_epochs"], cls.make(**rest))}

    @field_validator("lr", mode="before")
    @classmethod
    def _finite(cls, lr: Any) -> Any:
        if isinstance(lr, float) and not math.isfinite(lr):
            raise ValueError(f"Learning rate {lr} is not a number to train with: choose one above 0, such as 0.1.")
        return lr

    @field_validator("threads", mode="before")
    @classmethod
    def _count(cls, threads: Any) -> Any:
        if threads != "auto" and (isinstance(threads, bool) or not isinstance(threads, int)):
            raise ValueError(f"Number of threads {threads!r} is not possible: choose auto or a whole number.")
        return threads

    @field_validator("warmup_steps", mode="before")
    @classmethod
    def _number_of_steps(cls, steps: Any) -> Any:
        number = isinstance(steps, int | float) and not isinstance(steps, bool) and math.isfinite(steps)
        if steps != "auto" and not number:
            raise ValueError(f"A warm-up of {steps!r} is not possible: choose auto or a number of steps.")
        return steps

    @model_validator(mode="after")
    def _possible(self) -> Self:
        within("number of epochs", self.epochs, *TRAIN["epochs"].bounds)
        within("batch size", self.batch_size, *TRAIN["batch_size"].bounds)
        within("seed", self.seed, *TRAIN["seed"].bounds)
        if not self.lr > 0:
            raise ValueError(f"Learning rate {self.lr:g} cannot train: choose one above 0, such as 0.1.")
        within("learning rate", self.lr, 0, 1000)
        if not 0 <= self.momentum < 1:
            raise ValueError(f"Momentum {self.momentum:g} does not settle: choose at least 0 and below 1.")
        within("weight decay", self.weight_decay, 0, 1)
        within("gradient clipping", self.grad_clip, 0, math.inf)
        if self.schedule == "onecycle" and self.schedule_by == "epoch":
            raise ValueError(
                "One cycle moves at every step, and its peak would lie within an epoch: "
                "let the schedule move by step, or choose another one."
            )
        if self.warmup_steps != "auto" and self.warmup_steps < 0:
            raise ValueError(f"A warm-up of {self.warmup_steps:g} steps is not possible: choose auto or at least 0.")
        if self.threads != "auto":
            within("number of threads", self.threads, 1, MOST_THREADS)
        if not self.data.strip():
            raise ValueError('Data is empty: choose "sample" or the folder that holds the pictures.')
        kind, _, index = self.device.partition(":")
        if kind not in ("auto", "cpu", "cuda", "mps") or (index and not index.isdigit()):
            raise ValueError(f'Device "{shortened(self.device)}" is unknown: choose auto, cpu, cuda, cuda:0 or mps.')
        return self

    def epoch(self, images: int) -> Epoch:
        """What an epoch over that many training pictures is."""
        return Epoch(images, self.batch_size, self.drop_last)


class ProbeSpec(Spec):
    """What to watch, and how much time that may take."""

    enabled: bool = True
    images: int = 32  # size of the fixed probe batch
    budget: float = 0.05  # largest share of wall time; kept by stretching the interval
    film: int = 0  # checkpoints kept along the way, at most (core/spec/film.py); 0: no film

    @model_validator(mode="after")
    def _possible(self) -> Self:
        within("number of probe images", self.images, 2, 512)
        if not 0 < self.budget <= 1:
            raise ValueError(f"A probe budget of {self.budget:g} is not a share of time: choose 0.01 to 1.")
        if self.film:
            within("number of checkpoints of a film", self.film, 2, PROBES["film"].bounds[1])
        return self


def fitted(net: NetSpec, data: str) -> NetSpec:
    """The net as it is trained on these pictures where nobody said for how many classes: for theirs."""
    pictures = dataset_of(data)
    return net.but(num_classes=len(pictures.classes)) if net.image_size == pictures.size else net


class RunSpec(Spec):
    """A net, a recipe and what to watch: everything that decides a run."""

    net: NetSpec = Field(default_factory=NetSpec)
    train: TrainSpec = Field(default_factory=TrainSpec)
    probes: ProbeSpec = Field(default_factory=ProbeSpec)

    def elsewhere(self) -> Self:
        """The same as another machine may read it: without the way to the folder of pictures."""
        return self.but(train=self.train.but(data=elsewhere(self.train.data)))

    @model_validator(mode="after")
    def _pictures_fit(self) -> Self:
        pictures = dataset_of(self.train.data)
        if self.net.image_size != pictures.size:
            stem = " or a 3×3 stem" if NET["stem"].offered(self.net.model_dump()) else ""
            raise ValueError(
                f"{self.net.name} is made for {self.net.image_size}×{self.net.image_size} pictures: "
                f"choose the CIFAR form{stem} to train it here."
            )
        classes = len(pictures.classes)
        if self.net.num_classes != classes:
            raise ValueError(
                f"{self.net.name} tells {self.net.num_classes:,} classes apart and the pictures have {classes}: "
                f"choose {classes} to train it here."
            )
        return self

    @property
    def digest(self) -> str:
        """Twelve hex digits that name this spec."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]
