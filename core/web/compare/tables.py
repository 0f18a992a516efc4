"""What differs between runs, and what they reached beside what papers report, as tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core import paper
from core.findings.seen import Seen
from core.spec.names import differing, value
from core.vocabulary.numbers import number, percent
from core.web.words import sentence

PLACE = {"device": "device", "precision": "precision", "threads": "threads"}  # of what was started: where it trains
NOTHING = "–"


def differences(runs: Sequence[Seen], labels: Sequence[str]) -> None:
    """A row for each thing that is not alike in all of them; nothing else."""
    specs = [run.recording.head.spec for run in runs]
    rows = [[field.title, *(field.say(value(field, spec)) for spec in specs)] for field in differing(specs)]
    for name, title in PLACE.items():
        found = [str(run.started.get(name, NOTHING)) for run in runs]
        if len(set(found)) > 1:
            rows.append([f"{title}, as trained", *found])
    if rows:
        table(["What differs", *map(sentence, labels)], rows)
    else:
        st.caption("Nothing differs: these runs have one recipe, one seed and one machine.")


def results(runs: Sequence[Seen], labels: Sequence[str]) -> None:
    """Where each run stands, and what is published of its net, with the protocol."""
    columns = [[_standing(run), _loss(run), _test(run), _published(run)] for run in runs]
    titles = ["Stands", "Training loss", "Test accuracy", "Published"]
    rows = [[title, *cells] for title, *cells in zip(titles, *columns, strict=True)]
    table(["Results", *map(sentence, labels)], [row for row in rows if set(row[1:]) != {NOTHING}])


def _standing(run: Seen) -> str:
    return f"{run.status}, step {run.last_step:,}"


def _loss(run: Seen) -> str:
    if not run.begun:
        return NOTHING
    return f"{number(float(run.points.recent[-1]))} at step {run.last_step:,}"


def _test(run: Seen) -> str:
    known = [test for test in run.tests if math.isfinite(test.accuracy)]
    return f"{percent(known[-1].accuracy)} after epoch {known[-1].epoch}" if known else NOTHING


def _published(run: Seen) -> str:
    found = paper.reference(run.recording.head.spec.net)
    return f"{found.said}; {found.protocol}" if found else NOTHING


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """As Markdown, so that it reads well on a phone and without a script."""
    lines = [head, ["---"] * len(head), *rows]
    st.markdown("\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines))


def _cell(text: Any) -> str:
    return str(text).replace("|", "\\|")
