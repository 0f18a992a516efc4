"""Recordings on the Train page: opened by address or by drop, and shown by the same dashboard as runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from core.data import files
from core.data.files import DataError
from core.engine import client
from core.record.file import SUFFIX, RecordingError
from core.record.recording import Recording
from core.spec import RunSpec, SpecError
from core.spec.names import of_runs
from core.spec.races import MOST_BESIDE
from core.spec.run import fitted
from core.vocabulary.datasets import SAMPLE, dataset_of, joined, name_of
from core.web import registry, roster
from core.web.keys import FILE
from core.web.run import doors
from core.web.train import attempts, live, opened
from core.web.uploaded import forget
from core.web.words import sentence

ON_SAMPLE = "is not on this machine: these runs train on the bundled sample. Fetch it under New run, Pictures."
NAMED = 2  # recordings that have room for their names in a title; the lines of state have them too
HELP = "A file that python -m core record RUN_ID FILE.dlrec has written, here or on another machine."


def selected() -> list[Recording]:
    """The recordings that the address asks for, by their names or by the marks of those that were dropped.

    What cannot be opened is named and ignored.
    """
    names = roster.names(FILE)
    found: dict[str, Recording] = {}
    for name in roster.few(names):
        try:
            if recording := opened.recording(opened.by_name(name)):
                found[recording.head.id] = recording
        except RecordingError as error:
            st.warning(sentence(str(error)))
    if names and not found:
        st.query_params.pop(FILE, None)
    return list(found.values())


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


def draw(found: Sequence[Recording]) -> None:
    """What they are recordings of, and the dashboard."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="compare_row"):
        st.markdown(title(found), width="content", help=HELP)
        if st.button("Close", icon=":material/close:", key="close_recording"):
            st.query_params.pop(FILE, None)
            st.rerun()
        _again(found)
        doors.draw([each.head for each in found])
    st.caption(provenance(found))
    registry.name_tab(live.in_the_tab([recording.head for recording in found]), registry.TRAIN.title)
    show(found)


def show(found: Sequence[Recording], play: bool = False, only: str = "") -> None:
    """The dashboard of recordings; ``play`` and ``only`` as in :func:`core.web.train.live.live`."""
    live.live([recording.head for recording in found], key="live", play=play, only=only, on_attempt=attempts.train)


def title(found: Sequence[Recording]) -> str:
    if len(found) > NAMED:
        return f"**Recordings** of {len(found)} runs"
    if len(found) > 1:
        labels = of_runs([each.head for each in found]).labels
        return f"**Recordings** of {' and '.join(map(sentence, labels))}"
    [head] = [recording.head for recording in found]
    return f"**Recording** of {sentence(head.name)}, {head.status} at step {head.step:,}"


def provenance(found: Sequence[Recording]) -> str:
    """When and on what they were measured: "Recorded on 28 November 2026 · cpu, float32, 2 threads"."""
    told = []
    for recording in found:
        day = time.gmtime(recording.head.created)
        place = recording.last("started") or {}
        threads = place.get("threads")
        parts = [place.get("device"), place.get("precision"), threads and f"{threads} thread{'s' * (threads > 1)}"]
        told.append(" · ".join([f"Recorded on {time.strftime('%-d %B %Y', day)}", ", ".join(filter(None, parts))]))
    return "; ".join(dict.fromkeys(told))


def _again(found: Sequence[Recording]) -> None:
    """The same trainings, here and now."""
    if len(found) > MOST_BESIDE:
        return
    if st.button("Train this here", icon=":material/play_arrow:", key="train_recorded", help=AGAIN):
        train_again(found)


AGAIN = (
    "The same nets by the same recipe on this machine, beside each other, minibatch by minibatch. Where their pictures "
    "are not here, it is the bundled sample that they see."
)


def train_again(found: Sequence[Recording]) -> None:
    """Submit the same runs, and show them; why that cannot be is told."""
    try:
        specs = [_here(recording.head.spec) for recording in found]
        ids = client.submit_race(specs)
    except (SpecError, DataError, client.EngineError) as error:
        st.toast(sentence(str(error)), icon=":material/error:")
        return
    if specs[0].train.data == SAMPLE != found[0].head.spec.train.data:
        st.toast(f"{dataset_of(found[0].head.spec.train.data).label} {ON_SAMPLE}", icon=":material/info:")
    st.query_params.from_dict({"run": ids[0]} | ({"with": ",".join(ids[1:])} if len(ids) > 1 else {}))
    st.rerun()


def _here(spec: RunSpec) -> RunSpec:
    """With the pictures where they lie on this machine: where the recipe names them, or where this lab fetches them; or
    else the bundled sample."""
    usual = joined(str(client.home() / "cifar10"), name_of(spec.train.data))
    for data in (spec.train.data, usual, SAMPLE):
        with suppress(DataError):
            files.sizes(data)
            break
    return spec.but(net=fitted(spec.net, data), train=spec.train.but(data=data))
