"""Which run came of which, drawn as a tree (assets/lineage) that opens what is pressed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from core.engine import client
from core.figures.lineage import tree
from core.findings.lineage import Branch, families
from core.record.events import encode
from core.store import notes
from core.store.reached import reached
from core.store.recordings import head
from core.store.store import EVERY_RUN
from core.web import loader, registry, static
from core.web.inspect.schema import ContentData
from core.web.run.notes import query_of

HELP = (
    "Each run is a line over steps, dashed without norm, that leaves the one it goes on from where it was forked. A "
    "dotted joint: it began anew beside it. A diamond is a note. A click opens a run where it leaves its parent, or "
    "what was seen when the note was made."
)
MOST = 40  # lines of one drawing
_drawing = st.components.v2.component("depth_lab_lineage", js=loader.JS, isolate_styles=False)


def of_run(run_id: str) -> list[list[Branch]]:
    """The tree that a run is in; none where it stands alone."""
    return [family for family in _all() if any(branch.id == run_id for branch in family)]


def of_runs(run_ids: Collection[str]) -> list[list[Branch]]:
    """The trees that hold one of these runs."""
    return [family for family in _all() if any(branch.id in run_ids for branch in family)]


def _all() -> list[list[Branch]]:
    found = families([head(run) for run in client.runs(limit=EVERY_RUN)])
    return [family for family in found if len(family) > 1]


def draw(found: Sequence[Sequence[Branch]], key: str, here: str = "") -> None:
    """Draw these trees, as many as there is room for, and go where somebody presses."""
    shown = _few(found)
    ids = [branch.id for family in shown for branch in family]
    store = client.store()
    pinned = notes.of_runs(store, ids)
    binned = {run.id: run.name for run in store.binned()}
    branches = [branch for family in shown for branch in family]
    far = reached(store, [branch.id for branch in branches if branch.head])
    data = ContentData(module=static.url("lineage/main.js"), content=encode(tree(shown, far, pinned, binned, here)))
    pressed = _drawing(key=f"lineage_{key}", data=data, on_open_change=lambda: None).get("open")
    if left := sum(map(len, found)) - len(ids):
        st.caption(f"{left:,} more are not drawn: search for some, or select them in the list.")
    _open(pressed, branches)


def _few(found: Sequence[Sequence[Branch]]) -> list[Sequence[Branch]]:
    """The first trees, up to so many lines; of a single one that is larger, its first lines."""
    shown: list[Sequence[Branch]] = []
    for family in found:
        room = MOST - sum(map(len, shown))
        if len(family) <= room:
            shown.append(family)
        elif not shown:
            shown.append(family[:room])
    return shown


def _open(pressed: object, branches: Sequence[Branch]) -> None:
    """``pressed`` as the browser sent it, which may be anything: the place of a line, and that of a note or none."""
    if not isinstance(pressed, dict):
        return
    line, note = pressed.get("line"), pressed.get("note")
    if not isinstance(line, int | float) or not 0 <= line < len(branches):
        return
    branch = branches[int(line)]
    pinned = notes.of_runs(client.store(), [branch.id])
    if isinstance(note, int | float) and 0 <= note < len(pinned):
        st.switch_page(registry.TRAIN.path, query_params=query_of(pinned[int(note)]))
    if branch.head:
        st.switch_page(registry.TRAIN.path, query_params=at_its_fork(branch))


def at_its_fork(branch: Branch) -> dict[str, str]:
    """The address of the dashboard of a run, over the one that it came of, where it leaves it."""
    query = {"run": branch.id}
    if branch.parent and client.run(branch.parent):
        query["with"] = branch.parent
    return query | ({"l_step": str(branch.start)} if branch.start else {})
