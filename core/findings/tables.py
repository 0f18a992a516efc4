"""What differs between runs, what they reached beside what papers report, and where they were trained, as tables.

A table is a list of rows: what a row is of, then a cell for each run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from core import paper
from core.findings.cut import cut_of
from core.findings.seen import Seen
from core.spec.names import differing, value
from core.vocabulary.numbers import number, percent

PLACE = {"device": "device", "precision": "precision", "threads": "threads"}  # of what was started: where it trains
NOTHING = "–"
DIGEST = 16  # characters of a digest that are shown
NOT_SAID = "an older version did not say"
Rows = list[list[str]]


def differences(runs: Sequence[Seen]) -> Rows:
    """A row for each thing that is not alike in all of them; nothing else."""
    specs = [run.recording.head.spec for run in runs]
    rows = [[field.title, *(field.say(value(field, spec)) for spec in specs)] for field in differing(specs)]
    for name, title in PLACE.items():
        found = [str(run.started.get(name, NOTHING)) for run in runs]
        if len(set(found)) > 1:
            rows.append([f"{title}, as trained", *found])
    if any(cut_of(run) is not None for run in runs):
        rows.append(["begins with", *map(_beginning, runs)])
    return rows


def _beginning(run: Seen) -> str:
    cut = cut_of(run)
    if cut is None:
        return "weights of its own"
    done = run.started.get("taken_over") or {}
    return f"what {done.get('net', 'another run')} had learnt by step {done.get('step', cut):,}"


def results(runs: Sequence[Seen]) -> Rows:
    """Where each run stands, and what is published of its net, with the protocol."""
    columns = [[standing(run), _loss(run), tested(run), _published(run)] for run in runs]
    titles = ["Stands", "Training loss", "Test accuracy", "Published"]
    rows = [[title, *cells] for title, *cells in zip(titles, *columns, strict=True)]
    return [row for row in rows if set(row[1:]) != {NOTHING}]


def place(started: Mapping[str, Any]) -> Rows:
    """What decides, beside the recipe, how the numbers come out. ``started`` as the run told it, or empty."""
    if not started:
        return [["so far", "nowhere: it has not begun"]]
    versions: Mapping[str, str] = started.get("versions", {})
    digest = started.get("data_digest", "")
    return [
        *([title, str(started.get(name, NOT_SAID))] for name, title in PLACE.items()),
        ["versions", ", ".join(f"{name} {version}" for name, version in versions.items()) or NOT_SAID],
        ["pictures", f"SHA-256 {digest[:DIGEST]}…" if digest else NOT_SAID],
    ]


def standing(run: Seen) -> str:
    return f"{run.status}, step {run.last_step:,}"


def _loss(run: Seen) -> str:
    if not run.begun:
        return NOTHING
    return f"{number(float(run.points.recent[-1]))} at step {run.last_step:,}"


def tested(run: Seen) -> str:
    known = [test for test in run.tests if math.isfinite(test.accuracy)]
    return f"{percent(known[-1].accuracy)} after epoch {known[-1].epoch}" if known else NOTHING


def _published(run: Seen) -> str:
    found = paper.reference(run.recording.head.spec.net)
    return f"{found.said}; {found.protocol}" if found else NOTHING
