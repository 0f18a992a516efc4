"""Home: what this is, a training that moves, what is running here, and four nets to begin with."""

import streamlit as st

from core.engine import client
from core.web import registry
from core.web.home.cards import class_pictures, start_cards
from core.web.recent import active_runs, listed, past_runs
from core.web.train import recorded, shows

DOORS = {
    registry.ARCHITECTURE: "Draw any net",
    registry.XRAY: "X-ray it before training",
    registry.INSPECT: "Ask trained nets about a picture",
}

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    st.title("Depth Lab", width="content")
    st.caption(client.engine_line(), width="content")
words, moving = st.columns([2, 3], gap="large", vertical_alignment="center")
with words:
    st.markdown(
        "Train very deep networks on real pictures, here and now, and watch what **batch normalisation**, "
        "**skip connections** and **dense connections** do to them."
    )
    if st.button("Train a net", type="primary", icon=registry.TRAIN.icon, key="to_train"):
        st.switch_page(registry.TRAIN.path)
    for page, what in DOORS.items():
        st.page_link(page.path, label=what, icon=page.icon, width="content")
with moving:
    show = shows.SHOWS[0]
    found = show.recordings()
    recorded.show(found, play=True, only="learns")
    st.caption(f"{show.look} {recorded.provenance(found)}.")
now, over = listed(limit=5)
active_runs(now, registry.TRAIN.path)
start_cards()
past_runs(over, registry.TRAIN.path)
class_pictures(registry.INSPECT.path)
