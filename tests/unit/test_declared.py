"""The types that JavaScript reads are those of Python."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

import numpy as np
import pytest
from numpy.typing import NDArray

from core.assets import ASSETS
from core.record import payloads
from core.web import declared


@pytest.mark.parametrize("name", declared.FILES)
def test_what_lies_in_assets_is_what_python_says(name: str) -> None:
    assert (ASSETS / name).read_text(encoding="utf-8") == declared.FILES[name](), "make types writes it anew"


class Inner(TypedDict):
    names: list[str | None]
    places: dict[str, tuple[int, float]]


class Outer(Inner):
    kind: Literal["a", "b"]
    inner: list[Inner]
    values: NotRequired[NDArray[Any]]
    several: tuple[bool, ...]


OUTER = """
export interface Outer {
  names: Array<string | null>
  places: Record<string, [number, number]>
  kind: "a" | "b"
  inner: Array<Inner>
  values?: Encoded
  several: Array<boolean>
}

export interface Inner {
  names: Array<string | null>
  places: Record<string, [number, number]>
}
"""


def test_a_type_is_written_with_all_that_it_is_made_of() -> None:
    assert declared.interfaces([Outer]) == OUTER


def test_arrays_of_events_are_decoded_when_they_come() -> None:
    assert declared.kind_of(NDArray[np.float64], decoded=True) == "Float64Array"
    assert declared.kind_of(Annotated[NDArray[np.int32], payloads.ROWS], decoded=True) == "Int32Array[]"
    assert declared.kind_of(NDArray[np.int32], decoded=False) == "Encoded"


def test_what_has_no_type_there_is_refused() -> None:
    with pytest.raises(TypeError, match="no type of JavaScript"):
        declared.kind_of(set[str], decoded=False)


def test_two_types_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match="two types are called Inner"):
        declared.interfaces([Inner, another()])


def another() -> Any:
    class Inner(TypedDict):
        more: int

    return Inner
