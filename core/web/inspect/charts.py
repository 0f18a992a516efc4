"""Charts of the Inspect page, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.figures.drawn import Drawn


def row(charts: Mapping[str, Drawn], widths: Sequence[int], key: str, file: str) -> None:
    """Their findings above, so that the charts stand in line, each with a button that saves it as FILE-NAME.png."""
    for column, drawn in zip(st.columns(widths, gap="medium"), charts.values(), strict=False):
        column.markdown(f"**{drawn.finding}**")
    for column, (name, drawn) in zip(st.columns(widths, gap="medium"), charts.items(), strict=False):
        column.plotly_chart(
            drawn.figure,
            key=f"{key}_{name}",
            alt=drawn.alt,
            width="stretch",
            config={
                "displaylogo": False,
                "displayModeBar": True,
                "modeBarButtons": [["toImage"]],
                "toImageButtonOptions": {"format": "png", "filename": f"{file}-{name}", "scale": 2},
            },
        )
