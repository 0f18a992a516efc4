"""Answers about nets at step 0 that come with the lab, in assets/xray: shown until this machine's own take their place.

``python -m core.cli.ship_xrays`` writes them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.record.answers import NamedXRay, Request
from core.record.events import decode, encode
from core.spec import NetSpec, SpecError
from core.stack_spec import StackSpec

FOLDER = Path(__file__).parents[3] / "assets" / "xray"
SUFFIX = ".jsonl"


@dataclass(frozen=True)
class Origin:
    """When and on what answers were measured."""

    measured: float  # seconds since 1970
    processor: str
    precision: str
    threads: int
    torch: str

    def told(self) -> str:
        """In a line, for people."""
        day = time.strftime("%-d %B %Y", time.gmtime(self.measured))
        return f"Measured by this project on {day} ({self.processor}, {self.precision})"


@dataclass(frozen=True)
class Shipped:
    """What one file holds."""

    origin: Origin
    answers: dict[str, NamedXRay]  # by what was asked


def written(origin: Origin, asked: Sequence[tuple[Request, NamedXRay]]) -> str:
    """The text of a file."""
    head, rows = encode(asdict(origin)), (encode({"request": request, "answer": answer}) for request, answer in asked)
    return "\n".join([head, *rows]) + "\n"


@lru_cache
def read(file: str) -> Shipped | None:
    """A file of assets/xray, read once; None where it is not there or not whole: then all is measured here."""
    try:
        head, *rows = (FOLDER / f"{file}{SUFFIX}").read_text(encoding="utf-8").splitlines()
        found = [decode(row) for row in rows]
        return Shipped(Origin(**decode(head)), {_name(each["request"]): each["answer"] for each in found})
    except (OSError, ValueError, TypeError, KeyError, SpecError):
        return None


def find(file: str, requests: Sequence[Request]) -> tuple[Origin | None, list[NamedXRay | None]]:
    """The answers to these requests, None where there is none, and where they are from, if there are some."""
    shipped = read(file)
    if shipped is None:
        return None, [None] * len(requests)
    answers = [shipped.answers.get(_name(request)) for request in requests]
    return (shipped.origin if any(answers) else None), answers


def _name(request: Request) -> str:
    """What is asked, whatever fields its spec had when it was written: those that came later have their defaults."""
    spec: Any = StackSpec.make(**request["stack"]) if "stack" in request else NetSpec.make(**request["net"])
    return encode({"spec": spec.model_dump(), "images": request["images"], "seed": request["seed"]})
