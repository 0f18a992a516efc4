"""``python -m core evaluate``: how often a trained net is right on the test pictures of its data set."""

from __future__ import annotations

import json
import math
import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.answers import networks
from core.check import never
from core.data.files import Dataset, load, resolved
from core.engine import client
from core.inspect.catalogue import PRECISION, Entry
from core.inspect.outcome import Outcome, outcome
from core.machine.gpus import leave_gpus_alone
from core.processes.processor import share_cores
from core.store.store import EngineError
from core.vocabulary.datasets import dataset_of
from core.vocabulary.numbers import percent

if TYPE_CHECKING:
    from core.inspect.trained import Trained

PIECE = 500  # pictures between two words of progress


def evaluate(typed: Namespace) -> None:
    """Print accuracy, of all and of each class, and who was taken for whom. Raises EngineError, DataError or
    WeightsError."""
    entry = networks.find(typed.net, client.store())
    data = resolved(typed.data, entry.classes)
    pictures = dataset_of(data)
    if entry.dataset != pictures:
        raise EngineError(
            f"{entry.title} does not tell {pictures.label}'s classes apart: name a net that was trained on them."
        )
    dataset = load(data)
    from core.inspect.trained import of_entry  # imports torch: only once it is known what to do

    leave_gpus_alone()
    share_cores()
    trained = of_entry(entry)
    started = time.perf_counter()
    found = outcome(_probabilities(trained, dataset), dataset.test_labels)
    seconds = time.perf_counter() - started
    if typed.json:
        print(json.dumps(facts_of(entry, data, pictures.classes, found, seconds)))
    else:
        _print_table(entry, pictures.classes, found, seconds)


def facts_of(entry: Entry, data: str, classes: Sequence[str], found: Outcome, seconds: float) -> dict[str, object]:
    """Ready for JSON; ``confusion`` has a row for each true class, a column for each that was said."""
    return {
        "net": entry.ref,
        "data": data,
        "precision": PRECISION,
        "n": int(found.confusion.sum()),
        "accuracy": found.accuracy,
        "interval": list(found.interval),
        "per_class": {
            name: None if math.isnan(share) else share
            for name, share in zip(classes, found.per_class.tolist(), strict=True)
        },
        "confusion": found.confusion.tolist(),
        "seconds": seconds,
    }


def _probabilities(trained: Trained, dataset: Dataset) -> np.ndarray:
    """(N, K), with the progress on standard error where somebody watches."""
    from core.inspect.predict import score

    pictures = dataset.test_images.transpose(0, 2, 3, 1)
    watched = sys.stderr.isatty()
    found = []
    for start in range(0, len(pictures), PIECE):
        found.append(score(trained, pictures[start : start + PIECE], never))
        if watched:
            print(f"\r{min(start + PIECE, len(pictures)):,} of {len(pictures):,}", end="", file=sys.stderr, flush=True)
    if watched:
        print(file=sys.stderr)
    return np.concatenate(found)


def _print_table(entry: Entry, classes: Sequence[str], found: Outcome, seconds: float) -> None:
    low, high = found.interval
    count = int(found.confusion.sum())
    interval = f"(95 %: {percent(low, 2)} to {percent(high, 2)})"
    print(f"{entry.title}: {percent(found.accuracy, 2)} of {count:,} test pictures {interval}, in {PRECISION}")
    width = max(12, max(map(len, classes)) + 1)
    for own, (name, share, row) in enumerate(zip(classes, found.per_class, found.confusion, strict=True)):
        print(f"  {name:<{width}}{percent(share):>8}   {_mistaken_for(row, own, classes)}")
    print(f"{seconds:.1f} s")


def _mistaken_for(row: np.ndarray, own: int, classes: Sequence[str]) -> str:
    """The class that a class was most often taken for, and how often."""
    others = np.where(np.arange(len(row)) == own, 0, row)
    worst = int(others.argmax())
    return f"taken for {classes[worst]}: {others[worst]}" if others[worst] else ""
