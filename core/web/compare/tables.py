"""What differs between runs, and what they reached beside what papers report, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.findings import tables
from core.findings.seen import Seen
from core.web.words import sentence

NARROW = 3  # runs, up to which each has a column and two tables stand side by side


def draw(runs: Sequence[Seen], labels: Sequence[str]) -> None:
    """What is not alike in all of them, nothing else; and where each run stands beside what is published of its net."""
    differ = tables.differences(runs)
    if not differ:
        st.caption("Nothing differs: these runs have one recipe, one seed and one machine.")
    if len(runs) > NARROW:
        _by_run([*differ, *tables.results(runs)], labels)
        return
    left, right = st.columns(2)
    if differ:
        with left:
            table(["What differs", *map(sentence, labels)], differ)
    with right:
        results(runs, labels)


def results(runs: Sequence[Seen], labels: Sequence[str]) -> None:
    """Where each run stands, and what is published of its net, with the protocol."""
    table(["Results", *map(sentence, labels)], tables.results(runs))


def _by_run(rows: tables.Rows, labels: Sequence[str]) -> None:
    """A row for each run: so many columns as runs would have no room."""
    titles, cells = [row[0] for row in rows], zip(*(row[1:] for row in rows), strict=True)
    table(["Run", *titles], [[sentence(label), *line] for label, line in zip(labels, cells, strict=True)])


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """As Markdown, so that it reads well on a phone and without a script."""
    lines = [head, ["---"] * len(head), *rows]
    st.markdown("\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines))


def _cell(text: Any) -> str:
    return str(text).replace("|", "\\|")
