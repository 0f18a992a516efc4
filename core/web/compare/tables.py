"""What differs between runs, and what they reached beside what papers report, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.findings import tables
from core.findings.seen import Seen
from core.web.words import sentence


def differences(runs: Sequence[Seen], labels: Sequence[str]) -> None:
    """A row for each thing that is not alike in all of them; nothing else."""
    if rows := tables.differences(runs):
        table(["What differs", *map(sentence, labels)], rows)
    else:
        st.caption("Nothing differs: these runs have one recipe, one seed and one machine.")


def results(runs: Sequence[Seen], labels: Sequence[str]) -> None:
    """Where each run stands, and what is published of its net, with the protocol."""
    table(["Results", *map(sentence, labels)], tables.results(runs))


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """As Markdown, so that it reads well on a phone and without a script."""
    lines = [head, ["---"] * len(head), *rows]
    st.markdown("\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines))


def _cell(text: Any) -> str:
    return str(text).replace("|", "\\|")
