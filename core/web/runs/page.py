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
from core.store.search import LONGEST, read_query
from core.store.store import EVERY_RUN
from core.vocabulary.numbers import memory
from core.web import registry
from core.web.fields import pick, segments
from core.web.runs import actions, table
from core.web.runs.table import Found
from core.web.words import sentence

SEARCH = (
    "Words, or fields such as depth>50, norm:none, status:finished, tag:mine, accuracy>80; words that belong together "
    "between quotation marks. All must hold."
)
SORTS: dict[str, Callable[[Found], Any]] = {
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
    found = client.runs(limit=EVERY_RUN)
    if not found and not lying:
        _empty_lab()
        return
    text, sort, which = st.columns([6, 2, 2], vertical_alignment="bottom")
    in_bin = segments(which, "Show", {"Runs": False, "Bin": True}, "bin")
    asked = text.text_input(
        "Search", key="find", bind="query-params", max_chars=LONGEST, placeholder="depth>50 norm:none", help=SEARCH
    )
    order = pick(sort, "Sort by", SORTS, "sort")
    actions.offer_undo()
    _list(lying if in_bin else found, asked, order, in_bin)
    _disk(room(store), len(lying))


def _list(runs: Sequence[Run], asked: str, order: Callable[[Found], Any], in_bin: bool) -> None:
    try:
        query = read_query(asked)
    except SpecError as error:
        st.warning(sentence(str(error)), icon=":material/search:")
        return
    far = reached(client.store(), [run.id for run in runs])
    found = sorted((Found(run, far[run.id]) for run in runs if query.finds(run, far[run.id])), key=order)
    if not found:
        st.info(_nothing(len(runs), in_bin), icon=":material/search_off:")
        return
    above = st.container()
    selected = table.draw(found, "bin" if in_bin else "runs")
    all_of_them = "1 run" if len(runs) == 1 else f"{len(runs):,} runs"
    count = f"{len(found):,} of {all_of_them}" if len(found) < len(runs) else all_of_them
    with above:
        (actions.in_the_bin if in_bin else actions.on_runs)(selected, count)


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
        runs = "1 run" if lying == 1 else f"{lying:,} runs"
        parts.append(f"Of these {memory(taken.bin)} lie in the bin with {runs}, free once it is emptied.")
    if taken.ended:
        parts.append(f"Runs that have ended hold {memory(taken.ended)}, free once they are deleted.")
    if taken.spare:
        parts.append(
            f"Of these {memory(taken.spare)} are films and pinned checkpoints, which each run's page can let go."
        )
    st.caption(" ".join(parts))
