"""Inspect: choose a picture and trained nets on the left; what they see in it, what they say, and why."""

import streamlit as st

from core.web import styles
from core.web.inspect import layout, nets, picture, weights
from core.web.inspect.chosen import Chosen
from core.web.inspect.crop import crop_of, preparation

styles.of_page("inspect")

with st.sidebar:
    picture_place, nets_place = st.container(key="i_picture"), st.container()
entries = nets.choose(nets_place)
shown = picture.choose(picture_place, entries)
ready = tuple(entry for entry in entries if entry.path)
with nets_place:
    for entry in entries:
        if entry not in ready:
            weights.offer(entry)
if ready:
    chosen = Chosen(shown.pixels, crop_of(shown), shown.title, ready, shown.truth, shown.private, shown.resized)
    if prepared := preparation(chosen, shown):
        nets_place.caption(prepared)
    layout.draw(chosen, shown)
else:
    nets.empty_state()
