"""Runs and recordings that an address asks for by name: what cannot be shown is said, and left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

from core.engine import client
from core.figures.dashboard import MOST_SHOWN as MOST_SHOWN
from core.store.records import Run
from core.web.addresses import asked
from core.web.words import code

Shown = TypeVar("Shown")


def names(parameter: str) -> list[str]:
    """What is asked for, with commas between, each once."""
    return list(dict.fromkeys(name for name in (asked(parameter) or "").split(",") if name))


def few(found: Sequence[Shown]) -> list[Shown]:
    """As many as can be told apart."""
    if len(found) > MOST_SHOWN:
        st.warning(f"{len(found)} runs are more than can be told apart: the first {MOST_SHOWN} are shown.")
    return list(found[:MOST_SHOWN])


def known(run_id: str) -> Run | None:
    """The run of that id."""
    run = client.run(run_id)
    if run is None:
        lies = any(run_id == binned.id for binned in client.store().binned())
        why = (
            "it was deleted, and the page Runs can put it back"
            if lies
            else "it belongs to another machine or was removed"
        )
        st.warning(f"There is no run {code(run_id)} here: {why}.")
    return run
