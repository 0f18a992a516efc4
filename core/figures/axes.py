"""Curves over layers, and the plots that they stand in: shared by the figures of the X-ray."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.figures.schema import Curve, Plot
from core.vocabulary.colours import GREY

THEORY = GREY


def layers(values: np.ndarray) -> np.ndarray:
    """Their numbers, from 1."""
    return np.arange(1, len(values) + 1, dtype=np.int32)


def line(
    x: np.ndarray, y: np.ndarray, name: str, colour: str, dash: str, points: bool = False, log: bool = True
) -> Curve:
    """A measurement; on an axis that is ``log``, where it is 0 is marked instead of drawn."""
    values = np.asarray(y)
    return {
        "name": name,
        "x": np.asarray(x, np.int32),
        "y": np.where(values > 0, values, np.nan) if log else values,
        "zeros": [int(at) for at, value in zip(x, values, strict=True) if log and value == 0],
        "color": colour,
        "dash": dash,
        "points": points,
        "bars": False,
    }


def theory(x: np.ndarray, y: np.ndarray, name: str) -> Curve:
    """Grey dots."""
    return line(x, y, name, THEORY, "dot")


def plot(curves: Sequence[Curve], height: int, x: str, y: str) -> Plot:
    """With what the axes say; their range is still to be given."""
    return {
        "curves": list(curves),
        "x": x,
        "y": y,
        "log": False,
        "range": (0.0, 1.0),
        "level": None,
        "height": height,
    }


def share(plots: Sequence[Plot], low: float, high: float) -> None:
    """One linear axis for all of them."""
    for each in plots:
        each.update({"log": False, "range": (low, high)})


def share_log(plots: Sequence[Plot]) -> None:
    """One log axis for all of them, which spans at least a decade."""
    values = np.concatenate(
        [np.empty(0), *(np.asarray(curve["y"], np.float64) for each in plots for curve in each["curves"])]
    )
    values = values[values > 0]
    low, high = (float(end) for end in np.log10([values.min(), values.max()])) if len(values) else (-1.0, 1.0)
    if high - low < 0.5:  # a flat line is shown as flat, not as its rounding errors
        low, high = (low + high) / 2 - 0.5, (low + high) / 2 + 0.5
    room = 0.05 * (high - low)
    for each in plots:
        each.update({"log": True, "range": (low - room, high + room)})
