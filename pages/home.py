"""Home: what this is, what is running, and four nets to begin with."""

import streamlit as st

from core.engine import client
from core.web import registry
from core.web.home.cards import class_pictures, start_cards
from core.web.runs import active_runs, listed, past_runs

DOORS = {
    registry.ARCHITECTURE: "Draw any net",
    registry.XRAY: "X-ray it before training",
    registry.TRAIN: "Train it and watch",
    registry.INSPECT: "Ask trained nets about a picture",
}

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    st.title("Depth Lab", width="content")
    st.caption(client.engine_line(), width="content")
st.markdown(
    "Train very deep networks on real pictures, here and now, and watch what **batch normalisation**, "
    "**skip connections** and **dense connections** do to them."
)
with st.container(horizontal=True, gap="medium"):
    for page, what in DOORS.items():
        st.page_link(page.path, label=what, icon=page.icon, width="content")
now, over = listed(limit=5)
active_runs(now, registry.TRAIN.path)
start_cards()
past_runs(over, registry.TRAIN.path)
class_pictures(registry.INSPECT.path)
