"""Everything that one run trains with, the training step itself, and its state to save and resume."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from core.arith import training_bytes
from core.data.batches import Batches
from core.data.files import Dataset
from core.nets import build
from core.probes.timing import Stopwatch
from core.probes.watch import Watcher
from core.record.payloads import Operation
from core.spec import RunSpec
from core.spec.warmup import settled
from core.train.checkpoint import CheckpointError, State, first_not_finite
from core.train.device import check_memory, choose, choose_precision, keep_float32_whole, make_deterministic
from core.train.optimizer import Optimizer, named_state
from core.train.rate import Asked
from core.train.schedule import learning_rate
from core.train.threads import Processor, Threads, most_threads

TEST_BATCH = 500  # images
ADDED = ("clips",)  # tensors of the state that older checkpoints lack: they begin at 0


class Trainer:
    """A net, its optimiser and its minibatches on one device; knows nothing of events, files or viewers.

    The same spec gives the same run, bit for bit, on the same device with the same number of threads. Raises
    DeviceError where the device is missing or too small, SpecError where the warm-up is longer than the run.
    """

    def __init__(self, run: RunSpec, dataset: Dataset) -> None:
        (run,) = settled([run], len(dataset.train_labels))
        recipe = run.train
        self.run = run
        self.data_digest, self.train_digest = dataset.digest, dataset.train_digest
        needed = training_bytes(run.net, recipe.batch_size, 2)  # bytes, at least
        self.device, self.device_note = choose(recipe.device, needed)
        self.precision = choose_precision(recipe.precision, self.device)
        check_memory(run.net, recipe.batch_size, self.precision, self.device)
        if self.device.type == "cuda":
            make_deterministic()
            keep_float32_whole()
        self.threads = self._threads()
        torch.default_generator.manual_seed(recipe.seed)  # of the CPU, which dropout and stochastic depth draw from

        self.batches = Batches(dataset, recipe.batch_size, recipe.seed, self.device, recipe.augment, recipe.drop_last)
        self.epoch = self.batches.epoch
        self.steps_per_epoch = self.epoch.steps
        self.total_steps = recipe.epochs * self.steps_per_epoch
        self.net = build(run.net, recipe.seed).to(self.device).to(memory_format=torch.channels_last)
        self.parameters = list(self.net.parameters())
        self.optimizer = Optimizer(self.net, recipe)

        self.step = 0  # optimiser steps done
        self.begins_at = 0  # step at which this run begins: further on, where it goes on from another one
        self.taken_over: Operation | None = None  # what came of the state of the run that it goes on from
        self.asked: Asked | None = None  # learning rate that was set by hand
        self.clock = Stopwatch()  # seconds of training, and of nothing else
        # loss and accuracy of each minibatch of the epoch stay on the device until somebody reads them
        self.log = torch.zeros(self.steps_per_epoch, 2, device=self.device)
        self.clips = torch.zeros(2, dtype=torch.int64, device=self.device)  # steps that were clipped, and all of them

    def _threads(self) -> Threads | None:
        """Who watches over the number of threads, beginning with as many as torch has now; None where it is fixed."""
        wanted = self.run.train.threads
        if wanted != "auto":
            torch.set_num_threads(wanted)
            return None
        most = max(torch.get_num_threads(), most_threads())
        if self.device.type != "cpu" or most == 1:
            return None
        return Threads(torch.get_num_threads(), most, Processor())

    def train_step(self) -> None:
        """One minibatch: forward, backward, update. Nothing here makes the device wait for the host."""
        images, labels = self.batches.batch(self.step)
        self.optimizer.lr = self.lr(self.step)
        with self.autocast():
            logits = self.net(images)  # (B, classes)
        loss = functional.cross_entropy(logits.float(), labels)
        self.optimizer.zero_grad()
        loss.backward()
        if limit := self.run.train.grad_clip:
            norm = clip_grad_norm_(self.parameters, limit)
            self.clips += torch.stack((norm > limit, torch.ones_like(norm, dtype=torch.bool)))
        self.optimizer.step()
        accuracy = (logits.detach().argmax(1) == labels).float().mean()
        self.log[self.step % self.steps_per_epoch] = torch.stack((loss.detach(), accuracy))
        self.step += 1

    def lr(self, step: int) -> float:
        """Learning rate of the minibatch after ``step`` steps: as scheduled, or as set by hand."""
        return self.asked.at(step, self.scheduled_lr) if self.asked else self.scheduled_lr(step)

    def scheduled_lr(self, step: int) -> float:
        return learning_rate(self.run.train, step, self.total_steps, self.steps_per_epoch)

    def autocast(self) -> AbstractContextManager[Any]:
        """bf16 where it is exact enough, float32 elsewhere; parameters stay float32."""
        if self.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    def recent(self, steps: int) -> Tensor:
        """(steps, 2) float32 on the CPU: loss and accuracy of the latest steps, none of them of an earlier epoch."""
        end = (self.step - 1) % self.steps_per_epoch + 1
        return self.log[end - steps : end].to("cpu", copy=True)

    def epoch_means(self) -> tuple[float, float]:
        """Mean loss and accuracy over the pictures that the latest epoch had so far; at least one step is done."""
        steps = (self.step - 1) % self.steps_per_epoch + 1
        sizes = torch.tensor([self.epoch.size(position) for position in range(steps)], dtype=torch.float64)
        loss, accuracy = (self.recent(steps).double() * sizes[:, None]).sum(0).div(sizes.sum()).tolist()
        return loss, accuracy

    def clipped(self) -> float | None:
        """Share of the steps so far whose gradient was clipped; None where clipping is off."""
        clipped, steps = self.clips.tolist() if self.run.train.grad_clip else (0, 0)
        return clipped / steps if steps else None

    def evaluate(self) -> tuple[float, float]:
        """Loss and accuracy (a fraction) over the test images, in eval mode."""
        totals = torch.zeros(2, dtype=torch.float32, device=self.device)
        images_seen = 0
        with _evaluating(self.net), torch.inference_mode(), self.autocast():
            for images, labels in self.batches.test_batches(TEST_BATCH):
                logits = self.net(images).float()
                loss = functional.cross_entropy(logits, labels, reduction="sum")
                totals += torch.stack((loss, (logits.argmax(1) == labels).sum()))
                images_seen += len(labels)
        loss_sum, correct = totals.tolist()
        return loss_sum / images_seen, correct / images_seen

    def watcher(self) -> Watcher | None:
        """What watches this run as its spec says; None where probes are off."""
        if not self.run.probes.enabled:
            return None
        images, labels = self.batches.probe_batch(self.run.probes.images)
        return Watcher(self.net, images, labels, self.run.probes, self.autocast, self.steps_per_epoch)

    def tensors(self) -> State:
        """The tensors that training changes, themselves: weights, buffers, optimiser, log of the epoch, clips."""
        named = {f"net.{name}": tensor.detach() for name, tensor in self.net.state_dict(keep_vars=True).items()}
        named |= {f"optimizer.{name}": tensor for name, tensor in named_state(self.net, self.optimizer)}
        return named | {"log": self.log} | ({"clips": self.clips} if self.run.train.grad_clip else {})

    def is_finite(self) -> bool:
        """Whether weights, buffers and optimiser state are free of NaN and infinity; waits for the device."""
        tensors = self.tensors()
        sums = torch.stack([tensor.sum() for tensor in tensors.values() if tensor.is_floating_point()])
        return bool(sums.isfinite().all()) or first_not_finite(tensors) is None  # a sum may overflow on its own

    def state(self) -> State:
        """Copies on the CPU of all that decides how training goes on; :meth:`load_state` takes them back."""
        state = {name: tensor.to("cpu", copy=True).contiguous() for name, tensor in self.tensors().items()}
        return state | {
            "step": torch.tensor(self.step),
            "lr_asked": torch.tensor(self.asked.rate if self.asked else 0.0, dtype=torch.float64),
            "lr_asked_since": torch.tensor(self.asked.since if self.asked else 0),
            "seconds": torch.tensor(self.clock.seconds, dtype=torch.float64),
            "random": torch.get_rng_state(),
        }

    def load_state(self, state: State) -> None:
        """Go on from there. Raises CheckpointError, with nothing changed, where it is not a state of this run."""
        here = self.state()
        state = self._of_today({name: torch.zeros_like(here[name]) for name in ADDED if name in here} | state)
        unlike = [name for name in here.keys() | state.keys() if not _alike(here.get(name), state.get(name))]
        if unlike:
            raise CheckpointError(
                f"The checkpoint is of another net or recipe than this {self.run.net.name} ({min(unlike)} differs): "
                "resume it with its own spec."
            )
        if not 0 <= int(state["step"]) <= self.total_steps:
            raise CheckpointError(
                f"The checkpoint is at step {int(state['step'])} and this run has {self.total_steps}: "
                "resume it with its own spec."
            )
        for name, tensor in self.tensors().items():
            tensor.copy_(state[name])
        self.step = int(state["step"])
        asked = float(state["lr_asked"])
        self.asked = Asked(asked, int(state["lr_asked_since"])) if asked else None
        self.clock.seconds = float(state["seconds"])
        torch.set_rng_state(state["random"])

    def _of_today(self, state: State) -> State:
        """What an older version wrote, in today's terms: it kept a factor for all of the schedule.

        When that rate was set is not known, so it counts as set by hand at the step of the checkpoint.
        """
        if "lr_scale" not in state:
            return state
        step = min(int(state.get("step", torch.tensor(0))), self.total_steps - 1)
        scale = float(state["lr_scale"])
        asked = scale * self.scheduled_lr(step) if scale != 1 else 0.0
        today = {
            "lr_asked": torch.tensor(asked, dtype=torch.float64),
            "lr_asked_since": torch.tensor(step if asked else 0),
        }
        return {name: tensor for name, tensor in state.items() if name != "lr_scale"} | today


def _alike(one: Tensor | None, other: Tensor | None) -> bool:
    return one is not None and other is not None and one.shape == other.shape and one.dtype == other.dtype


@contextmanager
def _evaluating(net: torch.nn.Module) -> Iterator[None]:
    net.eval()
    try:
        yield
    finally:
        net.train()
