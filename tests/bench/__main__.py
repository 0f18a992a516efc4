"""``make bench``: what the claims of speed rest on, side by side, in one run, as a table.

python -m tests.bench [--net smallresnet] [--device auto] [--rounds 5] [--data sample]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import torch

from core.data.files import Dataset, load
from core.engine import client
from core.machine import total_memory
from core.spec import ProbeSpec, RunSpec, TrainSpec, preset
from core.train.device import device_name
from core.train.loop import train
from core.train.trainer import Trainer
from tests.bench.answers import answer_times, drawing_times

BATCH = 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", default="smallresnet")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--data", default="sample")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    dataset = load(options.data)
    lab = Bench(options.net, options.device, options.data, dataset)
    print(f"{lab.machine}; {options.net}, batch {BATCH}, {len(dataset.train_images):,} pictures an epoch")
    print(f"n = {options.rounds} rounds, taken in turn after one to warm up; median (smallest to largest)\n")
    print("| images per second | median | range | against the study's loop |")
    print("|---|---|---|---|")
    lab.table(options.rounds)
    lab.study.terminate()
    print("\n| time | median | range |")
    print("|---|---|---|")
    _row("Train pressed to first point, warm worker", first_points(options.rounds), "{:.2f} s")
    for name, seconds in answer_times(4 * options.rounds).items():
        _row(f"{name}, warm", seconds, "{:.3f} s")
    for name, seconds in drawing_times(4 * options.rounds).items():
        _row(f"counts and drawing of {name}, not kept", seconds, "{:.3f} s")


class Bench:
    """The contestants: each trains one epoch when called and says how many seconds that took."""

    def __init__(self, net: str, device: str, data: str, dataset: Dataset) -> None:
        self.spec = preset(net)
        self.recipe = TrainSpec(device=device, data=data, batch_size=BATCH, epochs=10_000)
        self.dataset = dataset
        bf16 = self._trainer("auto")
        self.device = bf16.device
        self.study = _start_study(net, data, str(self.device))
        self.images = BATCH * bf16.steps_per_epoch
        self.contestants: dict[str, Callable[[], float]] = {
            "the study's loop: PIL, 2 loader processes, float32": self._study_epoch,
            "this trainer, float32, no probes": self._steps(self._trainer("float32")),
            f"this trainer, {bf16.precision}, no probes": self._steps(bf16),
            f"this trainer, {bf16.precision}, whole loop, no probes": self._loop(probes=False),
            f"this trainer, {bf16.precision}, whole loop, probes": self._loop(probes=True),
        }
        memory = total_memory().total / 2**30
        self.machine = (
            f"{device_name(self.device)} ({self.device.type}), {client.cores()} CPU cores, {memory:.0f} GiB, "
            f"torch {torch.__version__}, {torch.get_num_threads()} threads"
        )

    def _study_epoch(self) -> float:
        assert self.study.stdin is not None
        assert self.study.stdout is not None
        print("epoch", file=self.study.stdin, flush=True)
        return float(self.study.stdout.readline())

    def table(self, rounds: int) -> None:
        rates: dict[str, list[float]] = {name: [] for name in self.contestants}
        for round_number in range(rounds + 1):
            for name, contestant in self.contestants.items():
                rate = self.images / contestant()
                if round_number:
                    rates[name].append(rate)
        base = statistics.median(next(iter(rates.values())))
        for name, values in rates.items():
            _row(name, values, "{:,.0f}", f" {statistics.median(values) / base:.2f} × |")

    def _trainer(self, precision: str, probes: bool = False) -> Trainer:
        recipe = self.recipe.but(precision=precision)
        return Trainer(RunSpec(net=self.spec, train=recipe, probes=ProbeSpec(enabled=probes)), self.dataset)

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
        self._synchronize()
        start = time.perf_counter()
        work()
        self._synchronize()
        return time.perf_counter() - start

    def _synchronize(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def _start_study(net: str, data: str, device: str) -> subprocess.Popen[str]:
    """The study's loop in a process as it comes, without what :func:`prepare_to_train` sets up for ours."""
    ours = ("GOMP_SPINCOUNT", "THP_MEM_ALLOC_ENABLE")
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("study_loop.py")), net, data, device],
        env={name: value for name, value in os.environ.items() if name not in ours} | {"PYTHONPATH": str(client.ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def first_points(rounds: int) -> list[float]:
    """Seconds from submitting a run to its first loss in the store, with real processes and a warm worker."""
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DEPTHLAB_HOME"] = folder
        client.ensure_supervisor()
        try:
            for _ in range(rounds):
                _await(lambda: client.status().warm)
                start = time.perf_counter()
                run_id = client.submit(RunSpec(net=preset("resnet20"), train=TrainSpec(epochs=1)))
                _await(lambda run_id=run_id: client.store().latest(run_id, "metrics"))
                seconds.append(time.perf_counter() - start)
                client.command(run_id, "stop")
                _await(lambda run_id=run_id: not client.store().known(run_id).active)
        finally:
            _stop_engine(Path(folder))
    return seconds


def _await(condition: Callable[[], object]) -> None:
    while not condition():
        time.sleep(0.005)


def _stop_engine(home: Path) -> None:
    for process in psutil.process_iter(["cmdline", "environ"]):
        mine = (process.info["environ"] or {}).get("DEPTHLAB_HOME") == str(home)
        if mine and process.pid != os.getpid():
            process.kill()


def _row(name: str, values: list[float], form: str, more: str = "") -> None:
    low, high = form.format(min(values)), form.format(max(values))
    print(f"| {name} | {form.format(statistics.median(values))} | {low} to {high} |{more}", flush=True)


if __name__ == "__main__":
    main()
