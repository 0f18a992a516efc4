"""What the address asks for, and a sentence for one that cannot be obeyed."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from difflib import get_close_matches

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core.web.words import code

COMPLAINTS = "complaints"  # what is to be said after the address was set right
NEAR = 0.7  # how alike a key must be for it to be what was meant
MOST_UNKNOWN = 3  # keys of which something is said
RETIRED = {"warmup": "a warm-up is given in steps now, as warmup_steps."}  # keys that meant something else once


def asked(key: str) -> str | None:
    """What stands in the address under that key, if anything."""
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


def tidy(known: Collection[str]) -> None:
    """Before a page that knows these keys: say what was taken out of the address, and leave out what means nothing.

    A key that it gives twice is asked for neither.
    """
    for complaint in st.session_state.pop(COMPLAINTS, []):
        complain(*complaint)
    unknown = [key for key in st.query_params if key not in known]
    for key in unknown[:MOST_UNKNOWN]:
        complain(key, st.query_params[key], _meant(key, known))
    for key in unknown:
        st.query_params.pop(key)
    for key in st.query_params:
        values = st.query_params.get_all(key)
        if len(values) > 1:
            take_out(key, f"{values[0]}&{key}={values[-1]}", "ask for one.")


def _meant(key: str, known: Collection[str]) -> str:
    if key in RETIRED:
        return RETIRED[key]
    near = next(iter(get_close_matches(key.lower(), known, 1, NEAR)), None)
    if near is None:
        return "nothing on this page is called that."
    return f"write {near} in small letters." if near == key.lower() else f"nothing is called that; {near} is near."
