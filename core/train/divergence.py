"""When the loss is NaN or infinite: which step broke, in which layer, and the last state before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from core.probes.taps import tap
from core.train.checkpoint import State
from core.train.rate import Asked
from core.train.trainer import Trainer


class NotFiniteError(Exception):
    """Training must not go on: the loss of step ``step`` (from 1), or the weights before it, hold NaN or infinity."""

    def __init__(self, step: int) -> None:
        super().__init__(step)
        self.step = step


class Scalars(NamedTuple):
    """What decides how training goes on and does not lie on the device."""

    step: int
    asked: Asked | None
    seconds: float
    random: Tensor  # state of torch's generator on the CPU, where all randomness starts


class Snapshot:
    """A state kept on the device, to go back to: copying it takes microseconds and waits for nobody."""

    def __init__(self, trainer: Trainer) -> None:
        self._tensors: State = {name: tensor.clone() for name, tensor in trainer.tensors().items()}
        self._scalars = self._read_scalars(trainer)

    def keep(self, trainer: Trainer) -> None:
        torch._foreach_copy_(list(self._tensors.values()), list(trainer.tensors().values()))
        self._scalars = self._read_scalars(trainer)

    def restore(self, trainer: Trainer) -> None:
        torch._foreach_copy_(list(trainer.tensors().values()), list(self._tensors.values()))
        trainer.step, trainer.asked, trainer.clock.seconds, random = self._scalars
        torch.set_rng_state(random)

    @staticmethod
    def _read_scalars(trainer: Trainer) -> Scalars:
        return Scalars(trainer.step, trainer.asked, trainer.clock.seconds, torch.get_rng_state())


@dataclass(frozen=True)
class Fault:
    """Where a run broke."""

    step: int  # the first step, counted from 1, whose loss is not finite
    layer: str | None  # the first layer, in forward order, with NaN or infinity; None where a replay shows none
    what: str  # one sentence: what happened and what to do


def find_fault(trainer: Trainer, good: Snapshot, step: int) -> Fault:
    """Train again from the last good state, bit for bit, up to the step that broke, and look where.

    Afterwards trainer and ``good`` are at the last state that is finite throughout.
    """
    good.restore(trainer)
    while trainer.step < step - 1:
        trainer.train_step()
        if not trainer.is_finite():  # the update itself broke; the next minibatch would show it
            break
        good.keep(trainer)
    step = trainer.step + 1
    found = first_broken_layer(trainer)
    lr = trainer.lr(trainer.step - 1 if trainer.step else 0)
    good.restore(trainer)
    if found is None:
        what = (
            f"The loss of step {step} was not finite, but training again from step {trainer.step} shows nothing wrong: "
            "the memory or the device may be faulty, so resume from the last checkpoint."
        )
        return Fault(step, None, what)
    layer, part, value = found
    return Fault(step, layer, f"At step {step} the {part} of {layer} became {value}: {advice(trainer, lr)}.")


def first_broken_layer(trainer: Trainer) -> tuple[str, str, str] | None:
    """Name of the first layer whose weight or response to the next minibatch is not finite, which of the two it is,
    and whether it is NaN or infinite. The forward pass is that of a training step."""
    layers = trainer.net.layers
    images, _ = trainer.batches.batch(trainer.step)
    with tap([layer.signal for layer in layers]) as outputs, torch.no_grad(), trainer.autocast():
        trainer.net(images)
    for layer in layers:
        for part, values in (("weight", layer.module.weight), ("output", outputs[layer.signal])):
            value = _not_finite(values)
            if value:
                return layer.name, part, value
    return None


def advice(trainer: Trainer, lr: float) -> str:
    """What to change about this run."""
    changes = [f"lower the learning rate (it was {lr:.3g})"]
    if trainer.run.net.norm == "none":
        changes.append("switch BN on")
    if not trainer.run.train.grad_clip:
        changes.append("clip the gradients")
    return " or ".join(changes)


def _not_finite(values: Tensor) -> str | None:
    if bool(values.isfinite().all()):
        return None
    return "NaN" if bool(values.isnan().any()) else "infinite"
