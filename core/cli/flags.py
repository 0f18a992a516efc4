"""The vocabulary's fields as flags of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any

from core.spec import Spec, SpecError, read_integer, read_number
from core.vocabulary.field import Choice, Field, Integer, Number, Scale, Switch, Text


def integer(text: str) -> int:
    return _read(read_integer, text)


def count(text: str) -> int:
    number = integer(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not possible: choose at least 1")
    return number


def number(text: str) -> float:
    return _read(read_number, text)


def _read(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except SpecError as error:
        raise argparse.ArgumentTypeError(str(error).removesuffix(".")) from None


def add_flags(group: Any, fields: Mapping[str, Field], spec: type[Spec]) -> None:
    """A flag for each field; what is not typed is not there afterwards, so that a preset keeps what it says."""
    for name, field in fields.items():
        default = spec.model_fields[name].default
        text = "; ".join(part for part in ((field.typed or field.help).removesuffix("."), f"default {default}") if part)
        group.add_argument(
            field.flag, dest=name, **_options(field), help=text.replace("%", "%%"), default=argparse.SUPPRESS
        )


def given(typed: argparse.Namespace, fields: Mapping[str, Field]) -> dict[str, Any]:
    """The fields that were typed."""
    return {name: getattr(typed, name) for name in fields if hasattr(typed, name)}


def _options(field: Field) -> dict[str, Any]:
    """What argparse is told of a field."""
    match field.type:
        case Choice(labels):
            return {"choices": ["plain", *labels] if field.name == "family" else list(labels)}
        case Switch():
            return {"action": argparse.BooleanOptionalAction}
        case Integer():
            return {"type": integer}
        case Scale(offered, word):
            return {"type": _number_or(word, number if offered else count), "metavar": f"{word}|N" if word else None}
        case Number(word) if word:
            return {"type": _number_or(word, number), "metavar": f"{word}|N"}
        case Text(metavar):
            return {"metavar": metavar or None}
        case _:
            return {"type": number}


def _number_or(word: str, read: Callable[[str], float]) -> Callable[[str], float | str]:
    def parse(text: str) -> float | str:
        return word if word and text == word else read(text)

    return parse
