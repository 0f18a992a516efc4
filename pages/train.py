"""Train: choose a net in the form, press Train, watch it beside; the form makes room for what happened."""

import streamlit as st

from core.web import styles
from core.web.train import column, panel, recorded, watch
from core.web.train.shown import show

styles.of_page("train")

recordings = recorded.selected()
runs = watch.selected()
with st.sidebar:
    with panel.place(folded=bool(recordings or runs)):
        new_runs = panel.draw()
    if recordings or runs:
        column.draw()
if new_runs:
    show(*new_runs)
    st.rerun()

if recordings:
    recorded.draw(recordings)
elif runs:
    watch.draw(runs)
else:
    watch.empty_state()
