"""The notes of a run: what each says, the way to the view in which it was made, and how to change it."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qsl

import streamlit as st

from core.engine import client
from core.store import notes
from core.store.notes import Note
from core.web import registry
from core.web.refusals import told
from core.web.train.view import PARTS
from core.web.words import sentence

SAVED = "notes_saved"  # how often something was written: a popover of another key is a closed one
KEYS = {"run", "with", *PARTS}
OF_ORDER = ("l_hidden", "l_base")  # keys that count runs in the order in which they were shown


def draw(run_id: str) -> None:
    """Nothing where there is none."""
    found = notes.of_runs(client.store(), [run_id])
    if not found:
        return
    st.markdown("##### Notes", help="Written on its dashboard, beside the bar of time. Each opens what was seen then.")
    for note in found:
        _note(note)


def query_of(note: Note) -> dict[str, str]:
    """The address of the dashboard as it was when the note was made, as far as the runs of then are still there."""
    seen = {key: value for key, value in parse_qsl(note.view) if key in KEYS}
    runs = [run_id for key in ("run", "with") for run_id in seen.pop(key, "").split(",") if run_id]
    there = [run_id for run_id in runs if client.run(run_id)]
    if there != runs or note.run not in there:
        there = [note.run, *(run_id for run_id in there if run_id != note.run)]
        seen = {key: value for key, value in seen.items() if key not in OF_ORDER}
    others = {"with": ",".join(there[1:])} if there[1:] else {}
    return {"run": there[0]} | others | seen | {"l_step": str(note.step)}


def _note(note: Note) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"note-{note.id}"):
        where = f"step {note.step:,}" + (f" · {note.layer}" if note.layer else "")
        st.page_link(
            registry.TRAIN.path,
            label=sentence(where),
            icon=":material/push_pin:",
            query_params=query_of(note),
            width="content",
            help="Open what was seen then.",
        )
        saved = st.session_state.get(SAVED, 0)
        with (
            st.popover("Edit", icon=":material/edit:", key=f"note_edit-{note.id}-{saved}"),
            st.form(f"note_form-{note.id}", border=False),
        ):
            text = st.text_area("Note", note.text)
            if st.form_submit_button("Save") and told(lambda: notes.rewrite(client.store(), note.id, text)):
                st.session_state[SAVED] = saved + 1
                st.rerun()
        st.button("Delete", icon=":material/delete:", key=f"note_delete-{note.id}", on_click=_erase, args=(note,))
    st.html(f'<div class="note" dir="auto">{escape(note.text)}</div>')


def _erase(note: Note) -> None:
    told(lambda: notes.erase(client.store(), [note.run], note.id))
