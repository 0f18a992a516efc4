"""What runs are called where several are shown: by what differs between them, and never by one name twice."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from core.spec.run import RunSpec
from core.vocabulary.field import Field
from core.vocabulary.fields import FIELDS

SEED = "seed"
# What the first word of a net's name says: where it differs, the names tell the runs apart better than one field could.
_TITLE = ("family", "form", "depth", "skip", "width_multiplier", "growth_rate", "bottleneck", "activation_order")


@dataclass(frozen=True)
class Names:
    """What runs that are shown together are called."""

    labels: tuple[str, ...]  # of each run: the net's name, and what tells it from the others: "ResNet-14 · seed 3"
    brief: tuple[str, ...]  # of each run: only what tells it from the others: "seed 3", "with BN"
    also: tuple[str, ...]  # fields that differ as well, can change a run and are not in ``brief``: "batch size"


def told_apart(specs: Sequence[RunSpec], started: Sequence[float] | None = None) -> list[str]:
    """A label for each run, no two alike: its name, and the fewest fields that tell it from those of the same name.

    Runs with equal specs are numbered in the order in which they ``started`` (s since the epoch; none: as given).
    """
    return list(names(specs, started).labels)


def names(specs: Sequence[RunSpec], started: Sequence[float] | None = None) -> Names:
    """Labels, brief labels and what else differs, for runs that are shown together; see :func:`told_apart`."""
    numbers = _numbers(specs, started)
    distinct = list(dict.fromkeys(specs))
    titles = {spec: spec.net.name for spec in distinct}
    among_namesakes = _among_namesakes(titles)
    labels = [_joined(titles[spec], among_namesakes[spec], number) for spec, number in zip(specs, numbers, strict=True)]
    briefly, shown = _briefly(titles, among_namesakes)
    brief = [_joined("", briefly[spec], number) or titles[spec] for spec, number in zip(specs, numbers, strict=True)]
    also = [field.title for field in differing(distinct) if field.matters and field.name not in shown]
    return Names(tuple(labels), tuple(brief), tuple(also))


def differing(specs: Sequence[RunSpec]) -> list[Field]:
    """The fields in which these runs are not all alike, in the order of the table."""
    return [field for field in FIELDS if len({value(field, spec) for spec in specs}) > 1]


def value(field: Field, spec: RunSpec) -> Hashable:
    """What a run has there."""
    found: Hashable = getattr(getattr(spec, field.part), field.name)
    return found


def _numbers(specs: Sequence[RunSpec], started: Sequence[float] | None) -> list[str]:
    """``#1``, ``#2`` ... for runs whose specs are equal, nothing for the others."""
    alike: dict[RunSpec, list[int]] = {}
    for index in sorted(range(len(specs)), key=lambda index: started[index] if started else index):
        alike.setdefault(specs[index], []).append(index)
    return [f"#{alike[spec].index(index) + 1}" if len(alike[spec]) > 1 else "" for index, spec in enumerate(specs)]


def _joined(title: str, words: Sequence[str], number: str) -> str:
    return " · ".join(part for part in (title, ", ".join(part for part in (*words, number) if part)) if part)


def _among_namesakes(titles: dict[RunSpec, str]) -> dict[RunSpec, list[str]]:
    """What tells each spec from the others of its name; nothing where there are none."""
    words: dict[RunSpec, list[str]] = {}
    for namesakes in _groups(titles):
        words |= _say(_fewest(namesakes), namesakes)
    return words


def _groups(titles: dict[RunSpec, str]) -> list[list[RunSpec]]:
    """Specs of one title each."""
    return [[spec for spec in titles if titles[spec] == title] for title in dict.fromkeys(titles.values())]


def _briefly(
    titles: dict[RunSpec, str], among_namesakes: dict[RunSpec, list[str]]
) -> tuple[dict[RunSpec, list[str]], set[str]]:
    """The shortest words that tell these specs apart, and the names of the fields that they show."""
    specs = list(titles)
    nets = [field for field in differing(specs) if field.part == "net"]
    if len(set(titles.values())) == 1 or not any(field.name in _TITLE for field in nets):
        fewest = _fewest(specs)
        return _say(fewest, specs), {field.name for field in fewest}
    short = dict(zip(specs, _without_common_end(list(titles.values())), strict=True))
    words = {spec: [" ".join((short[spec], *among_namesakes[spec]))] for spec in specs}
    return words, {field.name for field in nets if field.named} | _said_by_all(titles)


def _said_by_all(titles: dict[RunSpec, str]) -> set[str]:
    """Fields that tell namesakes apart whatever the title. A seed needs no more than some: it is of no setting."""
    said = [{field.name for field in _fewest(namesakes)} for namesakes in _groups(titles)]
    return set.intersection(*said) | (set.union(*said) & {SEED})


def _fewest(specs: Sequence[RunSpec]) -> list[Field]:
    """The fewest fields whose values tell all these specs apart; of equally few, those that stand first."""
    differ = differing(specs)
    for count in range(len(differ)):
        for chosen in itertools.combinations(differ, count):
            if len({tuple(value(field, spec) for field in chosen) for spec in specs}) == len(specs):
                return list(chosen)
    return differ


def _say(fields: Sequence[Field], specs: Sequence[RunSpec]) -> dict[RunSpec, list[str]]:
    """The values of these fields in words, for each spec; in full where two values would read alike."""
    words: dict[RunSpec, list[str]] = {spec: [] for spec in specs}
    for field in fields:
        values = {value(field, spec) for spec in specs}
        clear = len({field.say(each) for each in values}) == len(values)
        for spec in specs:
            own = value(field, spec)
            words[spec].append(field.say(own) if clear else f"{field.title} {own}")
    return words


def _without_common_end(titles: list[str]) -> list[str]:
    """Names of nets without the words in which all of them end; the first word always stays."""
    words = [title.split(" ") for title in titles]
    while min(map(len, words)) > 1 and len({each[-1] for each in words}) == 1:
        words = [each[:-1] for each in words]
    return [" ".join(each) for each in words]
