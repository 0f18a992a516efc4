"""What runs can be taken along as: a button that opens a list of files, each made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.publish import called, taken
from core.publish.taken import Form
from core.publish.whole import PublishError
from core.record.recording import Recording
from core.report.report import REPORT, check
from core.vocabulary.states import STATES
from core.web.train import opened
from core.web.words import sentence

WIDTH = 640  # pixels


@st.fragment
def draw(known: Callable[[], Sequence[Recording]], key: str) -> None:
    """The button. ``known`` says what is taken; it is asked once the list is opened, and what it says then is taken."""
    with st.popover("Take along", icon=":material/download:", key=key, on_change="rerun") as list_of_files:
        if not list_of_files.open:
            return
        found = taken.each_once([opened.original(recording) for recording in known()])
        with st.container(width=WIDTH, gap="small", key=f"{key}_files"):
            st.caption(_as_known(found))
            for form in (REPORT, *taken.offered(len(found))):
                _offer(form, found, key)


def _as_known(found: Sequence[Recording]) -> str:
    """What is taken, and up to when."""
    if len(found) == 1:
        head = found[0].head
        until = "" if STATES[head.status].ended else f", as known at step {head.step:,}"
        return f"{sentence(head.name)}{until}. Checkpoints stay here: a net leaves by `python -m core export`."
    going = any(not STATES[each.head.status].ended for each in found)
    return f"{len(found)} runs in one file{', as known now' if going else ''}."


def _offer(form: Form, found: Sequence[Recording], key: str) -> None:
    """A row: the button, and what the file is. A form that this run cannot have says why."""
    refusal = _refusal(form, found)
    button, words = st.columns([2, 5], vertical_alignment="center", gap="small")
    button.download_button(
        form.name,
        partial(form.content, found),
        f"{_name(found)}{form.ending}",
        form.mime,
        key=f"{key}{form.ending}",
        on_click="ignore",
        disabled=bool(refusal),
        width="stretch",
    )
    words.markdown(f":small[{sentence(refusal or form.what)}]")


def _refusal(form: Form, found: Sequence[Recording]) -> str:
    """A sentence where there will be no such file, because a click could not say it. Tried is what costs no time."""
    try:
        if form is taken.SCRIPT:
            form.content(found)
        elif form is REPORT:
            check(found)
    except PublishError as refusal:
        return str(refusal)
    return ""


def _name(found: Sequence[Recording]) -> str:
    return called.file_names(found)[0] if len(found) == 1 else f"{len(found)}-runs"
