"""``make bench``: what the claims of speed rest on, side by side, in one run, as a table.

python -m tests.bench [--net smallresnet] [--device auto] [--rounds 5] [--data sample]
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import torch

from core.data.files import load
from core.engine import client
from core.machine import total_memory
from core.spec import RunSpec, TrainSpec, preset
from core.train.device import device_name
from tests.bench.answers import answer_times, drawing_times
from tests.bench.rates import BATCH, HEAD, Rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", default="smallresnet")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--data", default="sample")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    dataset = load(options.data)
    rates = Rates(options.net, options.device, options.data, dataset)
    print(f"{_machine(rates.device)}; {options.net}, batch {BATCH}, {len(dataset.train_images):,} pictures an epoch")
    print(f"n = {options.rounds} rounds, taken in turn after one to warm up; median (smallest to largest)\n")
    print("\n".join([HEAD, *(rate.row() for rate in rates.measure(options.rounds))]))
    print("\n| time | median | range |")
    print("|---|---|---|")
    _row("A run submitted to its first point in the store, warm worker", first_points(options.rounds), "{:.2f} s")
    for name, seconds in answer_times(4 * options.rounds).items():
        _row(f"{name}, warm", seconds, "{:.3f} s")
    for name, seconds in drawing_times(4 * options.rounds).items():
        _row(f"counts and drawing of {name}, not kept", seconds, "{:.3f} s")


def _machine(device: torch.device) -> str:
    memory = total_memory().total / 2**30
    return (
        f"{device_name(device)} ({device.type}), {client.cores()} CPU cores, {memory:.0f} GiB, "
        f"torch {torch.__version__}, {torch.get_num_threads()} threads"
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
                _await(partial(client.store().latest, run_id, "metrics"))
                seconds.append(time.perf_counter() - start)
                client.command(run_id, "stop")
                _await(partial(_has_ended, run_id))
        finally:
            _stop_engine(Path(folder))
    return seconds


def _has_ended(run_id: str) -> bool:
    return not client.store().known(run_id).active


def _await(condition: Callable[[], object]) -> None:
    while not condition():
        time.sleep(0.005)


def _stop_engine(home: Path) -> None:
    for process in psutil.process_iter(["cmdline", "environ"]):
        mine = (process.info["environ"] or {}).get("DEPTHLAB_HOME") == str(home)
        if mine and process.pid != os.getpid():
            process.kill()


def _row(name: str, values: list[float], form: str) -> None:
    low, high = form.format(min(values)), form.format(max(values))
    print(f"| {name} | {form.format(statistics.median(values))} | {low} to {high} |", flush=True)


if __name__ == "__main__":
    main()
