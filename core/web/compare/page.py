"""The Compare page: the sentence that may be said, what differs, what came of it, and the dashboard of all."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.findings.seen import Seen
from core.findings.verdict import verdict
from core.record.recording import Recording
from core.spec.names import of_runs
from core.web import registry, taking
from core.web.compare import tables
from core.web.train import live
from core.web.train.watch import send
from core.web.words import sentence


def draw(found: Sequence[Recording]) -> None:
    heads = [recording.head for recording in found]
    if not heads:
        empty_state()
        return
    named = of_runs(heads)
    runs = [Seen(recording, brief) for recording, brief in zip(found, named.brief, strict=True)]
    said, taken = st.columns([7, 1], vertical_alignment="center")
    if len(runs) > 1:
        said.markdown(f"**{sentence(verdict(runs))}**")
    with taken:
        taking.draw(lambda: found, "taken")
    if len(runs) > 1:
        with st.expander("What differs, and what came of it", expanded=True, icon=":material/table_rows:"):
            tables.draw(runs, named.labels)
    registry.name_tab(live.in_the_tab(heads), registry.COMPARE.title)
    live.live(heads, key="live", on_command=send)


def empty_state() -> None:
    st.markdown(
        "Choose runs of this lab, or recordings: the page says what differs between them, what that came to, and what "
        "may be said of it with so many seeds. Its address holds the choice."
    )
