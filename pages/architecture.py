"""Architecture: choose a net on the left, walk through it on the right."""

import streamlit as st

from core.web import styles
from core.web.architecture import page

styles.of_page("architecture")

with st.sidebar:
    net, refusal = page.form()
page.draw(net, refusal)
