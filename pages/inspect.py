"""Inspect: choose a picture and trained nets on the left; what they see in it, what they say, and why."""

import streamlit as st

from core.web.inspect import crop, layout, nets, picture
from core.web.inspect.chosen import Chosen

st.html(f"<style>{layout.CSS}</style>")

with st.sidebar:
    picture_place, nets_place = st.container(key="i_picture"), st.container(key="i_nets_place")
offered = nets.choose(nets_place)
shown = picture.choose(picture_place, offered)
ready = nets.ready(nets_place, offered)
if not ready:
    nets.empty_state()
else:
    chosen = Chosen(shown.pixels, crop.crop_of(shown), shown.title, ready, shown.truth)
    layout.draw(chosen, shown)
