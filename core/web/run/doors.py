"""Ways to the page of a run."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.record.recording import Head
from core.spec.names import of_runs
from core.web import registry
from core.web.keys import FILE
from core.web.train import opened
from core.web.words import sentence

HELP = "All that decides how a run comes out, where it was trained, and how to make it again."


def query(run_id: str) -> dict[str, str]:
    """The address of a page that shows this run, or this recording."""
    return {FILE if run_id.startswith(opened.MARK) else "run": run_id}


def draw(runs: Sequence[Head]) -> None:
    """A link to the page of a run; several behind one button."""
    if len(runs) == 1:
        _link(runs[0], "Recipe")
        return
    with st.popover("Recipes", width="content", help=HELP):
        for run, label in zip(runs, of_runs(runs).labels, strict=True):
            _link(run, label)


def _link(run: Head, label: str) -> None:
    st.page_link(
        registry.RUN.path, label=sentence(label), icon=registry.RUN.icon, query_params=query(run.id), width="content"
    )
