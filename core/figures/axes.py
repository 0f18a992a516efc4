"""Lines over layers, and their axes: shared by the figures of the X-ray."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.vocabulary.colours import GREY

THEORY = GREY


def layers(values: np.ndarray) -> np.ndarray:
    """Their numbers, from 1."""
    return np.arange(1, len(values) + 1, dtype=np.int32)


def line(
    x: np.ndarray,
    y: np.ndarray,
    name: str,
    colour: str,
    dash: str,
    legend: bool = False,
    mode: str = "lines",
    log: bool = True,
) -> go.Scatter:
    """A measurement; of an axis that is ``log``, where 0 is has a mark of its own (:func:`share_log`)."""
    shown = np.where(np.asarray(y) > 0, y, np.nan) if log else np.asarray(y)  # a log axis has no 0
    return go.Scatter(
        meta=[int(at) for at, value in zip(x, y, strict=True) if log and value == 0],
        x=np.asarray(x, np.int32),
        y=shown,
        mode=mode if len(shown) > 1 else "markers",
        name=name,
        line={"color": colour, "dash": dash, "width": 2},
        showlegend=legend,
        hovertemplate="%{x}: %{y:.3g}<extra>" + name + "</extra>",
    )


def theory(x: np.ndarray, y: np.ndarray, name: str) -> go.Scatter:
    """Grey dots."""
    return go.Scatter(
        x=np.asarray(x, np.int32),
        y=y,
        mode="lines",
        name=name,
        line={"color": THEORY, "dash": "dot", "width": 2},
        showlegend=False,
        hovertemplate="%{y:.3g}<extra>" + name + "</extra>",
    )


def lay_out(figure: go.Figure, height: int, x: str, y: str) -> None:
    """Height in px, and what the axes say. Ticks make room for themselves, so that nothing lies over them."""
    figure.update_layout(height=height, margin={"l": 8, "r": 8, "t": 8, "b": 8}, hovermode="closest")
    figure.update_xaxes(title_text=x, title_standoff=4, automargin=True)
    figure.update_yaxes(title_text=y, title_standoff=6, automargin=True)


def share_log(figures: Sequence[go.Figure]) -> None:
    """One log axis for all of them, with at most some five ticks, at powers of ten where it spans more than one."""
    drawn = [np.asarray(trace.y, np.float64) for figure in figures for trace in figure.data]
    values = np.concatenate([np.empty(0), *drawn])
    values = values[values > 0]
    low, high = (np.log10([values.min(), values.max()])) if len(values) else (-1.0, 1.0)
    if high - low < 0.5:  # a flat line is shown as flat, not as its rounding errors
        low, high = (low + high) / 2 - 0.5, (low + high) / 2 + 0.5
    room = 0.05 * (high - low)
    low, high = low - room, high + room
    ticks = _ticks(low, high)
    for figure in figures:
        _mark_zeros(figure, 10**low)
        figure.update_yaxes(type="log", exponentformat="power", range=[low, high], **ticks)


def _ticks(low: float, high: float) -> dict[str, object]:
    if high - low > 1.3:
        return {"dtick": max(1, math.ceil((high - low) / 5))}
    # Plotly would write 0.5 as a small 5
    ticks = [digit * 10.0**power for power in range(math.floor(low), math.ceil(high)) for digit in (1, 2, 3, 5, 7)]
    shown = [tick for tick in ticks if low <= math.log10(tick) <= high]
    return {"tickvals": shown, "ticktext": [f"{tick:.3g}" for tick in shown]}


def _mark_zeros(figure: go.Figure, bottom: float) -> None:
    """A cross at the bottom of a log axis for each value that is exactly 0."""
    for trace in [trace for trace in figure.data if trace.meta]:
        figure.add_trace(
            go.Scatter(
                x=np.asarray(trace.meta, np.int32),
                y=np.full(len(trace.meta), bottom),
                mode="markers",
                marker={"symbol": "x", "color": trace.line.color, "size": 7},
                cliponaxis=False,
                name=f"{trace.name}: 0",
                showlegend=False,
                hovertemplate="%{x}: exactly 0<extra>" + trace.name + "</extra>",
            )
        )
