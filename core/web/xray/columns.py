"""The X-ray page's columns: each has its case's name and colour at its head, and charts of that case below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from core.figures import palette
from core.figures.xray import Drawn

WAITING = "Being measured …"


@dataclass(frozen=True)
class Head:
    """How a case is called and drawn."""

    title: str
    colour: str
    dash: str

    def html(self, words: str = "") -> str:
        """Its line and its name, and what there is to say about it below."""
        stroke = "solid" if self.dash == palette.SOLID else "dashed"
        sample = f'<i style="border-top:4px {stroke} {self.colour}"></i>'
        told = f"<div>{escape(words)}</div>" if words else ""
        return f'<div class="x-head">{sample}<b>{escape(self.title)}</b>{told}</div>'


def row(question: str, heads: Sequence[Head], panels: Sequence[Drawn | None], key: str) -> None:
    """A question, and each case's panel in its column; room for a panel that is not there yet."""
    if question:
        st.markdown(f"##### {question}")
    for number, (column, head, panel) in enumerate(zip(st.columns(len(heads)), heads, panels, strict=True), 1):
        with column:
            st.html(head.html(panel.finding if panel else WAITING))
            if panel:
                chart(panel, f"{key}_{number}")
            else:
                st.html('<div class="x-later"></div>')


def keys(heads: Sequence[Head], words: Sequence[str]) -> None:
    """The cases of one panel, side by side above it."""
    for column, head, said in zip(st.columns(len(heads)), heads, words, strict=True):
        column.html(head.html(said))


def legend(entries: Sequence[tuple[str, str]], theory: str) -> None:
    """What colours below stand for, in the colour of the text beside a sample of each; ``theory`` is dotted."""
    samples = [
        f'<span><i style="border-top:4px {stroke} {colour}"></i>{escape(words)}</span>'
        for stroke, colour, words in [*(("solid", *entry) for entry in entries), ("dotted", theory, "theory")]
    ]
    st.html(f'<div class="x-legend">{"".join(samples)}</div>')


def chart(drawn: Drawn, key: str) -> None:
    st.plotly_chart(drawn.figure, key=f"x_chart_{key}", alt=drawn.alt, config={"displaylogo": False}, width="stretch")
