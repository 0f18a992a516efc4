"""Train: choose a net on the left, press Train, watch it on the right."""

import streamlit as st

from core.web import train_panel, watch

st.html(f"<style>{train_panel.CSS}</style>")

with st.sidebar:
    new_run = train_panel.draw()
if new_run:
    watch.show(new_run)

run, other = watch.selected()
if run is None:
    watch.empty_state()
else:
    watch.draw(run, other)
