"""A recording on the Train page: opened by address or by drop, and shown by the same dashboard as a run."""

from __future__ import annotations

import streamlit as st

from core.record.file import SUFFIX, RecordingError
from core.record.recording import Recording
from core.web.addresses import asked
from core.web.keys import FILE
from core.web.train import live, opened
from core.web.uploaded import forget
from core.web.words import sentence

HELP = "A file that python -m core record RUN_ID FILE.dlrec has written, here or on another machine."


def selected() -> Recording | None:
    """The recording that the address asks for, by its name or by the mark of one that was dropped.

    What cannot be opened is named and ignored.
    """
    name = asked(FILE)
    if not name:
        return None
    try:
        return opened.recording(opened.by_name(name))
    except RecordingError as error:
        st.warning(sentence(str(error)))
        st.query_params.pop(FILE, None)
        return None


def drop() -> None:
    """Where a recording can be dropped; one that was is in the address from then on."""
    given = st.file_uploader("Open a recording", type=[SUFFIX.removeprefix(".")], key="dropped_recording", help=HELP)
    if given is None:
        return
    try:
        mark = opened.take(given.getvalue(), given.name)
    except RecordingError as error:
        st.error(sentence(str(error)))
    else:
        forget(given.file_id)
        st.query_params.from_dict({FILE: mark})
        st.rerun()


def draw(found: Recording) -> None:
    """What it is a recording of, and the dashboard."""
    head = found.head
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="compare_row"):
        st.markdown(f"**Recording** of {head.name}, {head.status} at step {head.step:,}", width="content", help=HELP)
        if st.button("Close", icon=":material/close:", key="close_recording"):
            st.query_params.pop(FILE, None)
            st.rerun()
    live.live([head], key="live")
