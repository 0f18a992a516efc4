"""Which looks are drawn at which moment: what a browser needs to draw all of them without deciding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypedDict

from core.findings.clock import clock_of, pictures_at
from core.findings.gaps import MARKED, Gaps, gaps_of
from core.findings.moment import Beside, Moment, measured_at, when_measured
from core.findings.seen import Look, Seen
from core.record.thin import evenly
from core.vocabulary.quantities import QUANTITIES
from core.vocabulary.traces import PROBES


class Row(TypedDict):
    """A moment. Lists that are not of words have an entry for each run, in order."""

    of: list[int | None]  # the step at which a run is looked at; None: its newest
    looks: list[list[int | None]]  # the steps of the looks that are drawn, for each kind of quantity; None: no look
    when: list[str]  # that is, in words: "step 12", "steps 12 and 14", "after 1,536 pictures"


class Moments(TypedDict):
    """Every moment that can be chosen."""

    unit: Literal["steps", "pictures"]  # in which equal positions of runs are counted
    same_data: bool  # then tests after the same epoch are set beside each other
    kinds: dict[str, int]  # of quantities: those that were measured at the same looks are of one kind
    steps: list[int]  # of the longest run
    rows: list[Row]
    beside: list[int]  # of these, those whose distributions are set side by side unless others are chosen
    gaps: dict[str, list[list[Gaps]]]  # of quantities that are drawn by rows: for each run


def moments_of(runs: Sequence[Seen]) -> Moments:
    kinds, steps, beside = kinds_of(runs), measured_steps(runs), Beside(runs)
    return {
        "unit": beside.clock.unit,
        "same_data": beside.clock.same_data,
        "kinds": kinds,
        "steps": steps,
        "rows": [row_of(runs, beside.at(step), kinds) for step in steps],
        "beside": _beside(runs),
        "gaps": {name: [gaps_of(run, name) for run in runs] for name in MARKED if name in kinds},
    }


def kinds_of(runs: Sequence[Seen]) -> dict[str, int]:
    """Of the quantities that any run has measured."""
    known: dict[tuple[tuple[int, ...], ...], int] = {}
    kinds = {}
    for quantity in QUANTITIES:
        steps = tuple(tuple(look.step for look in run.looks_of(quantity)) for run in runs)
        if any(steps):
            kinds[quantity] = known.setdefault(steps, len(known))
    return kinds


def row_of(runs: Sequence[Seen], moment: Moment, kinds: dict[str, int]) -> Row:
    row: Row = {"of": [moment.of(run) for run in runs], "looks": [], "when": []}
    for kind in range(len(set(kinds.values()))):
        quantity = next(name for name, its in kinds.items() if its == kind)
        shown = measured_at(runs, moment, quantity)
        steps = {run: look.step for run, look in shown}
        row["looks"].append([steps.get(run) for run in runs])
        row["when"].append(when_measured(shown, moment).removeprefix("at "))
    return row


def _beside(runs: Sequence[Seen]) -> list[int]:
    """The first, the one at the end of the first epoch, the middle one, and the last."""
    known = _steps_of(runs, lambda run: run.looks_of("histogram"))
    if not known:
        return []
    longest = max(runs, key=lambda run: run.last_step)
    wanted = (0, longest.started.get("steps_per_epoch", 0), known[-1] // 2, known[-1])
    return sorted({min(known, key=lambda step: abs(step - place)) for place in wanted})


def measured_steps(runs: Sequence[Seen]) -> list[int]:
    """At which anything was measured, as steps of the longest run; of very many, some."""
    ascending = _steps_of(runs, lambda run: run.looks)
    return [ascending[index] for index in evenly(ascending, PROBES)]


def _steps_of(runs: Sequence[Seen], looks: Callable[[Seen], list[Look]]) -> list[int]:
    """The steps of looks, as steps of the longest run."""
    begun = [run for run in runs if run.looks]
    if not begun:
        return []
    clock, ruler = clock_of(begun), max(begun, key=lambda run: run.last_step)
    return sorted({clock.step(ruler, clock.position(run, look.step)) for run in begun for look in looks(run)})


def held(moment: Moment) -> str:
    """That runs that are further wait for the others, in words; else ""."""
    if not moment.held:
        return ""
    run = moment.compared[0]
    step = moment.of(run)
    assert step is not None  # several are compared
    pictures = moment.clock.unit == "pictures"
    position = f"{pictures_at(run, step):,} pictures, all" if pictures else f"step {step:,}, the last"
    return f"all views show {position} that {'all' if len(moment.compared) > 2 else 'both'} have reached"
