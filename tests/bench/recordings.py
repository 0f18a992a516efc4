"""How long the first answer about a long run takes: ``python -m tests.bench.recordings [--steps N] [--rounds N]``.

For the first viewer, who waits for the whole past; for the next ones; and for one who comes while the run goes on.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from core.record.events import Event
from core.spec import RunSpec
from core.store.identity import Identity
from core.store.store import Store
from core.vocabulary.numbers import memory
from core.web.train import recordings

ME = Identity(1, 1.0)
REPORT = 10  # steps in a metrics event
LOOK = 50  # steps between two measurements
LAYERS, BINS = 20, 66


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        run_id = recorded(store, options.steps)
        run = store.known(run_id)
        first, told = _timed(store, run_id)
        print(f"{options.steps:,} steps, {LAYERS} layers; the answer has {memory(len(told))}; n = {options.rounds}\n")
        print("| first answer | median | range |\n|---|---|---|")
        _row("for the first viewer (n = 1)", [first])
        _row("for the next ones", [_timed(store, run_id)[0] for _ in range(options.rounds)])
        growing = []
        for number in range(options.rounds):
            store.append(run.id, reports(options.steps + number * REPORT, REPORT), ME)
            growing.append(_timed(store, run_id)[0])
        _row("while the run goes on, after each report", growing)


def _timed(store: Store, run_id: str) -> tuple[float, str]:
    start = time.perf_counter()
    told = recordings.answer(store, store.known(run_id), 0)
    return 1000 * (time.perf_counter() - start), told


def recorded(store: Store, steps: int) -> str:
    run_id = store.create_run(RunSpec(), holder=ME)
    names = [f"layer{number}" for number in range(LAYERS)]
    store.append(run_id, [Event("started", 0, {"steps_per_epoch": 390, "layers": names}), *reports(0, steps)], ME)
    return run_id


def reports(first: int, count: int) -> list[Event]:
    random = np.random.default_rng(first)
    events = []
    for start in range(first, first + count, REPORT):
        traces = {name: random.normal(size=REPORT).astype(np.float32) for name in ("loss", "accuracy", "lr")}
        steps = np.arange(start + 1, start + REPORT + 1, dtype=np.int32)
        if start % LOOK == 0:
            norms = {name: random.lognormal(size=LAYERS) for name in ("weight_grad", "signal_grad", "mean", "std")}
            counts = random.integers(0, 500, (LAYERS, BINS), np.int32)
            events.append(Event("probe", start, {**norms, "histogram": counts}))
        events.append(Event("metrics", start + REPORT, {"steps": steps, **traces, "seconds": start / 9, "epoch": 0.0}))
    return events


def _row(name: str, values: list[float]) -> None:
    print(f"| {name} | {statistics.median(values):.0f} ms | {min(values):.0f} to {max(values):.0f} ms |", flush=True)


if __name__ == "__main__":
    main()
