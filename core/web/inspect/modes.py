"""The Inspect page's view ``modes``."""

from __future__ import annotations

import streamlit as st

from core.web.inspect.chosen import Chosen


def modes(chosen: Chosen) -> None:
    st.caption(chosen.title)
