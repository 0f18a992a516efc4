"""What a training run says while it goes: events, and how their arrays travel as JSON.

What each kind of event holds is typed in :mod:`core.record.payloads`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypedDict

import numpy as np


class Encoded(TypedDict):
    """An array on its way."""

    dtype: Literal["float32", "float64", "int32", "int64", "uint64", "uint8", "bool"]
    shape: list[int]
    data: str  # base64, little-endian


ARRAY = re.compile(r'"(\w+)": ?\{"dtype"')
CommandKind = Literal["pause", "resume", "step", "stop", "lr", "checkpoint"]


@dataclass(frozen=True)
class Event:
    """One thing that happened after ``step`` optimiser steps; the payload is that of its kind."""

    kind: str
    step: int
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredEvent:
    """One row of ``events``; ``text`` is its payload as JSON, as a route hands it on."""

    seq: int
    step: int
    time: float
    kind: str
    text: str

    @cached_property
    def payload(self) -> dict[str, Any]:
        return decode(self.text)

    @cached_property
    def arrays(self) -> frozenset[str]:
        """Names of the arrays in the payload, which is not read for that."""
        return frozenset(ARRAY.findall(self.text))

    @cached_property
    def derived(self) -> dict[str, Any]:
        """What readers have worked out of it and want to find again, by a name of theirs."""
        return {}


def encode(payload: Mapping[str, Any]) -> str:
    """JSON text; an array becomes ``{"dtype", "shape", "data"}`` with little-endian base64.

    float64 stays float64, for what must keep its range; other floats become float32. Bytes (uint8) and yes or no (bool)
    travel as bytes; other integers as int32, or, where one is too large, in eight bytes, which browsers are never sent.
    """
    return json.dumps(dict(payload), default=_encode_array, separators=(",", ":"))


def decode(text: str) -> dict[str, Any]:
    """The payload that :func:`encode` was given; arrays as they travelled."""
    return _decoder.decode(text)


def _encode_array(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        dtype = _travels_as(value)
        data = base64.b64encode(np.ascontiguousarray(value, dtype=dtype).tobytes()).decode()
        return {"dtype": dtype, "shape": list(value.shape), "data": data}
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"cannot encode {type(value).__name__}")


def _travels_as(values: np.ndarray) -> str:
    """A type that holds every one of the values as it is. Raises TypeError where they are no numbers."""
    if values.dtype.kind == "f":
        return "float64" if values.dtype.itemsize >= 8 else "float32"
    if values.dtype in (np.uint8, np.bool_):
        return str(values.dtype)
    if values.dtype.kind in "iu":
        low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
        holds = (
            name for name in ("int32", "int64", "uint64") if np.iinfo(name).min <= low and high <= np.iinfo(name).max
        )
        return next(holds)
    raise TypeError(f"cannot encode an array of {values.dtype}")


def _decode_array(value: dict[str, Any]) -> Any:
    if value.keys() == {"dtype", "shape", "data"}:
        return np.frombuffer(binascii.a2b_base64(value["data"]), value["dtype"]).reshape(value["shape"])
    return value


_decoder = json.JSONDecoder(object_hook=_decode_array)  # json.loads would make one for each of very many events


@dataclass(frozen=True)
class Command:
    """What a viewer asks of a running training; obeyed between two steps."""

    kind: CommandKind
    value: float | None = None  # the learning rate asked for
