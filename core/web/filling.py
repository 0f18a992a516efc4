"""Sets the widgets of a form to what was chosen at once, such as a known net."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.web.net_form import texts


def fill(state: dict[str, Any]) -> None:
    """Give widgets their values, by key; to be called before they are drawn.

    A widget that is not on the page yet does not write itself into the address, and one that is lets nobody else.
    """
    query = texts(state)
    st.query_params.update({key: query[key] for key in state if key not in st.session_state})
    st.session_state.update(state)
