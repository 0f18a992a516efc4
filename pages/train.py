"""Train: choose a net on the left, press Train, watch it on the right."""

import streamlit as st

from core.web import styles
from core.web.train import panel, recorded, watch

styles.of_page("train")

with st.sidebar:
    new_run = panel.draw()
if new_run:
    watch.show(new_run)

recording = recorded.selected()
run, other = watch.selected()
if recording:
    recorded.draw(recording)
elif run is None:
    watch.empty_state()
else:
    watch.draw(run, other)
