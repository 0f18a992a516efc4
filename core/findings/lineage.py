"""Which run came of which: forks, more epochs, twins and races as trees whose branches leave their parent at a step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.record.recording import Head
from core.spec import RunSpec
from core.spec.names import differing, value
from core.vocabulary.field import Field, Switch

Way = Literal["", "fork", "more", "twin", "race"]


@dataclass(frozen=True)
class Branch:
    """A run as a line over steps. It leaves its parent at ``start``, or stands beside it from the first step."""

    id: str
    head: Head | None  # None: it was deleted, and of it is known only what went on from it
    parent: str | None  # id of a branch that stands before it
    way: Way  # how it came of its parent
    start: int
    end: int  # of what is known of it
    changed: tuple[str, ...]  # from its parent, in words


def families(heads: Sequence[Head]) -> list[list[Branch]]:
    """The trees of these runs, that of the newest run first; in each a parent stands before its children.

    Of two children of one run the one that left it later stands first: then no line crosses another. What a run came
    of and is not among these was deleted.
    """
    known = {head.id: head for head in heads}
    parents = {head.id: _parent(head) for head in heads}
    children: dict[str, list[Head]] = {}
    for head in heads:
        if parent := parents[head.id]:
            children.setdefault(parent, []).append(head)
    roots = {_root(head.id, parents): head.created for head in sorted(heads, key=lambda head: head.created)}
    newest_first = sorted(roots, key=lambda root: -roots[root])
    return [list(_branches(root, known, children)) for root in newest_first]


def _root(run_id: str, parents: Mapping[str, str | None]) -> str:
    while parent := parents.get(run_id):
        run_id = parent
    return run_id


def _parent(head: Head) -> str | None:
    found = head.parent or head.twin_of or head.race
    return found if found != head.id else None


def _branches(root: str, known: Mapping[str, Head], children: Mapping[str, Sequence[Head]]) -> Iterator[Branch]:
    waiting: list[tuple[str, Branch | None]] = [(root, None)]
    while waiting:
        run_id, parent = waiting.pop()
        own = sorted(children.get(run_id, ()), key=lambda head: (_start(head), -head.created))
        branch = _branch(run_id, known.get(run_id), parent, max(map(_start, own), default=0))
        waiting += [(head.id, branch) for head in own]
        yield branch


def _start(head: Head) -> int:
    return (head.fork_step or 0) if head.parent else 0


def _branch(run_id: str, head: Head | None, parent: Branch | None, left: int) -> Branch:
    """``left``: where the last of its children left it."""
    if head is None:
        return Branch(run_id, None, None, "", 0, left, ())
    if parent is None:
        return Branch(run_id, head, None, "", 0, max(head.step, left), ())
    changed = _changed(parent.head.spec, head.spec) if parent.head else []
    way: Way = "race"
    if head.parent:
        way = "more" if [field.name for field in changed] == ["epochs"] else "fork"
    elif head.twin_of:
        way = "twin"
    words = [_words(field, parent.head.spec, head.spec) for field in changed if parent.head]
    start = _start(head)
    return Branch(run_id, head, parent.id, way, start, max(head.step, left, start), tuple(words))


def _changed(before: RunSpec, after: RunSpec) -> list[Field]:
    return [field for field in differing([before, after]) if field.matters]


def _words(field: Field, before: RunSpec, after: RunSpec) -> str:
    if isinstance(field.type, Switch):
        return field.say(value(field, after))
    return f"{field.title} {field.value(value(field, before))} → {field.value(value(field, after))}"
