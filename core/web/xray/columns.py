"""The X-ray page's columns: each has its case's name and colour at its head, and its plots below.

A row is drawn by one component (assets/panels), in place: an answer that changes nothing moves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from core.figures import palette
from core.figures.axes import THEORY
from core.figures.schema import Named, Panels
from core.figures.stacks import Together
from core.figures.xray import Panel
from core.record.events import encode
from core.web import loader, static
from core.web.inspect.schema import ContentData

WAITING = "Being measured …"
THEORETICAL: Named = {"name": "theory", "color": THEORY, "dash": "dot"}
_drawing = st.components.v2.component("depth_lab_panels", js=loader.JS, isolate_styles=False)


@dataclass(frozen=True)
class Head:
    """How a case is called and drawn."""

    title: str
    colour: str
    dash: str

    def html(self) -> str:
        """Its line and its name."""
        stroke = "solid" if self.dash == palette.SOLID else "dashed"
        sample = f'<i style="border-top:4px {stroke} {self.colour}"></i>'
        return f'<div class="x-head">{sample}<b>{escape(self.title)}</b></div>'


def row(
    title: str, heads: Sequence[Head], panels: Sequence[Panel | None], key: str, note: str, legend: Sequence[Named] = ()
) -> None:
    """A question, and each case's panel in its column; room for a panel that is not there yet.

    ``note`` says in a figure for a paper how all of it was measured; ``legend`` tells apart what each panel holds.
    """
    words = [panel.finding if panel else WAITING for panel in panels]
    _draw(title, heads, words, panels, key, note, legend)


def together(
    title: str, heads: Sequence[Head], words: Sequence[str], panel: Together | None, key: str, note: str
) -> None:
    """The cases and what there is to say of each, side by side above the one panel that shows them all."""
    _draw(title, heads, words, [panel], key, note, [THEORETICAL] if panel and _with_theory(panel) else [])


def _with_theory(panel: Panel) -> bool:
    return any(curve["dash"] == "dot" for curve in panel.plot["curves"])


def _draw(
    title: str,
    heads: Sequence[Head],
    words: Sequence[str],
    panels: Sequence[Panel | None],
    key: str,
    note: str,
    legend: Sequence[Named],
) -> None:
    content: Panels = {
        "title": title,
        "heads": [
            {"name": head.title, "color": head.colour, "dash": head.dash, "words": said}
            for head, said in zip(heads, words, strict=True)
        ],
        "plots": [panel.plot if panel else None for panel in panels],
        "alts": [panel.alt if panel else WAITING for panel in panels],
        "legend": list(legend),
        "note": note,
        "file": f"xray-{key}",
    }
    data = ContentData(module=static.url("panels/main.js"), content=encode(content))
    _drawing(key=f"x_panels_{key}", data=data)
