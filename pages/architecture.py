"""Architecture: choose a net on the left, walk through it on the right."""

import streamlit as st

from core.web import architecture

st.html(f"<style>{architecture.CSS}</style>")

with st.sidebar:
    net, refusal = architecture.form()
architecture.draw(net, refusal)
