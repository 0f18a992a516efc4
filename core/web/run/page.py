"""The page of one run: its recipe, where it was trained, what came of it, and how to make it again."""

from __future__ import annotations

import time
from collections.abc import Mapping

import streamlit as st

from core.engine import client
from core.findings.moment import moment_of
from core.findings.seen import Seen
from core.findings.story import story
from core.findings.tables import place
from core.record.recording import Head, Recording
from core.spec import RunSpec
from core.spec.command import command
from core.spec.recipe import rows as chosen_rows
from core.store import home
from core.store.recordings import recording
from core.vocabulary.numbers import ago
from core.vocabulary.states import STATES
from core.web import registry, roster, taking
from core.web.compare import tables
from core.web.net_form import query_of
from core.web.run import checkpoints, doors, notes, recipe
from core.web.runs import lineage
from core.web.train import opened, recorded
from core.web.words import code, sentence
from core.web.xray import nets as xray


def chosen() -> Recording | None:
    """The run or recording that the address asks for."""
    for run_id in roster.names("run")[:1]:
        if run := roster.known(run_id):
            return recording(client.store(), run)
    found = recorded.selected()
    return found[0] if found else None


def draw(found: Recording | None) -> None:
    if found is None:
        st.title("A run")
        st.markdown("The address names no run of this lab: choose one on Home or Train.")
        st.page_link(registry.TRAIN.path, label="**To Train**", icon=registry.TRAIN.icon)
        return
    run = Seen(found, found.head.name)
    _title(found.head)
    _doors(found)
    if found_in := lineage.of_run(found.head.id):
        st.markdown("##### Lineage", help=lineage.HELP)
        lineage.draw(found_in, "run", here=found.head.id)
    chose, came = st.columns(2, gap="large")
    with chose:
        _recipe(found.head.spec)
        if run_here := client.run(found.head.id):
            checkpoints.draw(run_here, found)
    with came:
        st.markdown("##### What came of it")
        tables.results([run], ["This run"])
        notes.draw(found.head.id)
        _happened(run)
        st.markdown("##### Where it was trained", help="Where all of this is alike, it is the same again bit for bit.")
        tables.table(["Where", "As trained"], place(run.started))
        st.markdown("##### Make it again", help="DIR stands for the folder that holds the pictures.")
        st.code(command(found.head.spec), language="sh", wrap_lines=True)
        _door(registry.TRAIN, "Set up the same in the form", recipe.query_of(found.head.spec))


def _title(head: Head) -> None:
    state = STATES[head.status]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(sentence(head.name), width="content", anchor=False)
        st.badge(head.status, color=state.colour, icon=state.icon)
        st.caption(f"begun {ago(head.created, time.time())} · {code(head.id)}", width="content")
    if head.message:
        st.caption(sentence(head.message))


def _doors(found: Recording) -> None:
    """Where else it can be seen, and asked, and how it is taken along."""
    head = found.head
    net, is_file = head.spec.net, head.id.startswith(opened.MARK)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        _door(registry.TRAIN, "Its dashboard", doors.query(head.id))
        if not is_file and home.checkpoints(client.store().folder(head.id)):
            _door(registry.INSPECT, "Try it on a picture", {"nets": head.id})
        _door(registry.ARCHITECTURE, "Its architecture", query_of(net))
        if query := xray.query_of(net, head.spec.train.seed):
            _door(registry.XRAY, "Its X-ray before training", query)
        taking.draw(lambda: [found], "taken")


def _door(page: registry.Page, label: str, query: Mapping[str, str]) -> None:
    st.page_link(page.path, label=f"**{label}**", icon=page.icon, query_params=dict(query), width="content")


def _recipe(spec: RunSpec) -> None:
    rows = chosen_rows(spec)
    st.markdown("##### Recipe", help="In bold what the form does not begin with.")
    chosen = [[row.label, row.value if row.usual else f"**{row.value}**"] for row in rows if row.first or not row.usual]
    tables.table(["Field", "Value"], chosen)
    others = [[row.label, row.value] for row in rows if row.usual and not row.first]
    with st.expander(f"{len(others)} more fields, as usual"):
        tables.table(["Field", "Value"], others)


def _happened(run: Seen) -> None:
    happenings = story([run], moment_of([run], None))
    if not happenings:
        return
    st.markdown("##### What happened")
    st.markdown("\n".join(f"- step {each['step']:,}: {sentence(each['text'])}" for each in happenings))
