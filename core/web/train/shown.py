"""Which runs the Train page shows, in its address."""

from __future__ import annotations

import streamlit as st

from core.web.keys import FILE


def show(*run_ids: str) -> None:
    """Put runs into the address, the first and those that it is compared with, and draw them at once."""
    first, *others = run_ids
    st.query_params.pop(FILE, None)
    st.query_params["run"] = first
    if others:
        st.query_params["with"] = ",".join(others)
    else:
        st.query_params.pop("with", None)
