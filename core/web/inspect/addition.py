"""One map of a residual block's branch and shortcut and their sum, as a component (assets/inspect/addition.js)."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.figures import colour_maps
from core.record.events import encode
from core.web import loader, static
from core.web.inspect.schema import AdditionContent, ContentData

_drawing = st.components.v2.component("depth_lab_addition", js=loader.JS, isolate_styles=False)


def addition(key: str, branch: np.ndarray, shortcut: np.ndarray, *, title: str, finding: str) -> None:
    """Draw ``branch`` (h, w) + ``shortcut`` (h, w) = their sum, side by side in the colours of one scale.

    Pointing at a position reads the three numbers there. ``title`` and ``finding`` stand above.
    """
    parts = {"branch": branch, "shortcut": shortcut, "sum": shortcut + branch}
    diverging = any(values.min() < 0 for values in parts.values())
    content: AdditionContent = {
        "parts": [{"name": name, "values": values} for name, values in parts.items()],
        "shape": list(branch.shape),
        "scale": float(max(np.abs(values).max() for values in parts.values())),
        "diverging": diverging,
        "table": colour_maps.for_browser(diverging),
        "title": title,
        "finding": finding,
        "hint": "Point at a position to read the three numbers.",
    }
    _drawing(key=key, data=ContentData(module=static.url("inspect/addition.js"), content=encode(content)))
