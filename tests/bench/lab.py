"""A lab with very many runs, and how long its lists take: ``python -m tests.bench.lab [--runs N] [--rounds N] [DIR]``.

Twelve runs have 10,000 events, the others 100: reports, measurements, tests and checkpoints as a run makes them. Times
are those of the server: from the store to what a browser is sent; those of its processor are what a machine with
nothing else to do would take. ``DIR`` keeps the lab, or shows one that was kept.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

from core.record.events import Event
from core.spec import NetSpec, RunSpec, TrainSpec
from core.store.identity import Identity
from core.store.store import Store
from core.vocabulary.numbers import memory

ME = Identity(1, 1.0)
LONG, MANY, FEW = 12, 10_000, 100  # runs with many events; events of those, and of the others
LAYERS = 20
DEPTHS, NORMS, RATES = (8, 14, 20, 32, 44, 56, 110), ("batch", "group", "none"), (0.1, 0.05, 0.01)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = (options.folder or Path(temporary) / "lab").absolute()
        os.environ["DEPTHLAB_HOME"] = str(home)
        store = Store(home)
        if not store.runs():
            start = time.perf_counter()
            fill(store, options.runs)
            print(f"made in {time.perf_counter() - start:.0f} s")
        size = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
        print(f"{options.runs:,} runs, {memory(size)}; n = {options.rounds}\n")
        print("| in the server | first | median | range | of its processor |\n|---|---|---|---|---|")
        for name, act in opened([run.id for run in store.runs()[-LONG:]]).items():
            walls, processors = zip(*(_timed(act) for _ in range(options.rounds + 1)), strict=True)
            middle, (first, *rest) = statistics.median(walls[1:]), walls
            print(
                f"| {name} | {first:.0f} ms | {middle:.0f} ms | {min(rest):.0f} to {max(rest):.0f} ms "
                f"| {statistics.median(processors[1:]):.0f} ms |",
                flush=True,
            )


def opened(longest: Sequence[str]) -> dict[str, Callable[[], Any]]:
    """What is opened, by its name; ``longest`` are ids of runs with very many events."""
    from streamlit.testing.v1 import AppTest

    from core.answers import networks
    from core.cli.runs import runs
    from core.engine import client
    from core.web.registry import COMPARE, HOME, INSPECT, RUNS, TRAIN, Page
    from core.web.train import recordings

    shell = Path(sys.modules["core.web.registry"].__file__ or "").with_name("shell.py")

    def page(subject: Page, **query: str) -> Callable[[], None]:
        def open_it() -> None:
            app = AppTest.from_file(str(shell), default_timeout=120)
            app.query_params.update(query)
            app.switch_page(subject.path)
            assert not app.run().exception

        return open_it

    def listed() -> None:
        with redirect_stdout(io.StringIO()):
            runs(Namespace(query=["depth>20"], limit=1000, bin=False, json=False))

    def told() -> None:
        for run_id in longest:
            recordings.answer(client.store(), client.store().known(run_id), 0)

    return {
        "Runs": page(RUNS),
        "Runs, a search": page(RUNS, find="depth>20 norm:none"),
        f"Compare of {len(longest)} long runs": page(COMPARE, runs=",".join(longest)),
        f"what browsers are sent of these {len(longest)}": told,
        "Home": page(HOME),
        "Train": page(TRAIN),
        "Inspect's list of nets": lambda: networks.networks(client.store()),
        "Inspect": page(INSPECT),
        "the command runs": listed,
    }


def fill(store: Store, count: int) -> None:
    """Make that many runs, the first twelve of them long."""
    for number in range(count):
        net = NetSpec.make(depth=DEPTHS[number % 7], norm=NORMS[number // 7 % 3], skip=number // 21 % 2 == 0)
        train = TrainSpec(seed=number // 42, lr=RATES[number // 5 % 3], epochs=200 if number < LONG else 10)
        run_id = store.create_run(RunSpec(net=net, train=train), holder=ME)
        (store.folder(run_id) / "checkpoint-390.safetensors").write_bytes(bytes(4096))
        events = told(number, MANY if number < LONG else FEW)
        store.append(run_id, events, ME, status="finished", step=events[-1].step, ended=time.time())


def told(number: int, count: int) -> list[Event]:
    """So many events: of twenty one test, two measurements, one checkpoint, and reports of ten steps."""
    random = np.random.default_rng(number)
    names = [f"layer{layer}" for layer in range(LAYERS)]
    events = [Event("started", 0, {"steps_per_epoch": 160, "layers": names})]
    for index in range(1, count - 1):
        step, epoch = 10 * index, index // 20
        if index % 20 == 0:
            accuracy = float(1 - np.exp(-epoch / 40)) * 0.9
            events.append(Event("evaluation", step, {"epoch": epoch, "test_accuracy": accuracy, "precision": "bf16"}))
        elif index % 20 == 1:
            events.append(Event("checkpoint", step, {"file": f"checkpoint-{step}.safetensors"}))
        elif index % 10 == 2:
            norms = {name: random.lognormal(size=LAYERS) for name in ("weight_grad", "signal_grad", "mean", "std")}
            events.append(Event("probe", step, norms))
        else:
            traces = {name: random.normal(size=10).astype(np.float32) for name in ("loss", "accuracy", "lr")}
            steps = np.arange(step - 9, step + 1, dtype=np.int32)
            pace = {"seconds": step / 9, "seconds_left": 0.0, "images_per_second": 1200.0, "epoch": step / 160}
            events.append(Event("metrics", step, {"steps": steps, **traces, **pace}))
    return [*events, Event("finished", 10 * count, {})]


def _timed(act: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds, and those of this process's processor."""
    start, processor = time.perf_counter(), time.process_time()
    act()
    return 1000 * (time.perf_counter() - start), 1000 * (time.process_time() - processor)


if __name__ == "__main__":
    main()
