"""What a field of a spec is: its type, what it is called, and where forms, flags and addresses have it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.vocabulary.families import FAMILIES

Words = Callable[[Any], str]
Fields = Mapping[str, Any]  # of a net, as far as they are known


@dataclass(frozen=True)
class Choice:
    """One of a few values, each with its label; a label is short, since an address carries it."""

    labels: Mapping[Any, str]
    big: bool = False  # buttons side by side instead of a list

    def label(self, value: Any) -> str:
        return self.labels[value]

    @property
    def options(self) -> dict[str, Any]:
        """The values by their labels."""
        return {label: value for value, label in self.labels.items()}


@dataclass(frozen=True)
class Switch:
    """Yes or no."""

    on: str  # in words, beside a net or recipe
    off: str
    asks_for_no: bool = False  # the form's switch is on where the field is off


@dataclass(frozen=True)
class Integer:
    """A whole number within bounds."""

    low: int
    high: int
    none: bool = False  # 0 stands for nothing chosen
    slider: tuple[int, int, int] | None = None  # from, to and step, where a form has a slider for the usual ones


@dataclass(frozen=True)
class Number:
    """Any number, or a word; the spec says which numbers are possible."""

    word: str = ""


@dataclass(frozen=True)
class Share:
    """From ``low`` to 1, as a slider in steps."""

    low: float
    step: float


@dataclass(frozen=True)
class Scale:
    """A number or a word; a form offers some of them."""

    offered: tuple[float | str, ...]
    word: str = ""


@dataclass(frozen=True)
class Text:
    """What only the program that reads it can check."""

    metavar: str = ""


Type = Choice | Switch | Integer | Number | Share | Scale | Text


@dataclass(frozen=True)
class Field:
    """One field of a spec."""

    part: str  # net, train or probes
    name: str
    label: str  # in the form
    type: Type
    help: str = ""  # one or two sentences for somebody who has never read a paper
    typed: str = ""  # the same for a flag of the command line, where that needs other words
    key: str | Callable[[Fields], str] = ""  # in the address
    words: Words | None = None  # how a value is said beside a run; none: the called name before the value
    called: str = ""  # in a sentence; none: the label in small letters
    named: bool = False  # the net's name says it wherever it differs
    matters: bool = True  # a run can come out differently for it
    only: Callable[[Fields], bool] = lambda net: True  # where it can be chosen, besides its family

    @property
    def flag(self) -> str:
        return f"--{self.name.replace('_', '-')}"

    @property
    def title(self) -> str:
        return self.called or self.label.lower()

    def key_in(self, net: Fields) -> str:
        """Its key in the address. A field whose usual value depends on the net has several, each with its own."""
        return self.key if isinstance(self.key, str) else self.key(net)

    def offered(self, net: Fields) -> bool:
        """Whether a form of such a net has it."""
        return self.name not in FAMILIES[net["family"]].meaningless and self.only(net)

    @property
    def bounds(self) -> tuple[int, int]:
        """Of a whole number."""
        assert isinstance(self.type, Integer)
        return self.type.low, self.type.high

    def value(self, value: Any) -> str:
        """A value beside the field's own name."""
        match self.type:
            case Choice():
                return self.type.label(value)
            case Switch():
                return self.type.on if value else self.type.off
            case _:
                return f"{value:g}" if isinstance(value, int | float) else str(value or "none")

    def say(self, value: Any) -> str:
        """A value beside a run."""
        if self.words:
            return self.words(value)
        if isinstance(self.type, Switch):
            return self.type.on if value else self.type.off
        return f"{self.title} {value:g}" if isinstance(value, int | float) else f"{self.title} {value}"
