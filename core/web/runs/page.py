"""The Runs page: every run of the lab, found, sorted, and what can be done with those that are selected."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.engine import client
from core.spec import SpecError
from core.store.reached import reached
from core.store.records import Run
from core.store.room import Room, room
from core.store.search import LONGEST, Query, read_query
from core.store.store import EVERY_RUN
from core.vocabulary.numbers import memory
from core.vocabulary.states import ACTIVE, Status
from core.web import registry
from core.web.fields import pick, segments
from core.web.runs import actions, lineage, table
from core.web.runs.table import Found
from core.web.words import sentence

SEARCH = (
    "Words, or fields such as depth>50, norm:none, status:finished, tag:mine, accuracy>80; words that belong together "
    "between quotation marks. All must hold."
)
Order = Callable[[Found], Any]
MOVING: tuple[Status, ...] = ("queued", *ACTIVE)
SOON, RARE = 3.0, 20.0  # s between two looks for what is new, while a run goes on and while none does
SORTS: dict[str, Order] = {
    "newest": lambda each: -each.run.created,
    "oldest": lambda each: each.run.created,
    "most accurate": lambda each: -(each.reached.accuracy or -math.inf),
    "fastest": lambda each: -(each.reached.speed or 0.0),
    "name": lambda each: each.run.name.casefold(),
    "status": lambda each: each.run.status,
}


def draw() -> None:
    st.title("Runs")
    store = client.store()
    lying = store.binned()
    if not lying and not client.runs(limit=1):
        _empty_lab()
        return
    text, sort, which = st.columns([6, 2, 2], vertical_alignment="bottom")
    show = segments(which, "Show", {"Runs": "runs", "Tree": "tree", "Bin": "bin"}, "bin")
    asked = text.text_input(
        "Search", key="find", bind="query-params", max_chars=LONGEST, placeholder="depth>50 norm:none", help=SEARCH
    )
    order = pick(sort, "Sort by", SORTS, "sort")
    actions.offer_undo()
    if query := _read(asked):
        _show(show, query, order, lying)
    _disk(room(store), len(lying))


def _read(asked: str) -> Query | None:
    try:
        return read_query(asked)
    except SpecError as error:
        st.warning(sentence(str(error)), icon=":material/search:")
    return None


def _show(show: str, query: Query, order: Order, lying: Sequence[Run]) -> None:
    """What is chosen to be seen, which looks by itself for what is new. What can be done with it stands above it, and
    is drawn anew only where something else is selected: it may be open just now."""
    moving = bool(client.runs(MOVING, limit=1))
    every = SOON if moving else RARE
    if show == "tree":
        st.fragment(_tree, run_every=every)(query)
        return
    chosen = st.session_state.get(table.SELECTED, [])
    if show == "bin":
        actions.in_the_bin([run for run in lying if run.id in chosen], _runs(len(lying)))
    else:
        actions.on_runs([run for run in map(client.run, chosen) if run])
    st.fragment(_list, run_every=every)(show == "bin", query, order, moving)


def _list(in_bin: bool, query: Query, order: Order, moved: bool) -> None:
    chosen = st.session_state.get(table.SELECTED, [])
    runs = client.store().binned() if in_bin else client.runs(limit=EVERY_RUN)
    found = sorted(_found(runs, query), key=order)
    if not found:
        st.session_state[table.SELECTED] = []
        st.info(_nothing(len(runs), in_bin), icon=":material/search_off:")
    else:
        above = st.container()
        table.draw(found, "bin" if in_bin else "runs")
        if not in_bin and not st.session_state[table.SELECTED]:
            with above:
                actions.hint(f"{len(found):,} of {_runs(len(runs))}" if len(found) < len(runs) else _runs(len(runs)))
    moving = bool(client.runs(MOVING, limit=1))
    if moving != moved or {*st.session_state[table.SELECTED]} != {*chosen}:
        st.rerun()


def _found(runs: Sequence[Run], query: Query) -> list[Found]:
    far = reached(client.store(), [run.id for run in runs])
    return [Found(run, far[run.id]) for run in runs if query.finds(run, far[run.id])]


def _tree(query: Query) -> None:
    """Which of the runs that are found came of which, or of those that are selected among them."""
    runs = client.runs(limit=EVERY_RUN)
    found = [each.run.id for each in _found(runs, query)]
    if not found:
        st.info(_nothing(len(runs), in_bin=False), icon=":material/search_off:")
        return
    chosen = [run_id for run_id in found if run_id in st.session_state.get(table.SELECTED, ())]
    trees = lineage.of_runs(chosen or found)
    if not trees:
        which = "those that are selected" if chosen else "these runs"
        st.info(f"None of {which} came of another one: go on from one of them on Train, or train its twin.")
        return
    st.caption("Trees of the runs that are selected." if chosen else "All that came of another run.", help=lineage.HELP)
    lineage.draw(trees, "runs")


def _nothing(known: int, in_bin: bool) -> str:
    if known:
        return f"None of {known:,} runs is found: ask for less."
    return "The bin is empty." if in_bin else "Every run lies in the bin."


def _empty_lab() -> None:
    st.markdown("Every run of this lab is listed here, to be found, named, compared and deleted. There is none yet.")
    st.page_link(registry.TRAIN.path, label="**Train a net**", icon=registry.TRAIN.icon)


def _disk(taken: Room, lying: int) -> None:
    parts = [
        f"The lab takes {memory(taken.total)} on this disk: {memory(taken.database)} are what runs have reported, "
        f"{memory(taken.folders)} are checkpoints and logs."
    ]
    if lying:
        parts.append(f"Of these {memory(taken.bin)} lie in the bin with {_runs(lying)}, free once it is emptied.")
    if taken.ended:
        parts.append(f"Runs that have ended hold {memory(taken.ended)}, free once they are deleted.")
    if taken.spare:
        parts.append(
            f"Of these {memory(taken.spare)} are films and pinned checkpoints, which each run's page can let go."
        )
    st.caption(" ".join(parts))


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"
