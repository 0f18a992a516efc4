"""What all specs share: immutable, no unknown fields, and one sentence for what is wrong."""

from __future__ import annotations

import math
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator


class SpecError(ValueError):
    """A spec cannot be built; the message is one sentence for the user: what is wrong and what to do."""


class Unreadable(str):
    """What stands in a field instead of a number: the sentence that says why. A spec refuses it with that sentence."""

    __slots__ = ()


class Spec(BaseModel):
    """Base of all specs: immutable, no unknown fields, one-sentence errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _readable(cls, fields: Any) -> Any:
        for value in fields.values() if isinstance(fields, dict) else ():
            if isinstance(value, Unreadable):
                raise ValueError(str(value))
        return fields

    @classmethod
    def make(cls, **fields: Any) -> Self:
        """Build from keyword fields. Raises SpecError."""
        try:
            return cls(**fields)
        except ValidationError as error:
            raise SpecError(_sentence(error)) from None

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`to_json` wrote. Raises SpecError."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise SpecError(_sentence(error)) from None

    def to_json(self) -> str:
        return self.model_dump_json()

    def but(self, **changes: Any) -> Self:
        """The same spec with some fields changed, validated again. Raises SpecError."""
        return self.make(**(self.model_dump() | changes))


def shortened(text: object, most: int = 120) -> str:
    """What somebody typed, as a sentence may repeat it: on one line, at most ``most`` characters, both ends kept."""
    line = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(text))
    if len(line) <= most:
        return line
    end = most // 3
    return f"{line[: most - end - 1]}…{line[-end:]}"


def within(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        bounds = f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:,}"
        raise ValueError(f"{what[:1].upper()}{what[1:]} {_number(value)} is not possible: choose {bounds}.")


def _number(value: float) -> str:
    return f"{value:g}" if abs(value) < 1e300 else shortened(value, 30)  # a whole number may have thousands of digits


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong, as one sentence."""
    first = error.errors()[0]
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    field = " ".join(str(part) for part in first["loc"]) or "The spec"
    return f"{field}: {first['msg'][:1].lower()}{first['msg'][1:]}, but it is {_repeated(first['input'])}."


def _repeated(value: Any) -> str:
    return f'"{shortened(value)}"' if isinstance(value, str) else shortened(repr(value))
