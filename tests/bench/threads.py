"""What ``threads: auto`` is worth beside other work: ``python -m tests.bench.threads [--seconds 40] [--rounds 3]``.

Each contestant trains in a process of its own, as runs do, by the whole loop without probes; the neighbours are loops
that keep a core busy each. The rates include what auto loses until it has noticed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.machine import cores

ROOT = Path(__file__).parents[2]
BUSY = "while True: pass"
SCENES = {"quiet": (0, 1), "one busy neighbour": (1, 1), "two busy neighbours": (2, 1), "two runs at once": (0, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", default="resnet20")
    parser.add_argument("--seconds", type=float, default=40.0, help="that each contestant trains")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--train", metavar="THREADS", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        print(_images_per_second(options.net, options.train, options.seconds))
        return
    numbers = ["1", str(cores()), "auto"]
    print(f"{options.net}, batch 128, {cores()} cores; images/s, n = {options.rounds} rounds in turn, median (range)\n")
    print(f"| | {' | '.join(f'{number} threads' for number in numbers)} | auto ÷ best fixed |")
    print("|---" * (len(numbers) + 2) + "|")
    for scene, (neighbours, runs) in SCENES.items():
        rates: dict[str, list[float]] = {number: [] for number in numbers}
        with _busy(neighbours):
            for _ in range(options.rounds):
                for number in numbers:
                    rates[number].append(_together(options.net, number, options.seconds, runs))
        medians = {number: statistics.median(values) for number, values in rates.items()}
        cells = [f"{medians[number]:,.0f} ({min(values):,.0f}–{max(values):,.0f})" for number, values in rates.items()]
        share = medians["auto"] / max(medians[number] for number in numbers if number != "auto")
        print(f"| {scene} | {' | '.join(cells)} | {share:.2f} |", flush=True)


def _together(net: str, threads: str, seconds: float, runs: int) -> float:
    """Images a second of so many runs side by side, added up."""
    command = [sys.executable, "-m", "tests.bench.threads", "--net", net, "--train", threads, "--seconds", str(seconds)]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(runs)]
    return sum(float(process.communicate()[0]) for process in started)


@contextmanager
def _busy(count: int) -> Iterator[None]:
    processes = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _images_per_second(net: str, threads: str, seconds: float) -> float:
    """Train for so long and say how fast, from the first minibatch that is warm."""
    from core.processes.processor import prepare_to_train

    prepare_to_train()  # before torch is imported, as a worker does
    from core.data.files import load
    from core.spec import RunSpec, TrainSpec, preset
    from core.train.loop import train
    from core.train.trainer import Trainer

    recipe = TrainSpec.make(epochs=10_000, device="cpu", threads="auto" if threads == "auto" else int(threads))
    trainer = Trainer(RunSpec(net=preset(net), train=recipe), load("sample"))
    trainer.train_step()
    begun, first = time.monotonic(), trainer.step
    for event in train(trainer, None, lambda wait: []):
        if event.kind == "threads":
            print(f"{trainer.step:6}: {event.payload}", file=sys.stderr)
        if time.monotonic() - begun >= seconds:
            break
    return (trainer.step - first) * recipe.batch_size / (time.monotonic() - begun)


if __name__ == "__main__":
    main()
