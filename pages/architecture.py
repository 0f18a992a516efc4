"""Architecture: choose a net on the left, walk through it on the right."""

import streamlit as st

from core.web.architecture import page

st.html(f"<style>{page.CSS}</style>")

with st.sidebar:
    net, refusal = page.form()
page.draw(net, refusal)
