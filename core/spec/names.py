"""What runs are called where several are shown: by what differs between them, and never by one name twice."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol
from unicodedata import bidirectional

from core.spec.run import RunSpec
from core.vocabulary.field import Field
from core.vocabulary.fields import FIELDS

SEED = "seed"
# What the first word of a net's name says: where it differs, the names tell the runs apart better than one field could.
_TITLE = ("family", "form", "depth", "skip", "width_multiplier", "growth_rate", "bottleneck", "activation_order")

ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"  # Unicode's own marks for it, which nobody sees
FROM_THE_RIGHT = ("R", "AL", "AN")  # kinds of characters
MOST_COMPARED = 200_000  # values of fields that are looked at for the very fewest: some hundredths of a second


@dataclass(frozen=True)
class Names:
    """What runs that are shown together are called."""

    labels: tuple[str, ...]  # of each run: the net's name, and what tells it from the others: "ResNet-14 · seed 3"
    brief: tuple[str, ...]  # of each run: only what tells it from the others: "seed 3", "with BN"
    also: tuple[str, ...]  # fields that differ as well, can change a run and are not in ``brief``: "batch size"


class Named(Protocol):
    """A run, or the head of its recording."""

    @property
    def spec(self) -> RunSpec: ...
    @property
    def title(self) -> str: ...
    @property
    def created(self) -> float: ...


def of_runs(runs: Sequence[Named]) -> Names:
    """What runs are called that are shown together: by the titles that people gave them, else by what differs."""
    return names([run.spec for run in runs], [run.created for run in runs], [run.title for run in runs])


def isolated(title: str) -> str:
    """A title that is read from right to left as one piece, so that it turns nothing round that stands beside it."""
    turns = any(bidirectional(character) in FROM_THE_RIGHT for character in title)
    return f"{ISOLATE}{title}{END_OF_ISOLATE}" if turns else title


def unmarked(label: str) -> str:
    """A label without the marks of :func:`isolated`, for what no other text stands beside."""
    return label.replace(ISOLATE, "").replace(END_OF_ISOLATE, "")


def told_apart(specs: Sequence[RunSpec], started: Sequence[float] | None = None) -> list[str]:
    """A label for each run, no two alike: its name, and the fewest fields that tell it from those of the same name.

    Runs with equal specs are numbered in the order in which they ``started`` (s since the epoch; none: as given).
    """
    return list(names(specs, started).labels)


def names(
    specs: Sequence[RunSpec], started: Sequence[float] | None = None, titles: Sequence[str] | None = None
) -> Names:
    """Labels, brief labels and what else differs, for runs that are shown together; see :func:`told_apart`.

    A run that has one of the ``titles`` (none: empty) is called by it in place of its net's name, also briefly.
    """
    given = titles or [""] * len(specs)
    called = [Called(isolated(title) or spec.net.name, spec) for title, spec in zip(given, specs, strict=True)]
    numbers = _numbers(called, started)
    words = _among_namesakes(list(dict.fromkeys(called)))
    labels = [_joined(each.name, words[each], number) for each, number in zip(called, numbers, strict=True)]
    untitled = list(dict.fromkeys(each for each, title in zip(called, given, strict=True) if not title))
    briefly, shown = _briefly(untitled, words)
    brief = [
        label if title else _joined("", briefly[each], number) or each.name
        for each, title, label, number in zip(called, given, labels, numbers, strict=True)
    ]
    if any(given):  # a title shows no field
        shown = set()
    differ = differing(list(dict.fromkeys(specs)))
    also = [field.title for field in differ if field.matters and field.name not in shown]
    return Names(_each_once(labels), _each_once(brief), tuple(also))


def differing(specs: Sequence[RunSpec]) -> list[Field]:
    """The fields in which these runs are not all alike, in the order of the table."""
    return [field for field, values in zip(FIELDS, _columns(specs), strict=True) if len(set(values)) > 1]


def _columns(specs: Sequence[RunSpec]) -> list[tuple[Hashable, ...]]:
    """For each field what these runs have there."""
    return list(zip(*map(_values, specs), strict=True)) if specs else [()] * len(FIELDS)


@lru_cache(maxsize=4096)
def _values(spec: RunSpec) -> tuple[Hashable, ...]:
    return tuple(value(field, spec) for field in FIELDS)


def value(field: Field, spec: RunSpec) -> Hashable:
    """What a run has there."""
    found: Hashable = getattr(getattr(spec, field.part), field.name)
    return found


class Called(NamedTuple):
    """What a run is called before it is told from its namesakes, and what it is."""

    name: str
    spec: RunSpec


def _numbers(called: Sequence[Called], started: Sequence[float] | None) -> list[str]:
    """``#1``, ``#2`` ... for runs that are alike in name and spec, nothing for the others."""
    alike: dict[Called, list[int]] = {}
    for index in sorted(range(len(called)), key=lambda index: started[index] if started else index):
        alike.setdefault(called[index], []).append(index)
    return [f"#{alike[each].index(index) + 1}" if len(alike[each]) > 1 else "" for index, each in enumerate(called)]


def _joined(title: str, words: Sequence[str], number: str) -> str:
    return " · ".join(part for part in (title, ", ".join(part for part in (*words, number) if part)) if part)


def _each_once(names: Sequence[str]) -> tuple[str, ...]:
    """A title may be what another run is called anyway: a number then tells it from the one before it."""
    found: dict[str, None] = {}
    for name in names:
        once, count = name, 1
        while once in found:
            count += 1
            once = f"{name} ({count})"
        found[once] = None
    return tuple(found)


def _among_namesakes(called: Sequence[Called]) -> dict[Called, list[str]]:
    """What tells each from the others of its name; nothing where there are none."""
    words = {name: _say(_fewest(namesakes), namesakes) for name, namesakes in _groups(called).items()}
    return {each: words[each.name][each.spec] for each in called}


def _groups(called: Sequence[Called]) -> dict[str, list[RunSpec]]:
    """Specs by their name."""
    groups: dict[str, list[RunSpec]] = {}
    for name, spec in called:
        groups.setdefault(name, []).append(spec)
    return groups


def _briefly(called: Sequence[Called], words: dict[Called, list[str]]) -> tuple[dict[Called, list[str]], set[str]]:
    """The shortest words that tell these apart, and the names of the fields that they show."""
    specs = [each.spec for each in called]
    nets = [field for field in differing(specs) if field.part == "net"]
    if len({each.name for each in called}) == 1 or not any(field.name in _TITLE for field in nets):
        fewest = _fewest(specs)
        said = _say(fewest, specs)
        return {each: said[each.spec] for each in called}, {field.name for field in fewest}
    short = _without_common_end([each.name for each in called])
    briefly = {each: [" ".join((name, *words[each]))] for each, name in zip(called, short, strict=True)}
    return briefly, {field.name for field in nets if field.named} | _said_by_all(called)


def _said_by_all(called: Sequence[Called]) -> set[str]:
    """Fields that tell namesakes apart whatever the name. A seed needs no more than some: it is of no setting."""
    said = [{field.name for field in _fewest(namesakes)} for namesakes in _groups(called).values()]
    return set.intersection(*said) | (set.union(*said) & {SEED})


def _fewest(specs: Sequence[RunSpec]) -> list[Field]:
    """The fewest fields whose values tell all these specs apart; of equally few, those that stand first.

    Of very many that differ in very much, few fields that are found in reasonable time.
    """
    if len(specs) < 2:
        return []
    differ = differing(specs)
    values = {field.name: column for field, column in zip(FIELDS, _columns(specs), strict=True)}

    def apart(chosen: Iterable[Field]) -> int:
        return len(set(zip(*(values[field.name] for field in chosen), strict=True)))

    few = itertools.chain.from_iterable(itertools.combinations(differ, count) for count in range(1, len(differ)))
    for chosen in itertools.islice(few, MOST_COMPARED // len(specs)):
        if apart(chosen) == len(specs):
            return list(chosen)
    found: list[Field] = []
    while apart(found) < len(specs):
        found.append(max((field for field in differ if field not in found), key=lambda field: apart((*found, field))))
    return [field for field in differ if field in found]


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
