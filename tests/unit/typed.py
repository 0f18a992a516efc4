"""Whether what is said at run time is of the type that it is declared to be."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

import numpy as np


def fits(value: Any, wanted: Any) -> bool:
    """Whether a value is of a type as events and answers declare them."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin in (NotRequired, Annotated):
        return fits(value, inner[0])
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in inner)
    if origin is Literal:
        return value in inner
    if origin is np.ndarray:
        kind = get_args(inner[1])[0]
        return isinstance(value, np.ndarray) and (kind is Any or value.dtype == kind)
    if origin is list:
        return isinstance(value, list) and all(fits(item, inner[0]) for item in value)
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is ... else inner
        return isinstance(value, tuple) and len(value) == len(kinds) and all(map(fits, value, kinds))
    if origin is dict:
        return isinstance(value, dict) and all(fits(k, inner[0]) and fits(v, inner[1]) for k, v in value.items())
    if wanted is Any:
        return True
    if isinstance(wanted, type) and issubclass(wanted, dict):
        return isinstance(value, Mapping) and wrong(value, wanted) == []
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))


def wrong(payload: Mapping[str, Any], schema: Any) -> list[str]:
    """Names that are missing, unknown or of another type."""
    hints = get_type_hints(schema, include_extras=True)
    missing = [f"{name} is missing" for name in schema.__required_keys__ if name not in payload]
    unknown = [f"{name} is unknown" for name in payload if name not in hints]
    other = [f"{name} is {value!r}" for name, value in payload.items() if not fits(value, hints.get(name, Any))]
    return missing + unknown + other
