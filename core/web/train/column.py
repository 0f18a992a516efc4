"""The story of the runs that are shown, in the column beside their charts, which the dashboard fills."""

from __future__ import annotations

from typing import TypedDict

import streamlit as st

from core.web import loader, static

_column = st.components.v2.component("depth_lab_story", js=loader.JS, isolate_styles=False)


class ColumnData(TypedDict):
    """What the column is given."""

    module: str


def draw() -> None:
    st.markdown("##### What happened")
    _column(key="story", data=ColumnData(module=static.url("live/column.js")))
