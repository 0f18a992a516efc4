"""A map over the picture it comes from, as a component (assets/inspect/overlay.js)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from core.figures import colour_maps
from core.record.events import encode
from core.web import loader, static
from core.web.addresses import asked, refuse
from core.web.inspect.schema import OverlayContent, OverlayData

MOST_DIGITS = 4  # of a row or column
_drawing = st.components.v2.component("depth_lab_overlay", js=loader.JS, isolate_styles=False)


@dataclass(frozen=True)
class Box:
    """A frame on the picture."""

    name: str  # what it is, for the legend
    sides: Sequence[float]  # left, top, right, bottom in the picture's pixels; may lie beyond it
    colour: str = "#FFFFFF"
    dashed: bool = False


def overlay(
    key: str,
    picture: np.ndarray,
    values: np.ndarray,
    *,
    title: str,
    alt: str,
    scale: float | None = None,
    diverging: bool | None = None,
    units: str = "response",
    smooth: bool = False,
    boxes: Sequence[Box] = (),
    support: np.ndarray | None = None,
    selected: tuple[int, int] | None = None,
    pick: bool = True,
    hint: str = "Point at it to read values.",
    opacity: int = 60,
    side: int = 420,
) -> tuple[int, int] | None:
    """Draw ``values`` (h, w) in colours over ``picture`` uint8 (S, S, 3); the position (y, x) of ``values`` that is
    chosen, by click or arrow keys, or ``selected`` where nobody has chosen yet.

    The component is known by ``key``: its choice outlives a change of values, and where their size changes, it stays
    at the same place of the picture. Opacity is changed in the browser, without a run of the script.

    ``scale``: the value at the end of the colours, by default the largest magnitude. ``diverging``: colours around 0,
    by default where there are negative values; else from 0. ``units`` stands at the scale. ``smooth``: interpolated
    between values, for heats; else each value is a square. ``boxes`` are drawn with a legend. ``support``: (S, S) a
    second heat, magnitudes for each pixel, with an opacity of its own. ``pick``: whether a position can be chosen.
    ``hint`` stands under the picture while nothing is pointed at. ``opacity`` in percent, where it starts. ``side``:
    pixels on the screen, less where the column is narrower. ``title`` is the finding, ``alt`` describes the drawing to
    those who cannot see it.
    """
    values = np.asarray(values, np.float32)
    diverging = bool(values.min() < 0) if diverging is None else diverging
    content: OverlayContent = {
        "title": title,
        "picture": {"shape": list(picture.shape[:2]), "data": _base64(picture)},
        "values": values,
        "table": colour_maps.for_browser(diverging),
        "scale": float(np.abs(values).max()) if scale is None else float(scale),
        "diverging": diverging,
        "units": units,
        "smooth": smooth,
        "boxes": [
            {"name": box.name, "sides": list(box.sides), "colour": box.colour, "dashed": box.dashed} for box in boxes
        ],
        "support": None if support is None else np.asarray(support, np.float32),
        "hint": hint,
    }
    position = chosen_position(key, values.shape) or selected
    _drawing(
        key=key,
        data=OverlayData(
            module=static.url("inspect/overlay.js"),
            content=encode(content),
            selected=None if position is None else list(position),
            pick=pick,
            opacity=opacity,
            side=side,
            alt=alt,
        ),
        on_position_change=_noop,
    )
    return position


def chosen_position(key: str, shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Where somebody has clicked in the overlay of that key, (y, x) in values of that shape (h, w)."""
    state: Any = st.session_state.get(key) or {}
    return scaled_position(state.get("position"), shape)


def asked_position(key: str, shape: tuple[int, ...]) -> tuple[int, int] | None:
    """The place (y, x) that the address names under that key, in values of that shape; None where there is none."""
    raw = asked(key)
    if raw is None:
        return None
    place = raw.split(",")
    if len(place) != 2 or not all(number.isdecimal() and len(number) <= MOST_DIGITS for number in place):
        refuse(key, raw, "give row,column such as 3,5.")
        return None
    y, x = map(int, place)
    return (y, x) if y < shape[0] and x < shape[1] else None


def scaled_position(told: Any, shape: tuple[int, ...]) -> tuple[int, int] | None:
    """What the browser told, [y, x, h, w] -> the same place of the picture in values of another size; None where it
    told nothing that makes sense."""
    if not (isinstance(told, list) and len(told) == 4 and all(isinstance(number, int | float) for number in told)):
        return None
    y, x, height, width = told
    if not (0 <= y < height and 0 <= x < width):
        return None
    return int((y + 0.5) * shape[0] / height), int((x + 0.5) * shape[1] / width)


def _base64(picture: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(picture, np.uint8).tobytes()).decode()


def _noop() -> None:
    """A state that the browser may set needs a callback."""
