"""Nets beside each other against one after the other: ``python -m tests.bench.race [--epochs N] [--rounds N]``."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from core.machine import cores
from core.processes.processor import prepare_to_train, share_cores

prepare_to_train()

import torch  # noqa: E402

from core.engine.race import execute  # noqa: E402
from core.spec import RunSpec, TrainSpec, preset  # noqa: E402
from core.store.identity import Identity  # noqa: E402
from core.store.store import Store  # noqa: E402
from core.train.device import device_name  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nets", nargs="*", default=["smallresnet", "smallresnet-nobn"])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    typed = parser.parse_args()
    share_cores()
    specs = [RunSpec(net=preset(name), train=TrainSpec(epochs=typed.epochs)) for name in typed.nets]
    after, beside = [], []
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        timed(store, [specs[:1]])  # warms up
        for _ in range(typed.rounds):
            after.append(timed(store, [[spec] for spec in specs]))
            beside.append(timed(store, [specs]))
    cpu = device_name(torch.device("cpu"))
    print(f"{cpu}, {cores()} cores, torch {torch.__version__}")
    print(f"{', '.join(typed.nets)}, {typed.epochs} epochs of the sample; n = {typed.rounds} rounds, taken in turn")
    for what, seconds in (("one after the other", after), ("beside each other", beside)):
        print(f"{what}: median {statistics.median(seconds):.1f} s ({min(seconds):.1f} to {max(seconds):.1f})")
    ratios = [one / other for one, other in zip(beside, after, strict=True)]
    print(f"beside / after: median {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


def timed(store: Store, races: list[list[RunSpec]]) -> float:
    """Seconds that these races take, one after the other."""
    start = time.perf_counter()
    for specs in races:
        execute(store, store.create_race(specs, owner="cli", holder=Identity.me()))
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
