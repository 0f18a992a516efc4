"""Lists of runs, as Home and Train show them: what goes on first, then what has been."""

from __future__ import annotations

import time
from typing import Literal

import streamlit as st

from core.engine import client
from core.engine.records import ACTIVE, Run, Status
from core.web.numbers import duration

BADGES: dict[Status, tuple[Literal["gray", "blue", "orange", "green", "red"], str]] = {
    "queued": ("gray", ":material/schedule:"),
    "starting": ("blue", ":material/hourglass_top:"),
    "running": ("blue", ":material/play_arrow:"),
    "paused": ("orange", ":material/pause:"),
    "finished": ("green", ":material/check:"),
    "stopped": ("gray", ":material/stop:"),
    "failed": ("red", ":material/error:"),
    "diverged": ("red", ":material/trending_up:"),
}


def run_list(train_page: str, limit: int) -> None:
    """Running and queued runs with a way to reattach, then the latest others. Says so when there is none."""
    runs = client.store().runs(limit=limit)
    waiting = (*ACTIVE, "queued")
    active = [run for run in runs if run.status in waiting]
    past = [run for run in runs if run.status not in waiting]
    if active:
        st.markdown("##### Going on now")
        for run in active:
            _row(run, train_page, "Watch")
    if past:
        st.markdown("##### Earlier runs")
        for run in past:
            _row(run, train_page, "Open")


def _row(run: Run, train_page: str, verb: str) -> None:
    colour, icon = BADGES[run.status]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", border=True):
        st.page_link(
            train_page, label=f"**{verb} {run.name}**", query_params={"run": run.id}, icon=":material/monitoring:"
        )
        st.badge(run.status, color=colour, icon=icon)
        done = f"step {run.step:,} of {run.total_steps:,}" if run.total_steps else ""
        st.caption(" · ".join(part for part in (done, f"{duration(time.time() - run.created)} ago") if part))
