"""The Inspect page's view ``maps``."""

from __future__ import annotations

import streamlit as st

from core.web.inspect.chosen import Chosen


def maps(chosen: Chosen) -> None:
    st.caption(chosen.title)
