"""The language in which runs are searched: ``depth>50 norm:none status:finished tag:x "plain words"``.

All terms must hold. A word is looked for in the name, the note, the tags and the id. A field is one of the
vocabulary's, by its name or label, or one of those that a run has beside its spec (:data:`OF_A_RUN`).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from core.spec import SpecError, read_number, shortened
from core.spec.names import value as of_spec
from core.store.reached import Reached
from core.store.records import Run
from core.vocabulary.families import FAMILIES
from core.vocabulary.field import Choice, Field, Switch, Text
from core.vocabulary.fields import FIELDS
from core.vocabulary.states import STATES

LONGEST = 500  # characters
CLOSE = 0.6  # how alike a name must be to be proposed
TERM = re.compile(r'(?:([^\s":=<>!]+)(!=|>=|<=|[:=<>]))?("[^"]*"|[^\s"]+)')
SIGN = re.compile("[:=<>]|!=")
ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
YES, NO = ("on", "yes", "true", "1"), ("off", "no", "false", "0")

Found = Callable[[Run, Reached], bool]
OF_A_RUN: dict[str, tuple[str, Callable[[Run, Reached], Any]]] = {  # kind, and what a run has there
    "status": ("word", lambda run, reached: run.status),
    "tag": ("words", lambda run, reached: run.tags),
    "name": ("text", lambda run, reached: run.name),
    "note": ("text", lambda run, reached: run.note),
    "id": ("text", lambda run, reached: run.id),
    "accuracy": ("number", lambda run, reached: None if reached.accuracy is None else 100 * reached.accuracy),
    "speed": ("number", lambda run, reached: reached.speed),
    "step": ("number", lambda run, reached: run.step),
}


@dataclass(frozen=True)
class Query:
    """What runs are searched for."""

    terms: tuple[Found, ...]

    def finds(self, run: Run, reached: Reached) -> bool:
        return all(term(run, reached) for term in self.terms)


def read_query(text: str) -> Query:
    """The search that was typed; an empty one finds every run. Raises SpecError."""
    if len(text) > LONGEST:
        raise SpecError(f"A search of {len(text):,} characters is too long: write at most {LONGEST}.")
    terms, at = [], 0
    for term in TERM.finditer(text):
        _refuse_between(text[at : term.start()])
        at = term.end()
        name, sign, wanted = term.groups()
        if not name and not wanted.startswith('"') and SIGN.search(wanted):
            raise SpecError(f'"{shortened(wanted, 60)}" is half a search: write a field, a sign and a value.')
        wanted = wanted.strip('"')
        terms.append(_term(name, sign, wanted) if name else _word(wanted))
    _refuse_between(text[at:])
    return Query(tuple(terms))


def _refuse_between(text: str) -> None:
    """Refuse what is part of no term."""
    if '"' in text:
        raise SpecError('A quotation mark is not closed: write plain words between two, as in "warm-up too short".')
    if text.strip():
        raise SpecError(f'"{shortened(text.strip(), 60)}" is no search: write words, or a field, a sign and a value.')


def _word(wanted: str) -> Found:
    text = wanted.casefold()
    return lambda run, reached: any(
        text in each.casefold() for each in (run.name, run.net_name, run.note, run.id, run.status, *run.tags)
    )


def _term(name: str, sign: str, wanted: str) -> Found:
    key = _key(name)
    if key in OF_A_RUN:
        kind, of = OF_A_RUN[key]
        return _compared(_reader(key, kind, sign, wanted), of)
    if key in BY_NAME:
        field = BY_NAME[key]
        return _compared(_field_reader(field, sign, wanted), lambda run, reached: _of(field, run))
    close = get_close_matches(key, [*OF_A_RUN, *BY_NAME], 3, CLOSE)
    near = dict.fromkeys(BY_NAME[each].name if each in BY_NAME else each for each in close)
    cure = f"write {' or '.join(near)}." if near else f"choose one such as {', '.join(SUCH)}."
    raise SpecError(f'No run has a "{shortened(name, 60)}": {cure}')


def _compared(holds: Callable[[Any], bool], of: Callable[[Run, Reached], Any]) -> Found:
    def found(run: Run, reached: Reached) -> bool:
        own = of(run, reached)
        return own is not None and holds(own)

    return found


def _of(field: Field, run: Run) -> Any:
    """What a run has there; None where the field means nothing in its net."""
    net = run.spec.net
    return None if field.part == "net" and field.name in FAMILIES[net.family].meaningless else of_spec(field, run.spec)


def _reader(name: str, kind: str, sign: str, wanted: str) -> Callable[[Any], bool]:
    """Whether what a run has there is what is wanted."""
    text = wanted.casefold()
    if kind == "number":
        return _number_reader(name, sign, wanted)
    _refuse_order(name, sign)
    if name == "status" and text not in STATES:
        raise SpecError(f'No run has the status "{shortened(wanted, 60)}": choose {_or(STATES)}.')
    holds: dict[str, Callable[[Any], bool]] = {
        "word": lambda own: own == text,
        "words": lambda own: text.removeprefix("#") in own,
        "text": lambda own: text in own.casefold(),
    }
    return _signed(sign, holds[kind])


def _field_reader(field: Field, sign: str, wanted: str) -> Callable[[Any], bool]:
    match field.type:
        case Choice(labels):
            _refuse_order(field.name, sign)
            chosen = {_key(word): each for each, label in labels.items() for word in (str(label), str(each))}
            if _key(wanted) not in chosen:
                raise SpecError(f'{field.title} is never "{shortened(wanted, 60)}": choose {_or(map(str, labels))}.')
            return _signed(sign, lambda own: own == chosen[_key(wanted)])
        case Switch():
            _refuse_order(field.name, sign)
            if wanted.casefold() not in (*YES, *NO):
                raise SpecError(f'{field.title} is on or off, not "{shortened(wanted, 60)}": choose on or off.')
            return _signed(sign, lambda own: own is (wanted.casefold() in YES))
        case Text():
            _refuse_order(field.name, sign)
            return _signed(sign, lambda own: wanted.casefold() in str(own).casefold())
        case _:
            return _number_reader(field.name, sign, wanted, getattr(field.type, "word", ""))


def _number_reader(name: str, sign: str, wanted: str, word: str = "") -> Callable[[Any], bool]:
    if word and wanted.casefold() == word.casefold():
        _refuse_order(f"{name} {word}", sign)
        return _signed(sign, lambda own: own == word)
    number = read_number(wanted.removesuffix("%"))
    if sign in ORDERED:
        return lambda own: not isinstance(own, str) and ORDERED[sign](own, number)
    return _signed(sign, lambda own: own == number)


def _signed(sign: str, holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return (lambda own: not holds(own)) if sign == "!=" else holds


def _refuse_order(name: str, sign: str) -> None:
    if sign in ORDERED:
        raise SpecError(f'"{name}" has no order that "{sign}" could ask for: write {name.split()[0]}: and a value.')


def _key(name: str) -> str:
    """As names are compared: small letters, one stroke between words."""
    return re.sub(r"[\s_-]+", "_", name.casefold().strip(" -_"))


def _or(words: Any) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def _by_name(fields: Sequence[Field]) -> dict[str, Field]:
    """Fields by their names and, where that is another one, by what they are called; the first of equals."""
    found: dict[str, Field] = {}
    for field in fields:
        found.setdefault(_key(field.name), field)
    for field in fields:
        for other in (field.title, field.label):
            found.setdefault(_key(other), field)
    return found


BY_NAME = _by_name(FIELDS)
SUCH = ("status", "tag", "accuracy", "family", "depth", "norm", "skip", "lr", "seed")
