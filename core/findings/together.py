"""Which runs are drawn as one: seeds of one setting become a band where they are many."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from statistics import fmean
from typing import NamedTuple, TypedDict

from core.findings.names import paired
from core.findings.seen import Seen
from core.spec import RunSpec
from core.spec.names import SEED, names, value
from core.vocabulary.fields import FIELDS

SEEDS = 4  # of one setting, that are still drawn run by run
SINGLE = 8  # units that colours tell apart
NAMED = 4  # units that a sentence names, each with its number


class Band(TypedDict):
    """Runs that are drawn as their mean and the range between the least and the most of them."""

    runs: list[str]  # ids
    name: str  # of their setting, beside the others
    of: str  # what the band is, in words: "mean, least to most of 5 seeds"


def units(specs: Sequence[RunSpec]) -> list[int]:
    """As which unit each run is drawn, counted from 0 in order: more than four seeds of one setting are one unit."""
    seeds: dict[Hashable, set[int]] = {}
    for spec in specs:
        seeds.setdefault(_setting(spec), set()).add(spec.train.seed)
    keys = [setting if len(seeds[setting := _setting(spec)]) > SEEDS else index for index, spec in enumerate(specs)]
    known = list(dict.fromkeys(keys))
    return [known.index(key) for key in keys]


def crowded(specs: Sequence[RunSpec]) -> bool:
    """Whether there are more units than colours: then all are grey but those that are spoken of."""
    return len(set(units(specs))) > SINGLE


def bands(runs: Sequence[Seen], specs: Sequence[RunSpec]) -> list[Band]:
    """Of the runs that are shown, among all that the page has. One that ended early is drawn by itself: with it, the
    band would end where it did. So is one whose rate was set by hand, which is of another setting, or that goes on
    from another run."""
    unit = dict(zip(specs, units(specs), strict=True))  # equal specs are of one unit, or have no band
    told = _named(specs)
    members: dict[int, list[Seen]] = {}
    for run in runs:
        if run.begun and not run.state.early and run.rate_set is None and run.recording.head.parent is None:
            members.setdefault(unit[run.recording.head.spec], []).append(run)
    return [
        {
            "runs": [run.id for run in group],
            "name": told[number],
            "of": f"mean, least to most of {_seeds(group)}",
        }
        for number, group in members.items()
        if len(group) > 1 and number in told
    ]


class _Unit(NamedTuple):
    """Runs that are read as one, and their numbers."""

    name: str
    runs: list[Seen]
    numbers: list[float]
    written: list[str]

    @property
    def text(self) -> str:
        if len(self.runs) == 1:
            return self.written[0]
        least, most = (self.written[self.numbers.index(end(self.numbers))] for end in (min, max))
        return f"{least} to {most} over {_seeds(self.runs)}"


def read(runs: Sequence[Seen], numbers: Sequence[float], written: Sequence[str], bands: Sequence[Band]) -> str:
    """Each run with its number, as it is ``written``, and each band with the least and the most; of many, the ends."""
    names = {run_id: band["name"] for band in bands for run_id in band["runs"]}
    found: dict[str, _Unit] = {}
    for run, number, text in zip(runs, numbers, written, strict=True):
        name = names.get(run.id, run.brief)
        unit = found.setdefault(name, _Unit(name, [], [], []))
        unit.runs.append(run)
        unit.numbers.append(number)
        unit.written.append(text)
    known = [unit for unit in found.values() if all(map(math.isfinite, unit.numbers))]
    if len(found) <= NAMED or len(known) < 2:
        return paired(list(found), [unit.text for unit in found.values()])
    ordered = sorted(known, key=lambda unit: fmean(unit.numbers))
    high, low = (paired([unit.name], [unit.text]) for unit in (ordered[-1], ordered[0]))
    return f"highest {high}, lowest {low}, of {len(runs)} runs"


def _setting(spec: RunSpec) -> Hashable:
    """All that can change a run but the seed."""
    return tuple(value(field, spec) for field in FIELDS if field.matters and field.name != SEED)


def _named(specs: Sequence[RunSpec]) -> dict[int, str]:
    """What each unit of several runs is called beside the other units, without a seed where that is not needed."""
    firsts: dict[int, RunSpec] = {}
    for of, spec in zip(units(specs), specs, strict=True):
        firsts.setdefault(of, spec)
    several = {of for of in firsts if units(specs).count(of) > 1}
    alike = [spec.but(train=spec.train.but(seed=0)) if of in several else spec for of, spec in firsts.items()]
    return {of: name for of, name in zip(firsts, names(alike).brief, strict=True) if of in several}


def _seeds(group: Sequence[Seen]) -> str:
    seeds = len({run.recording.head.spec.train.seed for run in group})
    return f"{seeds} seeds" if seeds == len(group) else f"{len(group)} runs of {seeds} seeds"
