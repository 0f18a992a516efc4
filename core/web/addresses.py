"""What the address asks for, and a sentence for one that cannot be obeyed."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core.web.words import code

COMPLAINTS = "complaints"  # what is to be said after the address was set right


def asked(key: str) -> str | None:
    """What stands in the address under that key, if anything; a key that is written in other letters is said."""
    for other in [other for other in st.query_params if other != key and other.lower() == key.lower()]:
        complain(other, st.query_params.pop(other), f"write {key} in small letters.")
    return st.query_params.get(key)


def complain(key: str, raw: str, cure: str) -> None:
    """Say that the address asks for something that cannot be."""
    message = f"The address asks for {code(f'{key}={raw}')}, which is not possible: {cure}"
    st.toast(message, icon=":material/link_off:", duration="infinite")


def refuse(key: str, raw: str, cure: str) -> None:
    """Say that the address asks for something that cannot be, and leave it out from now on."""
    st.query_params.pop(key)
    complain(key, raw, cure)


def take_out(key: str, raw: str, cure: str) -> None:
    """Say that the address asks for what no widget could read, and begin again without it.

    Widgets read the address as it was when the run began: only a new run spares them the value.
    """
    with suppress(StreamlitAPIException):  # a widget that is there already holds the key and keeps its value
        st.query_params.pop(key)
        st.session_state.setdefault(COMPLAINTS, []).append((key, raw, cure))
        st.rerun()


def tidy() -> None:
    """Before every page: say what was taken out of the address; a key that it gives twice is asked for neither."""
    for complaint in st.session_state.pop(COMPLAINTS, []):
        complain(*complaint)
    for key in st.query_params:
        values = st.query_params.get_all(key)
        if len(values) > 1:
            take_out(key, f"{values[0]}&{key}={values[-1]}", "ask for one.")
