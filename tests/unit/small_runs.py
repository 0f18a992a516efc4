"""Runs that take a fraction of a second, for the tests of probes and training."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from core.data.files import Dataset
from core.record.events import Command, Event
from core.spec import NetSpec, ProbeSpec, RunSpec, TrainSpec
from core.train.loop import train
from core.train.trainer import Trainer
from core.vocabulary.datasets import DATASETS

torch.set_num_threads(1)  # nets this small gain nothing from two, and lose much where another process holds a core

NETS = {
    "resnet": NetSpec(depth=8, width=4, shortcut="B"),
    "plain": NetSpec(depth=8, width=4, skip=False, norm="none"),
    "densenet": NetSpec(family="densenet", depth=10, growth_rate=4),
    "vgg": NetSpec(family="vgg", depth=11, width=4),
}
PRECISIONS = ("float32", "bf16")


def pictures(train: int = 64, test: int = 20) -> Dataset:
    """Noise with a brightness that depends on the class, so that there is something to learn."""
    random = np.random.default_rng(0)
    labels = np.arange(train + test, dtype=np.uint8) % 10
    images = random.integers(0, 100, (train + test, 3, 32, 32)) + 15 * labels[:, None, None, None]
    images = images.astype(np.uint8)
    return Dataset(DATASETS["cifar10"], images[:train], labels[:train], images[train:], labels[train:])


def run_spec(net: str | NetSpec = "resnet", probes: bool = False, **recipe: Any) -> RunSpec:
    """Two epochs of four steps on the CPU in float32, unless said otherwise."""
    spec = NETS[net] if isinstance(net, str) else net
    defaults = {"epochs": 2, "batch_size": 16, "device": "cpu", "precision": "float32", "threads": 1}
    return RunSpec(net=spec, train=TrainSpec.make(**(defaults | recipe)), probes=ProbeSpec(enabled=probes, images=8))


def trainer(net: str | NetSpec = "resnet", **recipe: Any) -> Trainer:
    return Trainer(run_spec(net, **recipe), pictures())


def no_commands(seconds: float) -> list[Command]:
    return []


def events_of(trainer: Trainer) -> list[Event]:
    """The whole run, unwatched and undisturbed."""
    return list(train(trainer, None, no_commands))


def all_losses(events: list[Event]) -> np.ndarray:
    return np.concatenate([event.payload["loss"] for event in events if event.kind == "metrics"])
