"""What may be said of runs at every moment that can be chosen, for a page that has no lab to ask.

Findings are worked out by Python alone. What a viewer can choose is little: which runs are hidden, a step at which
something was measured, a quantity. So all that can be asked is answered beforehand, each sentence once.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Generic, TypedDict, TypeVar

from core.findings.group import Group
from core.findings.moment import Moment, moment_of
from core.findings.moments import Moments, Row, held, row_of
from core.findings.nothing import Said
from core.findings.story import Happening, story
from core.findings.ticks import Tick
from core.findings.together import Band
from core.findings.told import View
from core.record.recording import Recording
from core.vocabulary.quantities import of_view

MOST_HIDDEN = 3  # runs, up to which it is said of each choice among them; of more, of all of them alone
LEDGERS = 2  # nets whose channels can be chosen

Told = TypeVar("Told")


class Words(TypedDict):
    """What is said at a moment: places in the lists of :class:`Foretold`."""

    row: int
    said: dict[str, int]  # by what is shown: "learns", "gradient std", "flow weight_share 1"
    story: list[int]


class Foretold(TypedDict):
    """What may be said of runs, of which some are hidden. Lists have an entry for each run that is not."""

    hidden: list[str]  # ids
    seqs: list[int]
    bands: list[Band]
    held: str
    moments: Moments
    ticks: list[Tick]
    steps: list[int]  # that can be chosen, of the longest run of all
    words: list[Words]  # one a step, and one for the newest
    rows: list[Row]
    said: list[Said]
    happenings: list[Happening]


def foretold(found: Sequence[Recording]) -> list[Foretold]:
    """Of all of these runs, and where they are few of each choice among them."""
    ids = [recording.head.id for recording in found]
    counts = range(len(ids) if len(ids) <= MOST_HIDDEN else 1)
    away = [hidden for count in counts for hidden in itertools.combinations(ids, count)]
    groups = [Group(found, hidden) for hidden in away]
    steps = sorted({step for group in groups for step in group.moments["steps"]})
    return [_of(group, hidden, steps) for group, hidden in zip(groups, away, strict=True)]


class _Once(Generic[Told]):
    """A list in which nothing stands twice."""

    def __init__(self) -> None:
        self.all: list[Told] = []
        self._places: dict[str, int] = {}

    def place(self, told: Told) -> int:
        place = self._places.setdefault(json.dumps(told), len(self.all))
        if place == len(self.all):
            self.all.append(told)
        return place


def _of(group: Group, hidden: Sequence[str], steps: list[int]) -> Foretold:
    rows, said, happenings = _Once[Row](), _Once[Said](), _Once[Happening]()

    def words(moment: Moment) -> Words:
        return {
            "row": rows.place(row_of(group.runs, moment, group.moments["kinds"])),
            "said": {shown: said.place(sentence) for shown, sentence in _sentences(group, moment)},
            "story": [happenings.place(each) for each in story(group.runs, moment)],
        }

    newest = moment_of(group.runs, None)
    return {
        "hidden": list(hidden),
        "seqs": [run.recording.seq for run in group.runs],
        "bands": group.bands,
        "held": held(newest),
        "moments": group.moments,
        "ticks": group.ticks,
        "steps": steps,
        "words": [words(moment) for moment in (*(moment_of(group.runs, step) for step in steps), newest)],
        "rows": rows.all,
        "said": said.all,
        "happenings": happenings.all,
    }


def _sentences(group: Group, moment: Moment) -> Iterator[tuple[str, Said]]:
    """Each sentence, by what a viewer has chosen to see."""

    def told(**chosen: Any) -> Any:
        return group.teller(moment, replace(View(moment.step), **chosen))

    yield "learns", told().learns()
    for name in of_view("gradient"):
        yield f"gradient {name}", told(gradient=name).gradient()
    for name in of_view("signals"):
        yield f"signals {name}", told(signals=name).signals()
    for name, ledger in itertools.product(of_view("flow"), range(LEDGERS)):
        yield f"flow {name} {ledger}", told(flow=name, ledger=ledger).flow()
