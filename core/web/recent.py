"""The latest runs, as Home and Train show them: what goes on first, then what has been."""

from __future__ import annotations

import time

import streamlit as st

from core.engine import client
from core.figures import palette
from core.figures.sparkline import sparkline
from core.spec.names import of_runs
from core.store.recordings import recording
from core.store.records import Run
from core.vocabulary.numbers import ago, in_precision, percent
from core.vocabulary.states import ENDED, STATES
from core.web.train.waiting import waits
from core.web.words import sentence

Listed = list[tuple[Run, str]]  # runs and what each is called


def listed(limit: int) -> tuple[Listed, Listed]:
    """What is running or waiting now, and the latest ``limit`` runs that are over, no two of them by one name."""
    now = client.runs([status for status in STATES if status not in ENDED])
    shown = [*now, *client.runs(ENDED, limit)]
    named = list(zip(shown, of_runs(shown).labels, strict=True))
    return named[: len(now)], named[len(now) :]


def active_runs(runs: Listed, train_page: str) -> None:
    """What is running or waiting now, with a way to reattach; nothing where there is none."""
    if runs:
        st.markdown("##### Going on now")
    for run, label in runs:
        _row(run, label, train_page, "Watch")


def past_runs(runs: Listed, train_page: str) -> None:
    """Runs that are over; nothing where there is none."""
    if runs:
        st.markdown("##### Earlier runs")
    for run, label in runs:
        _row(run, label, train_page, "Open")


def _row(run: Run, label: str, train_page: str, verb: str) -> None:
    state = STATES[run.status]
    # on Train itself the form's choices stand in the address already: the link keeps them there
    query = st.query_params.to_dict() | {"run": run.id}
    with st.container(border=True):
        link, status, curve, told = st.columns([5, 2, 2, 8], vertical_alignment="center")
        link.page_link(
            train_page, label=f"**{verb} {sentence(label)}**", query_params=query, icon=":material/monitoring:"
        )
        status.badge(run.status, color=state.colour, icon=state.icon)
        curve.html(_curve(run) or "<span></span>")
        waiting = waits(client.store(), run).removesuffix(".")
        said = (_progress(run), waiting, _accuracy(run), ago(run.created, time.time()))
        told.caption(" · ".join(part for part in said if part))


def _curve(run: Run) -> str:
    """Its smoothed training loss."""
    traces = recording(client.store(), run).last("metrics")
    return sparkline(traces["smooth_loss"], palette.style(run.spec.net)["color"], "training loss") if traces else ""


def _progress(run: Run) -> str:
    return f"step {run.step:,} of {run.total_steps:,}" if run.total_steps else ""


def _accuracy(run: Run) -> str:
    for event in client.store().latest(run.id, "evaluation"):
        found = event.payload
        precision = in_precision(found.get("precision", ""))
        return f"test accuracy {percent(found['test_accuracy'])}{precision} after epoch {found['epoch']}"
    return ""
