"""Nets of the literature together with the recipe that they were trained by, as far as the lab has it."""

from __future__ import annotations

from typing import NamedTuple

from core.spec.net import NetSpec
from core.spec.presets import preset
from core.spec.run import TrainSpec


class Published(NamedTuple):
    """A net and its recipe, for all of CIFAR-10, wherever it lies here."""

    preset: str  # the net, by the lab's own initial weights
    net: NetSpec
    train: TrainSpec  # its pictures, its seed and what is of the machine mean nothing
    unlike: str  # a sentence: what is otherwise here


_STUDY = TrainSpec(epochs=30, drop_last=False, schedule_by="epoch")
# 64k iterations of 128 pictures, the rate a tenth at 32k and 48k (He 2015, section 4.2): 164 epochs of 391
_HE = TrainSpec(epochs=164, drop_last=False, schedule="step", warmup_steps=0)
_WARM = _HE.but(warmup_steps=400)
_MEAN = "The paper subtracts the mean of each pixel, the lab that of each channel, divided by its deviation"
_RISES = f"{_MEAN}; the paper's warm-up stays at rate 0.01 until 400 steps are done, the lab's rises to 0.1 in them."


def _study(name: str) -> Published:
    return Published(name, preset(name).but(init="default"), _STUDY, "")


def _he(name: str) -> Published:
    return Published(name, preset(name), _HE, f"{_MEAN}.")


def _warmed(name: str) -> Published:
    return Published(name, preset(name), _WARM, _RISES)


PUBLISHED: dict[str, Published] = {
    "SmallResNet with BN · the BN study": _study("smallresnet"),
    "SmallResNet without BN · the BN study": _study("smallresnet-nobn"),
    "plain-20 · He 2015": _he("plain20"),
    "plain-56 · He 2015": _he("plain56"),
    "ResNet-20 · He 2015": _he("resnet20"),
    "ResNet-56 · He 2015": _he("resnet56"),
    "ResNet-110 · He 2015": _warmed("resnet110"),
    "pre-activation ResNet-110 · He 2016": _warmed("preact110"),
    "pre-activation ResNet-164 · He 2016": _warmed("preact164"),
}


def name_of(net: NetSpec, train: TrainSpec) -> str | None:
    """By what name this net and recipe are published, on whatever pictures; None where they are not."""
    here = train.model_dump(include={"data", "seed", "device", "precision", "threads"})
    return next((name for name, each in PUBLISHED.items() if (each.net, each.train.but(**here)) == (net, train)), None)
