"""The Inspect page's view ``testset``."""

from __future__ import annotations

import streamlit as st

from core.web.inspect.chosen import Chosen


def testset(chosen: Chosen) -> None:
    st.caption(chosen.title)
