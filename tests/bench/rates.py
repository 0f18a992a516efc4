"""Images per second of one net, by our loop and by those that people would write instead, taken in turn."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn import functional

from core.data.files import Dataset
from core.probes.timing import synchronize
from core.spec import ProbeSpec, RunSpec, TrainSpec, preset
from core.store.home import ROOT
from core.train.loop import train
from core.train.trainer import Trainer

BATCH = 128
HEAD = "| images per second | median | range | against the study's loop |\n|---|---|---|---|"


@dataclass(frozen=True)
class Rate:
    """What one contestant reached."""

    name: str
    median: float  # images per second
    least: float
    most: float
    ratio: float  # of the medians, to the study's loop

    def row(self) -> str:
        return f"| {self.name} | {self.median:,.0f} | {self.least:,.0f} to {self.most:,.0f} | {self.ratio:.2f} × |"


class Rates:
    """The contestants: each trains one epoch when called and says how many seconds that took."""

    def __init__(self, net: str, device: str, data: str, dataset: Dataset) -> None:
        self.spec = preset(net)
        self.recipe = TrainSpec(device=device, data=data, batch_size=BATCH, epochs=10_000)
        self.dataset = dataset
        fast = self._trainer("auto")
        self.device = fast.device
        self.study = _start_study(net, data, str(self.device))
        self.images = BATCH * fast.steps_per_epoch
        precisions = dict.fromkeys(("float32", fast.precision))
        self.contestants: dict[str, Callable[[], float]] = {
            "the study's loop: PIL, 2 loader processes, float32": self._study_epoch,
            **{f"a bare loop: one minibatch again and again, {name}": self._bare(name) for name in precisions},
            **{f"this trainer, {name}, no probes": self._steps(self._trainer(name)) for name in precisions},
            f"this trainer, {fast.precision}, whole loop, no probes": self._loop(probes=False),
            f"this trainer, {fast.precision}, whole loop, probes": self._loop(probes=True),
        }

    def measure(self, rounds: int) -> list[Rate]:
        """All of them in turn, after one round to warm up; ends the study's process."""
        rates: dict[str, list[float]] = {name: [] for name in self.contestants}
        try:
            for round_number in range(rounds + 1):
                for name, contestant in self.contestants.items():
                    rate = self.images / contestant()
                    if round_number:
                        rates[name].append(rate)
        finally:
            self.study.terminate()
            self.study.wait()
        medians = {name: statistics.median(values) for name, values in rates.items()}
        base = next(iter(medians.values()))
        return [
            Rate(name, medians[name], min(values), max(values), medians[name] / base) for name, values in rates.items()
        ]

    def _study_epoch(self) -> float:
        assert self.study.stdin is not None
        assert self.study.stdout is not None
        print("epoch", file=self.study.stdin, flush=True)
        return float(self.study.stdout.readline())

    def _trainer(self, precision: str, probes: bool = False) -> Trainer:
        recipe = self.recipe.but(precision=precision)
        return Trainer(RunSpec(net=self.spec, train=recipe, probes=ProbeSpec(enabled=probes)), self.dataset)

    def _bare(self, precision: str) -> Callable[[], float]:
        """What torch itself needs: no new pictures, no schedule, nothing logged."""
        trainer = self._trainer(precision)
        images, labels = trainer.batches.batch(0)
        net = trainer.net
        optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

        def epoch() -> None:
            for _ in range(trainer.steps_per_epoch):
                optimizer.zero_grad()
                with trainer.autocast():
                    logits = net(images)
                functional.cross_entropy(logits.float(), labels).backward()
                optimizer.step()

        return lambda: self._seconds(epoch)

    def _steps(self, trainer: Trainer) -> Callable[[], float]:
        def epoch() -> None:
            for _ in range(trainer.steps_per_epoch):
                trainer.train_step()

        return lambda: self._seconds(epoch)

    def _loop(self, probes: bool) -> Callable[[], float]:
        """An epoch of the loop as a worker runs it, with its reports; evaluation and checkpoint are not timed."""
        trainer = self._trainer("auto", probes)
        events = train(trainer, trainer.watcher(), lambda seconds: [])

        def until(kind: str, step: int) -> None:
            while not ((event := next(events)).kind == kind and event.step == step):
                pass

        def epoch() -> float:
            end = (trainer.step // trainer.steps_per_epoch + 1) * trainer.steps_per_epoch
            seconds = self._seconds(lambda: until("metrics", end))
            until("checkpoint", end)
            return seconds

        return epoch

    def _seconds(self, work: Callable[[], object]) -> float:
        synchronize(self.device)
        start = time.perf_counter()
        work()
        synchronize(self.device)
        return time.perf_counter() - start


def _start_study(net: str, data: str, device: str) -> subprocess.Popen[str]:
    """The study's loop in a process as it comes, without what :func:`prepare_to_train` sets up for ours."""
    ours = ("GOMP_SPINCOUNT", "THP_MEM_ALLOC_ENABLE")
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("study_loop.py")), net, data, device],
        env={name: value for name, value in os.environ.items() if name not in ours} | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
