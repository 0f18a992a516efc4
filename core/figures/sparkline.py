"""A curve without axes, small enough for a line of text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

import numpy as np

from core.vocabulary.numbers import number

WIDTH, HEIGHT, EDGE = 120, 24, 2  # px
POINTS = 60


def sparkline(values: Sequence[float] | np.ndarray, colour: str, what: str) -> str:
    """HTML of the finite ones of these values, evenly spaced, from least to most; empty for fewer than two of them.

    ``what`` they are is said to those who cannot see it, with the first and the last value. It is a picture in an
    address, because Streamlit takes drawings out of HTML.
    """
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    if len(known) < 2:
        return ""
    shown = known[np.linspace(0, len(known) - 1, min(POINTS, len(known))).round().astype(int)]
    span = float(np.ptp(shown)) or 1.0
    across = np.linspace(EDGE, WIDTH - EDGE, len(shown))
    down = EDGE + (shown.max() - shown) / span * (HEIGHT - 2 * EDGE)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/></svg>'
    )
    said = escape(f"{what}: from {number(float(known[0]))} to {number(float(known[-1]))}")
    return f'<img class="sparkline" alt="{said}" title="{said}" src="data:image/svg+xml,{quote(drawing)}">'
