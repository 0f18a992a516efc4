"""Which rows of which looks have no place in a picture, and why: for the marks and colours that stand there."""

from __future__ import annotations

from typing import TypedDict

from core.findings.reach import standings
from core.findings.seen import Look, Seen
from core.vocabulary.standings import State

MARKED = ("weight_grad", "signal_grad", "update_ratio", "agreement", "std", "branch_ratio")


class Gap(TypedDict):
    """Rows, from 0, of which the same is so."""

    state: State
    words: str
    rows: list[int]


class Gaps(TypedDict):
    """What is so of a look, and of those behind it until the next entry."""

    step: int
    gaps: list[Gap]


def gaps_of(run: Seen, quantity: str) -> list[Gaps]:
    """Of each look of a run that differs from the one before; none where every row always has a number."""
    found: list[Gaps] = []
    before: list[Gap] = []
    for look in run.looks_of(quantity):
        gaps = _at(run, look, quantity)
        if gaps != before:
            found.append({"step": look.step, "gaps": gaps})
        before = gaps
    return found


def _at(run: Seen, look: Look, quantity: str) -> list[Gap]:
    gaps: dict[tuple[State, str], Gap] = {}
    for row, standing in enumerate(standings(run, look, quantity)):
        if standing:
            gap = gaps.setdefault(standing, {"state": standing.state, "words": standing.words, "rows": []})
            gap["rows"].append(row)
    return list(gaps.values())
