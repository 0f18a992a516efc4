"""Which runs and recordings are laid beside each other: chosen on the page, held by the address."""

from __future__ import annotations

import streamlit as st

from core.engine import client
from core.record.file import SUFFIX, RecordingError
from core.record.recording import Recording
from core.spec.names import of_runs
from core.store.recordings import recording
from core.web import roster
from core.web.train import opened
from core.web.train.shows import SHOWS
from core.web.words import sentence

KEY = "runs"  # in the address
LISTED = 50  # latest runs that are offered


def choose() -> list[Recording]:
    """Draw the picker; what is chosen, each as it is known now."""
    names = roster.names(KEY)
    known = {name: found for name in roster.few(names) if (found := _known(name))}
    labels = _labels(known)
    chosen = st.multiselect(
        "Runs and recordings",
        list(labels),
        default=list(known),
        format_func=lambda name: labels[name],
        max_selections=roster.MOST_SHOWN,
        key=f"compared-{','.join(known)}",
        placeholder="Choose two or more",
    )
    if chosen != list(known) or len(known) != len(names):
        st.query_params.from_dict({KEY: ",".join(chosen)} if chosen else {})
    if chosen != list(known):
        st.rerun()
    return list(known.values())


def _known(name: str) -> Recording | None:
    """The run, or recording, of that name; why there is none is told."""
    if name.endswith(SUFFIX) or name.startswith(opened.MARK):
        try:
            return opened.recording(opened.by_name(name))
        except RecordingError as error:
            st.warning(sentence(str(error)))
            return None
    run = roster.known(name)
    return recording(client.store(), run) if run else None


def _labels(known: dict[str, Recording]) -> dict[str, str]:
    """What can be chosen, and what it is called: what is chosen already, the latest runs, what comes with the lab."""
    runs = {run.id: run for run in client.runs(limit=LISTED)}
    heads = {name: found.head for name, found in known.items() if name not in runs}
    told = dict(zip([*runs, *heads], of_runs([*runs.values(), *heads.values()]).labels, strict=True))
    labels = {name: f"{told[name]} · {run.status}" for name, run in runs.items()}
    labels |= {name: f"{told[name]} · recording" for name in heads}
    shipped = {file: name for show in SHOWS for file, name in zip(show.files, show.names, strict=True)}
    return labels | {file: f"{name} · recording that comes with the lab" for file, name in shipped.items()}
