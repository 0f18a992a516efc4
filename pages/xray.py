"""X-ray: what a net does to signal and gradient before the first training step."""

import streamlit as st

from core.web import styles
from core.web.fields import segments
from core.web.xray import nets, stacks

VIEWS = {
    "Three nets": nets.three,
    "Depth sweep": nets.depth_sweep,
    "Fully connected": stacks.linear,
    "Beyond CNNs": stacks.beyond,
}
AWAY = "x_away"  # begins the names of views that are not shown: their widgets stay, so that the address keeps them

styles.of_page("xray")
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    st.title("X-ray at step 0", width="content")
    st.caption("Measured on real pictures, before any training, in train mode", width="content")
chosen = segments(st.container(), "View", VIEWS, "x_view", label_visibility="collapsed")
for number, view in enumerate(VIEWS.values()):
    with st.container(key=f"{'x_shown' if view is chosen else AWAY}_{number}"):
        view(view is chosen)
