"""Colours of numbers in maps and heats: one table of 256 steps for magnitudes, one for values around zero.

The same in light and dark, on the screen and in a downloaded picture; both are readable with any colour vision.
"""

from __future__ import annotations

import base64
from functools import lru_cache

import numpy as np

STEPS = 256
# dark is 0, light the largest: viridis (van der Walt and Smith 2015), at ten of its steps
SEQUENTIAL = (
    *("#440154", "#482878", "#3E4989", "#31688E", "#26828E"),
    *("#1F9E89", "#35B779", "#6ECE58", "#B5DE2B", "#FDE725"),
)
# blue is negative, white 0, red positive: ColorBrewer's RdBu (Brewer 2003), reversed
DIVERGING = (
    *("#053061", "#2166AC", "#4393C3", "#92C5DE", "#D1E5F0", "#F7F7F7"),
    *("#FDDBC7", "#F4A582", "#D6604D", "#B2182B", "#67001F"),
)


@lru_cache
def table(diverging: bool) -> np.ndarray:
    """uint8 (256, 3): straight lines in sRGB between the stops."""
    stops = np.array([list(bytes.fromhex(stop[1:])) for stop in (DIVERGING if diverging else SEQUENTIAL)])
    places = np.linspace(0, len(stops) - 1, STEPS)
    channels = [np.interp(places, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    return np.rint(np.stack(channels, 1)).astype(np.uint8)


def coloured(values: np.ndarray, scale: float, diverging: bool) -> np.ndarray:
    """Values of any shape -> uint8 (..., 3), from 0 to ``scale`` or, where diverging, from -scale to scale.

    What lies beyond takes the colour of the end. A scale of 0 colours everything as 0.
    """
    share = np.asarray(values, np.float64) / scale if scale > 0 else np.zeros(np.shape(values))
    share = (share + 1) / 2 if diverging else share
    steps = np.floor((STEPS - 1) * share.clip(0, 1) + 0.5).astype(int)  # rounds as JavaScript does
    return table(diverging)[steps]


@lru_cache
def for_browser(diverging: bool) -> str:
    """The table for JavaScript (assets/inspect/colours.js), 256 x RGB as base64."""
    return base64.b64encode(table(diverging).tobytes()).decode()
