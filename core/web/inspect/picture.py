"""Which picture is looked at: an example, one of the test set, or one that the viewer brings."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.inspect.catalogue import Entry
from core.web.fields import segments
from core.web.inspect.examples import EXAMPLES, example, from_examples
from core.web.inspect.shown import Shown
from core.web.inspect.test_pictures import from_test_set
from core.web.inspect.uploads import from_camera, from_upload

SOURCES = {"Example": from_examples, "Test set": from_test_set, "Upload": from_upload, "Camera": from_camera}
LAST = "i_shown"  # the last good picture of the session


def choose(where: DeltaGenerator, nets: tuple[Entry, ...]) -> Shown:
    """Draw the choice; the picture chosen, and where there is none (yet), the last one that there was."""
    with where:
        source = segments(st.container(), "Picture", SOURCES, "i_from")
        new = source(nets)
        shown = new or st.session_state.get(LAST) or example(next(iter(EXAMPLES)))
        if new is None:
            st.caption(f"Until there is one: {shown.title}.")
        for note in shown.notes:
            st.caption(note)
    st.session_state[LAST] = shown
    return shown
