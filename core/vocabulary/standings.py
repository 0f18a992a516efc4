"""Why a row of a measurement has no place in a picture: for each state, what is said of several rows at once.

none:    0, because nothing passes
below:   not 0 in truth, but the run's numbers cannot hold anything as small
unknown: no number
"""

from __future__ import annotations

from typing import Literal, TypedDict

State = Literal["none", "below", "unknown"]


class Several(TypedDict):
    """By state, in the order in which they are told."""

    none: str
    below: str
    unknown: str


SEVERAL: Several = {
    "none": "none: a layer answers 0",
    "below": "below the numbers' reach",
    "unknown": "no number",
}


def for_browser() -> Several:
    return SEVERAL
