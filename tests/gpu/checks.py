"""Is the lab right on this device? Each check says whether, and in one sentence what it found."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from core.data.files import Dataset
from core.probes.watch import Watcher
from core.processes.failures import NO_MEMORY, sentence
from core.spec import NetSpec, ProbeSpec, RunSpec, TrainSpec, preset
from core.train import checkpoint
from core.train.checkpoint import State
from core.train.device import DeviceError
from core.train.loop import train
from core.train.optimizer import Optimizer
from core.train.trainer import Trainer
from tests.gpu.waits import seen, waits

# Float32 rounds: the same sums in another order give other last bits, and each step multiplies the difference. How far
# that has come is measured on the CPU against float64, net by net and step by step; a device may be so many times as
# far from float64, for its luck in rounding is another one. TF32, which has 13 bits less, would be much further away.
TOLERANCE = 10
LEAST = 2e-6  # of a loss: some roundings of float32, however lucky the CPU was
BATCH = 32
DRAWS: dict[str, Any] = {"dropout": 0.3, "survival_probability": 0.5, "norm": "group"}  # random numbers at each step

NETS = {
    "resnet20": preset("resnet20"),
    "plain20 without norm": preset("plain20").but(norm="none"),
    "densenet-bc-40-12": preset("densenet-bc-40-12"),
    "resnet20 that draws": preset("resnet20").but(**DRAWS),
}
SMALL_NETS = {
    "resnet": NetSpec(depth=8, width=4, shortcut="B"),
    "plain without norm": NetSpec(depth=8, width=4, skip=False, norm="none"),
    "densenet": NetSpec(family="densenet", depth=10, growth_rate=4),
    "resnet that draws": NetSpec(depth=8, width=4, **DRAWS),
}
TOO_LARGE = NetSpec(depth=1202, width=1024)  # 80 billion parameters


@dataclass(frozen=True)
class Finding:
    """What a check came to."""

    check: str
    passed: bool | None  # None: not to be told on this device
    found: str  # one sentence

    def line(self) -> str:
        verdict = {True: "yes", False: "**no**", None: "not told"}[self.passed]
        return f"| {self.check} | {verdict} | {self.found} |"


Verdict = tuple[bool | None, str]


@dataclass(frozen=True)
class Lab:
    """What the checks train, and where."""

    device: torch.device
    dataset: Dataset
    nets: dict[str, NetSpec]
    steps: int  # of each run

    def trainer(self, net: NetSpec, device: str = "", **recipe: Any) -> Trainer:
        """A run of one epoch of so many steps; the nets that draw are also clipped, and trained with AdamW."""
        count = self.steps * BATCH
        few = replace(
            self.dataset,
            train_images=self.dataset.train_images[:count],
            train_labels=self.dataset.train_labels[:count],
            test_images=self.dataset.test_images[:100],
            test_labels=self.dataset.test_labels[:100],
        )
        usual: dict[str, Any] = {"lr": 0.02, "epochs": 1, "batch_size": BATCH, "precision": "float32", "threads": 1}
        if net.dropout:
            usual |= {"optimizer": "adamw", "lr": 0.001, "grad_clip": 0.5, "decay": "weights"}
        recipe = usual | {"device": device or str(self.device)} | recipe
        return Trainer(RunSpec(net=net, train=TrainSpec.make(**recipe), probes=ProbeSpec(enabled=False)), few)

    def kinds(self) -> list[tuple[str, NetSpec, str]]:
        """Each net in float32 and in what the device computes fastest in."""
        fast = "bf16" if self.device.type == "cpu" else "auto"
        return [(name, net, precision) for name, net in self.nets.items() for precision in ("float32", fast)]


def losses_agree(lab: Lab) -> Verdict:
    """With the CPU, in float32, minibatch by minibatch; the nets that draw draw other numbers there."""
    worst = {}
    for name, net in lab.nets.items():
        if not net.dropout:
            exact = losses_in_float64(lab.trainer(net, "cpu"))
            worst[name] = excess(losses(lab.trainer(net)), losses(lab.trainer(net, "cpu")), exact)
    said = ", ".join(f"{name} {times:.1f}" for name, times in worst.items())
    return max(worst.values()) <= TOLERANCE, (
        f"{lab.steps} losses in float32 are at most so many times as far from float64 as the CPU's, "
        f"where {TOLERANCE} are allowed: {said}."
    )


def losses(trainer: Trainer) -> np.ndarray:
    """Of all steps of one epoch, float64 (steps,)."""
    while trainer.step < trainer.total_steps:
        trainer.train_step()
    return trainer.recent(trainer.step)[:, 0].double().numpy()


def losses_in_float64(trainer: Trainer) -> np.ndarray:
    """The same by a loop of its own; the trainer is left as it is."""
    net = copy.deepcopy(trainer.net).double()
    optimizer = Optimizer(net, trainer.run.train)
    found = []
    for step in range(trainer.total_steps):
        images, labels = trainer.batches.batch(step)
        loss = functional.cross_entropy(net(images.double()), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.lr = trainer.scheduled_lr(step)
        optimizer.step()
        found.append(loss.item())
    return np.array(found)


def excess(found: np.ndarray, cpu: np.ndarray, exact: np.ndarray) -> float:
    """The largest ratio of the device's distance from ``exact`` to the CPU's so far, each relative to the loss."""
    usual = np.maximum.accumulate(np.abs(cpu - exact) / exact)
    return float((np.abs(found - exact) / exact / np.maximum(usual, LEAST)).max())


def repeats(lab: Lab) -> Verdict:
    """The same spec twice is the same run."""
    return _same(lab, lambda net, precision: _trained(lab.trainer(net, precision=precision)))


def resumes(lab: Lab) -> Verdict:
    """From a file written half-way, in a trainer of its own, with other random numbers drawn before."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.safetensors"

        def resumed(net: NetSpec, precision: str) -> State:
            first = lab.trainer(net, precision=precision)
            for _ in range(lab.steps // 2):
                first.train_step()
            checkpoint.save(path, first.state(), {})
            second = lab.trainer(net, precision=precision)
            torch.manual_seed(99)
            second.load_state(checkpoint.load(path)[0])
            return _trained(second)

        return _same(lab, resumed)


def watching_changes_nothing(lab: Lab) -> Verdict:
    """A look at each step, in the whole loop, against a run without probes."""

    def watched(net: NetSpec, precision: str) -> State:
        trainer = lab.trainer(net, precision=precision)
        images, labels = trainer.batches.probe_batch(16)
        watcher = EveryStep(trainer.net, images, labels, ProbeSpec(), trainer.autocast)
        looks = sum(event.kind == "probe" for event in train(trainer, watcher, lambda seconds: []))
        assert looks == lab.steps
        return _state(trainer)

    def alone(net: NetSpec, precision: str) -> State:
        trainer = lab.trainer(net, precision=precision)
        list(train(trainer, None, lambda seconds: []))
        return _state(trainer)

    return _same(lab, watched, alone)


class EveryStep(Watcher):
    """Looks at each step, whatever it costs."""

    def due(self, step: int) -> bool:
        return True


Outcome = Callable[[NetSpec, str], State]


def _same(lab: Lab, outcome: Outcome, straight: Outcome | None = None) -> Verdict:
    """Whether weights, buffers, optimiser, random state and each loss are those of a run straight through."""
    straight = straight or (lambda net, precision: _trained(lab.trainer(net, precision=precision)))
    unlike = []
    for name, net, precision in lab.kinds():
        expected, found = straight(net, precision), outcome(net, precision)
        assert expected.keys() == found.keys()
        names = [part for part, tensor in expected.items() if not torch.equal(tensor, found[part])]
        if names:
            unlike.append(f"{name} in {precision} differs in {len(names)} of {len(expected)} tensors ({names[0]})")
    if unlike:
        return False, "; ".join(unlike) + "."
    return True, f"{len(lab.kinds())} runs of {lab.steps} steps are the same bit for bit."


def _trained(trainer: Trainer) -> State:
    losses(trainer)
    return _state(trainer)


def _state(trainer: Trainer) -> State:
    """All that decides how it goes on, with the losses of the epoch, without the time it took."""
    return {name: tensor for name, tensor in trainer.state().items() if name != "seconds"}


def nobody_waits(lab: Lab) -> Verdict:
    """In the steps between two reports the host only hands out work, so that a GPU never runs dry."""
    if not seen(lab.device):
        return None, f"torch's profiler sees no calls on {lab.device}."
    found = {}
    for name, net, precision in lab.kinds():
        if net.dropout and lab.device.type == "cpu":
            continue  # draws its seeds from the CPU, which here is the device
        places = waits(lab.trainer(net, precision=precision), warm=lab.steps // 2, looked_at=lab.steps // 2)
        if places:
            found[f"{name} in {precision}"] = ", ".join(f"{place} ({times})" for place, times in places.items())
    if found:
        return False, "; ".join(f"{kind}: {places}" for kind, places in found.items()) + "."
    return True, f"no wait in {lab.steps // 2} steps of each net and precision."


def too_little_memory_is_said(lab: Lab) -> Verdict:
    """Before anything is allocated where the estimate knows it; else by the sentence that a run ends with."""
    try:
        lab.trainer(TOO_LARGE)
    except DeviceError as refusal:
        said = str(refusal)
    else:
        return False, f"{TOO_LARGE.name} was not refused."
    if lab.device.type != "cuda":
        return _one_sentence(said), said
    late = _out_of_memory(lab)
    return _one_sentence(said) and late == NO_MEMORY["run"], f"{said} In the middle of a step: {late}"


def _out_of_memory(lab: Lab) -> str:
    """What a run is told whose step does not fit, after which the device must go on."""
    trainer = lab.trainer(preset("resnet20"), batch_size=lab.steps * BATCH)
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(lab.device).total_memory
    torch.cuda.set_per_process_memory_fraction(torch.cuda.memory_reserved(lab.device) / total, lab.device)
    try:
        trainer.train_step()
        return "nothing, for it fitted"
    except Exception as error:
        said = sentence(error, Path("log.txt"))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, lab.device)
    lab.trainer(preset("resnet20")).train_step()
    return said


def _one_sentence(text: str) -> bool:
    return "\n" not in text and text.endswith(".") and "choose" in text


CHECKS: dict[str, Callable[[Lab], Verdict]] = {
    "losses are the CPU's": losses_agree,
    "the same run twice": repeats,
    "resumed bit for bit": resumes,
    "watching changes nothing": watching_changes_nothing,
    "nobody waits in a step": nobody_waits,
    "too little memory is said": too_little_memory_is_said,
}
