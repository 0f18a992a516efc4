"""The Inspect page's view ``number``."""

from __future__ import annotations

import streamlit as st

from core.web.inspect.chosen import Chosen


def number(chosen: Chosen) -> None:
    st.caption(chosen.title)
