"""Trees of runs as the browser draws them: a line a run over steps, from where it left its parent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from core.figures.dashboard import RunName, named
from core.figures.schema import Style
from core.findings.lineage import Branch, Way
from core.record.recording import Head
from core.store.notes import Note
from core.store.reached import Reached
from core.vocabulary.numbers import percent

GONE: Style = {"color": "#7C838C", "dash": "solid"}


class Pin(TypedDict):
    """A note, at its step."""

    step: int
    text: str


class Line(TypedDict):
    """A run of a tree."""

    name: str
    words: str  # what it is beside its parent, and how far it came
    alt: str  # all of it, for those who cannot see it; what a click does
    style: Style
    gone: bool  # deleted: there is nothing to open
    here: bool  # the one that the page is about
    parent: int | None  # its place among the lines
    beside: bool  # it began anew beside its parent, with none of its weights
    start: int
    end: int
    planned: int  # step at which its recipe ends
    notes: list[Pin]


class Tree(TypedDict):
    """Lines, those of a family below each other."""

    lines: list[Line]
    end: int  # the last step of all
    alt: str


def tree(
    families: Sequence[Sequence[Branch]],
    far: Mapping[str, Reached],
    notes: Sequence[Note],
    binned: Mapping[str, str],
    here: str = "",
) -> Tree:
    """The trees of ``families`` below each other.

    ``far`` says how far runs came, ``binned`` what runs in the bin are called. ``here`` is the id of a run that stands
    out.
    """
    branches = [branch for family in families for branch in family]
    heads = [branch.head for branch in branches if branch.head]
    names = {name["id"]: name for name in named(heads)}
    places = {branch.id: place for place, branch in enumerate(branches)}
    lines = [_line(branch, places, names, far, notes, binned, here) for branch in branches]
    count = "1 run" if len(heads) == 1 else f"{len(heads):,} runs"
    return {
        "lines": lines,
        "end": max((max(line["end"], line["planned"]) for line in lines), default=1) or 1,
        "alt": f"Which run came of which: {count} as lines over steps, each from where it left the one that it goes on "
        "from. A press of the tabulator leads from run to run and from note to note.",
    }


def _line(
    branch: Branch,
    places: Mapping[str, int],
    names: Mapping[str, RunName],
    far: Mapping[str, Reached],
    notes: Sequence[Note],
    binned: Mapping[str, str],
    here: str,
) -> Line:
    head = branch.head
    name = names[branch.id]["label"] if head else binned.get(branch.id, branch.id)
    words = " · ".join([*_came(branch), *(_stands(head, far.get(branch.id)) if head else [])])
    opens = "" if head is None else " Opens it." if branch.parent is None else " Opens it where it leaves its parent."
    return {
        "name": name,
        "words": words,
        "alt": f"{name}: {words}, steps {branch.start:,} to {branch.end:,}.{opens}",
        "style": names[branch.id]["style"] if head else GONE,
        "gone": head is None,
        "here": branch.id == here,
        "parent": places[branch.parent] if branch.parent else None,
        "beside": branch.way in BESIDE,
        "start": branch.start,
        "end": branch.end,
        "planned": (head.total_steps or 0) if head else 0,
        "notes": [{"step": note.step, "text": note.line} for note in notes if note.run == branch.id],
    }


BESIDE: dict[Way, str] = {"twin": "twin", "race": "trained beside it"}


def _came(branch: Branch) -> list[str]:
    """How it came of its parent, and what is otherwise in it."""
    if branch.head is None:
        return ["deleted"]
    if branch.parent is None:
        return []
    changed = ", ".join(branch.changed)
    if branch.way in BESIDE:
        return [f"{BESIDE[branch.way]}: {changed}" if changed else BESIDE[branch.way]]
    return [f"from step {branch.start:,}: {changed}" if changed else f"from step {branch.start:,}"]


def _stands(head: Head, reached: Reached | None) -> list[str]:
    accuracy = None if reached is None else reached.accuracy
    return [head.status if accuracy is None else f"{head.status}, {percent(accuracy)} on the test set"]
