"""Whether an event of a file is one that some version has written: a file may come from anybody."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, NotRequired, get_args, get_origin, get_type_hints

import numpy as np

from core.record.payloads import ROWS, SCHEMA, Traces

TYPES = SCHEMA | {"metrics": Traces}  # as a recording has them
LONGEST = 2000  # characters of a name or a sentence
MOST = 10_000  # names in a list
TRACES = ("steps", "loss", "accuracy", "lr", "smooth_loss", "smooth_accuracy", "recent_loss")
CLOCK = ("clock_steps", "clock_seconds")


def check(kind: str, payload: Mapping[str, Any]) -> None:
    """Raises ValueError where a value is not of its type, or the traces are not of one length. What is missing was not
    told, and what is not known is not looked at."""
    if len(kind) > LONGEST:
        raise ValueError("no kind of event")
    for name, hint in _hints(kind).items():
        if name in payload and not _fits(payload[name], hint):
            raise ValueError(f"{name} of {kind}")
    if kind == "metrics":
        for together in (TRACES, CLOCK):
            if len({len(payload[name]) for name in together}) > 1:
                raise ValueError("traces of several lengths")


@cache
def _hints(kind: str) -> dict[str, Any]:
    return get_type_hints(TYPES[kind], include_extras=True) if kind in TYPES else {}


def _fits(value: Any, hint: Any) -> bool:
    origin, inside = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        return _fits(value, inside[0])
    if origin is Annotated:
        return _is_array(value, 2 if ROWS in inside else 1)
    if origin is np.ndarray:
        return _is_array(value, 1)
    if origin is UnionType:
        return any(_fits(value, each) for each in inside)
    if origin is list:
        return isinstance(value, list) and len(value) <= MOST and all(_fits(each, inside[0]) for each in value)
    if origin is dict:
        return isinstance(value, dict) and all(_fits(each, inside[1]) for each in value.values())
    if hint in (Any, NoneType):
        return hint is Any or value is None
    if hint is str:
        return isinstance(value, str) and len(value) <= LONGEST
    if hint in (int, float):
        return isinstance(value, int if hint is int else int | float) and not isinstance(value, bool)
    return isinstance(value, dict) and all(  # a TypedDict
        name in value and _fits(value[name], each) for name, each in get_type_hints(hint).items()
    )


def _is_array(value: Any, axes: int) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "iuf" and value.ndim == axes
