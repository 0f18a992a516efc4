"""The one sentence that may be said of runs that are laid beside each other: what differs, and what that came to.

Two settings are compared only where exactly one thing that matters differs between them, and with the number of seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from core.findings.cut import Since, parent_of, since
from core.findings.moment import moment_of
from core.findings.names import listed
from core.findings.seen import Seen
from core.findings.tested import Tests, tests_at
from core.spec import RunSpec
from core.spec.names import SEED, differing, value
from core.vocabulary.field import Field
from core.vocabulary.numbers import duration, percent

SEEDS = 3  # of each setting, from which on chance can be told from effect


def verdict(runs: Sequence[Seen]) -> str:
    """Empty for a single run."""
    if len(runs) < 2:
        return ""
    if len({_beginning(run) for run in runs}) > 1:
        return _of_forks(runs)
    fields = [field for field in differing([_spec(run) for run in runs]) if field.matters]
    settings = [field for field in fields if field.name != SEED]
    if len(settings) > 1:
        titles = listed([field.title for field in settings])
        return f"These runs differ in {titles}: no single one of these can be said to make the difference."
    tests = tests_at(runs, moment_of(runs, None))
    if not settings:
        return _of_one_setting(runs, tests)
    [field] = settings
    groups: dict[object, list[Seen]] = {}
    for run in runs:
        groups.setdefault(value(field, _spec(run)), []).append(run)
    if len(groups) > 2:
        return f"These runs differ in {field.title} alone{_reached(runs, groups, tests, field)}."
    return _of_two(runs, groups, tests, field)


def _beginning(run: Seen) -> tuple[str | None, int | None]:
    """The run and step whose weights it began with; none where it began with its own."""
    head = run.recording.head
    return head.parent, head.fork_step


def _of_forks(runs: Sequence[Seen]) -> str:
    """What began with another run's weights has been trained by two settings: neither alone made the difference."""
    went_on = [f"{run.brief} from step {step:,}" for run in runs if (step := _beginning(run)[1]) is not None]
    came = [f" {run.brief}: {found.text}" for run in runs if (found := _since_the_cut(run, runs))]
    return (
        f"{listed(went_on)} went on with what another run had learnt: what differs in the settings holds from there "
        f"on only, and cannot alone be said to make the difference.{''.join(came)}"
    )


def _since_the_cut(run: Seen, runs: Sequence[Seen]) -> Since | None:
    parent = parent_of(run, runs)
    return since(run, parent, None) if parent else None


def _of_one_setting(runs: Sequence[Seen], tests: Tests | None) -> str:
    seeds = len({_spec(run).train.seed for run in runs})
    what = f"{seeds} seeds of one setting" if seeds > 1 else f"{len(runs)} runs of one setting and seed"
    if tests is None:
        return f"{what.capitalize()}; they have no test in common yet."
    found = [test.accuracy for test in tests.tests]
    least, most = percent(min(found)), percent(max(found))
    return (
        f"{what.capitalize()}: test accuracy {tests.when} from {least} to {most}, {percent(fmean(found))} on average."
    )


def _of_two(runs: Sequence[Seen], groups: dict[object, list[Seen]], tests: Tests | None, field: Field) -> str:
    opening = f"These runs differ in {field.title} alone"
    if tests is None:
        return f"{opening}; they have no test in common yet."
    reached = dict(zip(runs, (test.accuracy for test in tests.tests), strict=True))
    one, other = (list(group) for group in groups.values())
    gap = fmean(reached[run] for run in one) - fmean(reached[run] for run in other)
    seeds = min(len({_spec(run).train.seed for run in group}) for group in (one, other))
    said = f"{opening}{_reached(runs, groups, tests, field)}, {percent(abs(gap)).removesuffix(' %')} points apart"
    if seeds >= SEEDS:
        return f"{said} on average over {seeds} seeds."
    count = "one seed" if seeds == 1 else f"{seeds} seeds"
    return f"{said} with {count} each: {_missing(runs, SEEDS - seeds)} needed to tell this from chance."


def _reached(runs: Sequence[Seen], groups: dict[object, list[Seen]], tests: Tests | None, field: Field) -> str:
    if tests is None:
        return ""
    reached = dict(zip(runs, (test.accuracy for test in tests.tests), strict=True))
    means = [f"{percent(fmean(reached[run] for run in group))} {field.say(of)}" for of, group in groups.items()]
    return f": test accuracy {tests.when} is {listed(means)}"


def _missing(runs: Sequence[Seen], seeds: int) -> str:
    """How many more runs, and how long these took here."""
    seconds = sum((run.recording.last("metrics") or {}).get("seconds", 0.0) for run in runs) / len(runs) * 2 * seeds
    more, verb = ("1 more seed", "is") if seeds == 1 else (f"{seeds} more seeds", "are")
    return f"{more} of each (some {duration(seconds)} at the speed of these) {verb}"


def _spec(run: Seen) -> RunSpec:
    return run.recording.head.spec
