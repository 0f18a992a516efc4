"""Home: what this is, what is running, and four nets to begin with."""

import streamlit as st

from core.web import registry
from core.web.home_cards import start_cards
from core.web.runs import run_list

st.title("Depth Lab")
st.markdown(
    "Train very deep networks on real pictures, here and now, and watch what **batch normalisation**, "
    "**skip connections** and **dense connections** do to them."
)
start_cards()
run_list(registry.TRAIN.path, limit=6)
