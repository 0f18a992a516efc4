"""The maps of one layer as tiles to choose from, as a component (assets/inspect/grid.js)."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.figures import colour_maps, palette
from core.figures.maps import tiles
from core.record.events import encode
from core.web import loader, static
from core.web.addresses import asked, refuse
from core.web.inspect.schema import GridContent, GridData

_drawing = st.components.v2.component("depth_lab_grid", js=loader.JS, isolate_styles=False)


def grid(
    key: str,
    maps: np.ndarray,
    *,
    order: np.ndarray,
    selected: int,
    scales: np.ndarray,
    diverging: bool,
    ends: str,
    title: str,
    colour: str,
    facts: str,
    finding: str,
    alt: str,
    sources: Sequence[str] = (),
    height: int = 400,
) -> None:
    """Draw ``maps`` (C, h, w) as tiles in ``order`` (channel numbers); one of them is ``selected``.

    A click or the arrow keys choose another, which goes into the address: :func:`chosen_channel` reads it there.
    ``scales`` (C,): the magnitude at the end of each map's colours; ``diverging``: colours around 0. ``ends``: what
    stands at the ends of the scale where each map has its own, else "". ``title``, ``facts`` and ``finding`` stand
    above, each in a room of its own, so that nothing moves when the layer changes. ``sources`` (C,): where each map
    came from, drawn as a stripe and explained below. ``height`` of the tiles' box in pixels; what does not fit scrolls
    inside.

    ``colour`` is that of the net beside others, "" where it stands alone.

    What travels is one byte a value, at most 256 KB; mean and extremes of each map are exact.
    """
    drawn = tiles(maps)
    names = list(dict.fromkeys(sources))
    content: GridContent = {
        "steps": {"shape": list(drawn.steps.shape), "data": base64.b64encode(drawn.steps.tobytes()).decode()},
        "drawn_low": drawn.low,
        "drawn_span": drawn.high - drawn.low,
        "mean": maps.mean((1, 2)),
        "low": maps.min((1, 2)),
        "high": maps.max((1, 2)),
        "scales": scales,
        "order": order,
        "table": colour_maps.for_browser(diverging),
        "diverging": diverging,
        "bar": {"scale": float(scales[0]), "units": "response", "ends": ends},
        "sources": names,
        "source": [names.index(source) for source in sources],
        "palette": palette.for_browser(),
        "title": title,
        "colour": colour,
        "facts": facts,
        "finding": finding,
        "alt": alt,
        "height": height,
    }
    _drawing(
        key=key,
        data=GridData(module=static.url("inspect/grid.js"), content=encode(content), selected=int(selected)),
        on_channel_change=lambda: _remember(key),
    )


def chosen_channel(key: str, count: int) -> int | None:
    """The map that the address names for the grid of that key, if this layer has ``count`` maps and so that one."""
    raw = asked(key)
    if raw is None:
        return None
    if not raw.isdecimal():
        refuse(key, raw, "give the number of a map, from 0.")
        return None
    return int(raw) if int(raw) < count else None


def _remember(key: str) -> None:
    told = st.session_state[key].get("channel")
    if isinstance(told, int | float) and told >= 0:
        st.query_params[key] = str(int(told))
