"""Runs that are shown together, and all that a browser needs to draw them and to say what may be said."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypedDict

from core.findings.moment import Moment, moment_of
from core.findings.moments import Moments, Row, held, moments_of, row_of
from core.findings.seen import Seen
from core.findings.story import Happening, story
from core.findings.ticks import Tick, ticks
from core.findings.together import Band, bands
from core.findings.told import Sentences, Teller, View, by_hand
from core.record.recording import Recording
from core.spec.names import differing, of_runs


class Findings(TypedDict):
    """What may be said of runs, and what is drawn of them. Lists have an entry for each run that is not hidden, in the
    order asked for."""

    seqs: list[int]  # of the last event that is known of each run
    row: Row  # of the step that was asked for
    bands: list[Band]
    held: str  # that runs wait for others, in words, else ""
    said: Sentences
    story: list[Happening]  # what happened until then
    moments: Moments
    ticks: list[Tick]  # of the bar of time


class Group:
    """Runs that are shown together, as they are known now.

    Those that are ``hidden`` (ids) keep their part in the names of the others, and have none in what is said.
    """

    def __init__(self, found: Sequence[Recording], hidden: Collection[str] = ()) -> None:
        specs = [each.head.spec for each in found]
        named = of_runs([each.head for each in found])
        seen = [Seen(each, brief) for each, brief in zip(found, named.brief, strict=True)]
        self.runs = [run for run in seen if run.id not in hidden]
        differ = {field.title for field in differing([run.recording.head.spec for run in self.runs])}
        self.also = [*(title for title in named.also if title in differ), *by_hand(self.runs)]
        self.bands = bands(self.runs, specs)
        self.moments = moments_of(self.runs)
        self.ticks = ticks(self.runs)

    def mark(self, noted: Mapping[str, Sequence[tuple[int, str]]]) -> None:
        """Put what somebody noted, by run, at a step and in words, on the bar of time."""
        self.ticks = ticks(self.runs, noted)

    def findings(self, view: View) -> Findings:
        """What may be said of what a viewer has chosen to see."""
        moment = moment_of(self.runs, view.step)
        return {
            "seqs": [run.recording.seq for run in self.runs],
            "row": row_of(self.runs, moment, self.moments["kinds"]),
            "bands": self.bands,
            "held": held(moment),
            "said": self.teller(moment, view).sentences(),
            "story": story(self.runs, moment),
            "moments": self.moments,
            "ticks": self.ticks,
        }

    def teller(self, moment: Moment, view: View) -> Teller:
        """Who says it, sentence by sentence."""
        return Teller(self.runs, moment, view, self.also, self.bands)
