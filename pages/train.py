"""Train: choose a net on the left, press Train, watch it on the right."""

import streamlit as st

from core.web import styles
from core.web.train import panel, recorded, watch

styles.of_page("train")

with st.sidebar:
    new_runs = panel.draw()
if new_runs:
    watch.show(*new_runs)

recordings = recorded.selected()
runs = watch.selected()
if recordings:
    recorded.draw(recordings)
elif runs:
    watch.draw(runs)
else:
    watch.empty_state()
