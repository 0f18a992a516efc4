"""What can be done with the runs that are selected in the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.engine import client
from core.record.recording import Recording
from core.store import annotating, bin
from core.store.recordings import recording
from core.store.records import Run
from core.vocabulary.states import RESUMABLE, STATES
from core.web import registry, roster, taking
from core.web.refusals import told
from core.web.runs.table import SELECTED
from core.web.words import sentence

DELETED = "runs_deleted"  # ids of the session's last deletion
SAVED = "runs_saved"  # how often something was written: a popover of another key is a closed one
DAY = "24 hours"
HINT = "Select runs at their left edge: to compare, watch, take along, name, note, tag, stop, resume or delete them."


def hint(count: str) -> None:
    """Where nothing is selected: what could be done."""
    with st.container(key="runs_hint"):
        st.caption(f"{count}. {HINT}")


def on_runs(selected: Sequence[Run]) -> None:
    """The row of buttons above the list; nothing where nothing is selected."""
    if not selected:
        return
    ids = [run.id for run in selected]
    goes_on = [run for run in selected if not STATES[run.status].ended]
    resumable = [run for run in selected if run.status in RESUMABLE]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs_actions"):
        st.markdown(f"**{len(selected):,} selected**", width="content")
        if len(ids) <= roster.MOST_SHOWN:
            _link(registry.COMPARE, "Compare", {"runs": ",".join(ids)})
            _link(registry.TRAIN, "Watch", {"run": ids[0]} | ({"with": ",".join(ids[1:])} if ids[1:] else {}))
        if len(selected) == 1:
            _link(registry.RUN, "Recipe", {"run": ids[0]})
        if len(ids) <= roster.MOST_SHOWN:
            with st.container(width="content"):  # what refreshes itself would take all the room that the row has left
                taking.draw(partial(_recordings, selected), f"taken-{','.join(ids)}")
        _written(selected)
        if goes_on:
            st.button("Stop", icon=":material/stop:", key="runs_stop", on_click=_each, args=(goes_on, _stop))
        if resumable:
            st.button(
                "Resume", icon=":material/play_arrow:", key="runs_resume", on_click=_each, args=(resumable, _resume)
            )
        if st.button("Delete", icon=":material/delete:", key="runs_delete"):
            _confirm_deletion(selected)


def _recordings(selected: Sequence[Run]) -> list[Recording]:
    return [recording(client.store(), run) for run in selected]


def in_the_bin(selected: Sequence[Run], count: str) -> None:
    """The row of buttons above what lies in the bin."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs_actions"):
        st.caption(f"{count} in the bin, each for {DAY} after it was deleted.", width="content")
        if selected:
            st.button("Put back", icon=":material/undo:", key="runs_back", on_click=_put_back, args=(_ids(selected),))
        if st.button("Empty the bin", icon=":material/delete_forever:", key="runs_empty"):
            _confirm_emptying()


def offer_undo() -> None:
    """A line about what was deleted just now, with the way back."""
    lying = {run.id for run in client.store().binned()}
    ids = [run_id for run_id in st.session_state.get(DELETED, ()) if run_id in lying]
    if not ids:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs_undone"):
        st.markdown(f"{_runs(len(ids))} in the bin for {DAY}, or until it is emptied.", width="content")
        st.button("Undo", icon=":material/undo:", key="runs_undo", on_click=_put_back, args=(ids,))


@st.dialog("Delete")
def _confirm_deletion(selected: Sequence[Run]) -> None:
    trained = [run for run in selected if run.active]
    if trained:
        st.markdown(f"{sentence(trained[0].name)} is {trained[0].status}: stop it, then delete it.")
        return
    first = sentence(selected[0].name)
    what = first if len(selected) == 1 else f"{first} and {len(selected) - 1:,} more"
    st.markdown(
        f"Delete **{what}**, with checkpoints and everything reported? For {DAY} it can be undone; after that, "
        "or when the bin is emptied, it is gone for good."
    )
    label = f"Delete {_runs(len(selected))}"
    if st.button(label, type="primary", key="runs_delete_sure", on_click=_delete, args=(_ids(selected),)):
        st.rerun()


@st.dialog("Empty the bin")
def _confirm_emptying() -> None:
    lying = client.store().binned()
    st.markdown(f"Remove {_runs(len(lying))} for good? This cannot be undone.")
    if st.button("Remove for good", type="primary", key="runs_empty_sure", on_click=_empty):
        st.rerun()


def _delete(ids: Sequence[str]) -> None:
    if told(lambda: bin.delete(client.store(), ids)):
        st.session_state[DELETED] = ids
        st.session_state[SELECTED] = []


def _empty() -> None:
    told(lambda: bin.empty_now(client.store()))


def _written(selected: Sequence[Run]) -> None:
    """Name, note and tags."""
    first, ids = selected[0], _ids(selected)
    saved = st.session_state.get(SAVED, 0)
    if len(selected) == 1:
        with (
            st.popover("Rename", icon=":material/edit:", key=f"runs_rename-{saved}"),
            st.form(f"runs_title-{first.id}", border=False),
        ):
            title = st.text_input("Name", first.title, placeholder=first.net_name)
            st.caption("Empty: as its net is called.")
            if st.form_submit_button("Save"):
                _write(ids, title=title)
    with (
        st.popover("Note", icon=":material/notes:", key=f"runs_note_it-{saved}"),
        st.form(f"runs_note-{'-'.join(ids)[:200]}", border=False),
    ):
        note = st.text_area("Note", first.note if len({run.note for run in selected}) == 1 else "")
        if st.form_submit_button("Save"):
            _write(ids, note=note)
    with (
        st.popover("Tag", icon=":material/sell:", key=f"runs_tag_it-{saved}"),
        st.form(f"runs_tags-{'-'.join(ids)[:200]}", border=False),
    ):
        shared = [tag for tag in first.tags if all(tag in run.tags for run in selected)]
        text = st.text_input(
            "Tags", " ".join(shared), placeholder="baseline sweep-1", help="Words, with blanks between."
        )
        if st.form_submit_button("Save"):
            wanted = text.replace(",", " ").split()
            if told(lambda: _tag(selected, wanted, [tag for tag in shared if tag not in wanted])):
                _close()


def _tag(runs: Sequence[Run], added: Sequence[str], removed: Sequence[str]) -> None:
    for run in runs:
        annotating.annotate(client.store(), run.id, tags=annotating.changed(run.tags, added, removed))


def _write(ids: Sequence[str], **words: str) -> None:
    def write() -> None:
        for run_id in ids:
            annotating.annotate(client.store(), run_id, **words)

    if told(write):
        _close()


def _close() -> None:
    st.session_state[SAVED] = st.session_state.get(SAVED, 0) + 1
    st.rerun()


def _each(runs: Sequence[Run], do: Callable[[str], None]) -> None:
    for run in runs:
        told(partial(do, run.id))


def _stop(run_id: str) -> None:
    client.command(run_id, "stop")


def _resume(run_id: str) -> None:
    client.resume(run_id)


def _put_back(ids: Sequence[str]) -> None:
    told(lambda: bin.put_back(client.store(), ids))


def _link(page: registry.Page, label: str, query: dict[str, str]) -> None:
    st.page_link(page.path, label=label, icon=page.icon, query_params=query, width="content")


def _ids(runs: Sequence[Run]) -> list[str]:
    return [run.id for run in runs]


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"
