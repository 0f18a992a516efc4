"""A cure that the story offers, tried: the same run with one field changed, trained here and shown beside it."""

from __future__ import annotations

import streamlit as st

from core.data.files import DataError
from core.engine import client
from core.findings.cures import cured
from core.spec import RunSpec, SpecError
from core.web import roster
from core.web.train import opened
from core.web.train.live import Attempt
from core.web.train.shown import show
from core.web.words import sentence


def train(attempt: Attempt) -> None:
    """Submit it, and show it; why that cannot be is told. A net that differs is a twin, trained beside its first."""
    spec = _spec(attempt.run)
    wanted = spec and cured(spec, attempt.change)
    if wanted is None:
        st.toast("This cannot be tried on that run: choose a net in the form.", icon=":material/error:")
        return
    here = not attempt.run.startswith(opened.MARK)
    try:
        new = client.submit(wanted, twin_of=attempt.run if here and attempt.change["part"] == "net" else None)
    except (SpecError, DataError, client.EngineError) as error:
        st.toast(sentence(str(error)), icon=":material/error:")
        return
    beside = roster.names("run")[:1] + roster.names("with") if here else []
    show(*beside[: roster.MOST_SHOWN - 1], new)


def _spec(run_id: str) -> RunSpec | None:
    found = opened.recording(run_id)
    if found:
        return found.head.spec
    run = client.run(run_id)
    return run.spec if run else None
