"""What the training loop says in figures: the opening, the report since the last one, the summary."""

from __future__ import annotations

import math

import numpy as np
import torch

from core.probes.quantities import HISTOGRAM_EDGES
from core.probes.timing import Stopwatch
from core.probes.watch import Watcher
from core.record.events import Event
from core.record.payloads import FORMAT, End, Evaluation, Metrics, Pace, Place, Resumed, Started
from core.train.device import device_name
from core.train.trainer import Trainer
from core.train.versions import versions
from core.vocabulary.datasets import dataset_of

SMOOTHING = 0.3  # weight of the latest report in the time a step takes


class Meter:
    """Reads what the device has logged since the last report, and how fast that went."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.step = trainer.step  # up to where it was read
        self.seconds = self.start_seconds = trainer.clock.seconds
        self.reports = 0
        self.step_seconds = 0.0  # smoothed
        self.evaluations = 0
        self.evaluation_clock = Stopwatch()

    def read(self, watcher: Watcher | None) -> tuple[Event | None, int]:
        """A ``metrics`` event of the steps since the last one, if there are any whose loss is finite, and the number,
        from 1, of the first step whose loss is not finite, else 0."""
        trainer, first = self.trainer, self.step
        steps = trainer.step - first
        if not steps:
            return None, 0
        with trainer.clock:  # on a GPU the time of the steps shows here, where the host waits for them
            losses, accuracies = trainer.recent(steps).numpy().T
            clipped = trainer.clipped()
        self._time(steps)
        if watcher:
            watcher.pace.plan(
                trainer.step, trainer.total_steps, self.step_seconds, trainer.clock.seconds - self.start_seconds
            )
        finite = np.isfinite(losses)
        good = steps if finite.all() else int(finite.argmin())
        self.step = trainer.step
        if not good:
            return None, first + 1
        payload: Metrics = {
            "steps": np.arange(first + 1, first + good + 1, dtype=np.int32),
            "loss": losses[:good],
            "accuracy": accuracies[:good],
            "lr": np.array([trainer.lr(step) for step in range(first, first + good)], np.float32),
            "clipped": clipped,
            **self._pace(first + good, watcher),
        }
        event = Event("metrics", first + good, payload)
        return event, 0 if good == steps else first + good + 1

    def evaluate(self) -> Evaluation:
        """Payload of an ``evaluation`` event."""
        trainer = self.trainer
        with self.evaluation_clock:
            test_loss, test_accuracy = trainer.evaluate()
        self.evaluations += 1
        train_loss, train_accuracy = trainer.epoch_means()
        return {
            "epoch": trainer.step // trainer.steps_per_epoch,
            "precision": trainer.precision,
            "test_loss": test_loss if math.isfinite(test_loss) else None,  # JSON knows no infinity
            "test_accuracy": test_accuracy,
            "train_loss": train_loss,
            "train_accuracy": train_accuracy,
        }

    def _time(self, steps: int) -> None:
        """Smooth the time of a step; the first report has a cold start in it and is forgotten by the second."""
        step_seconds = (self.trainer.clock.seconds - self.seconds) / steps
        self.seconds = self.trainer.clock.seconds
        self.reports += 1
        weight = 1.0 if self.reports <= 2 else SMOOTHING
        self.step_seconds += weight * (step_seconds - self.step_seconds)

    def _pace(self, step: int, watcher: Watcher | None) -> Pace:
        trainer = self.trainer
        share = watcher.pace.share(trainer.clock.seconds - self.start_seconds) if watcher else 0.0
        epochs_left = trainer.run.train.epochs - step // trainer.steps_per_epoch
        evaluation_seconds = self.evaluation_clock.seconds / max(1, self.evaluations)
        training_left = (trainer.total_steps - step) * self.step_seconds
        return {
            "epoch": step / trainer.steps_per_epoch,
            "images_per_second": trainer.epoch.seen / (trainer.steps_per_epoch * self.step_seconds),
            "seconds": trainer.clock.seconds,
            "seconds_left": training_left / (1 - share) + epochs_left * evaluation_seconds,
            "probe_share": share,
            "probe_interval": watcher.pace.interval if watcher else 0,
        }


def opening(trainer: Trainer) -> Event:
    """``started``, or ``resumed`` where the trainer is further than where its run begins."""
    place: Place = {
        "device": device_name(trainer.device),
        "device_note": trainer.device_note,
        "precision": trainer.precision,
        "threads": torch.get_num_threads(),
        "versions": versions(),
    }
    if trainer.step > trainer.begins_at:
        resumed: Resumed = {"step": trainer.step, **place}
        return Event("resumed", trainer.step, resumed)
    net = trainer.net
    started: Started = {
        "format": FORMAT,
        "spec": trainer.run.model_dump(mode="json"),
        "name": trainer.run.net.name,
        "params": sum(parameter.numel() for parameter in trainer.parameters),
        "steps_per_epoch": trainer.steps_per_epoch,
        "total_steps": trainer.total_steps,
        "data": dataset_of(trainer.run.train.data).label,
        "data_digest": trainer.data_digest,
        "train_digest": trainer.train_digest,
        "images": trainer.epoch.images,
        "epoch": trainer.epoch.sentence,
        "layers": [layer.name for layer in net.layers],
        "blocks": [block.name for block in net.blocks],
        "ledger": [
            {"name": row.name, "sources": [{"name": name, "channels": channels} for name, channels in row.sources]}
            for row in net.ledger
        ],
        "histogram_edges": HISTOGRAM_EDGES,
        "taken_over": trainer.taken_over,
        **place,
    }
    return Event("started", trainer.step, started)


def summary(trainer: Trainer, evaluation: Evaluation | None) -> End:
    """What a run came to. Without an evaluation yet the training loss is that of the epoch so far."""
    seconds = trainer.clock.seconds
    so_far = trainer.epoch_means()[0] if trainer.step else None
    return {
        "test_accuracy": evaluation["test_accuracy"] if evaluation else None,
        "train_loss": evaluation["train_loss"] if evaluation else so_far,
        "images_per_second": trainer.epoch.pictures(trainer.step) / seconds if seconds else None,
        "seconds": seconds,
        "epochs": trainer.step // trainer.steps_per_epoch,
        "precision": trainer.precision,
        "clipped": trainer.clipped(),
    }
