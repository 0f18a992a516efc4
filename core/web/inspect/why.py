"""The Inspect page's view ``why``."""

from __future__ import annotations

import streamlit as st

from core.web.inspect.chosen import Chosen


def why(chosen: Chosen) -> None:
    st.caption(chosen.title)
