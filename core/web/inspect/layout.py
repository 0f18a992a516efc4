"""The right side of the Inspect page: picture and predictions in one band, and below it the view that is chosen."""

from __future__ import annotations

import streamlit as st

from core.answers import ask as worker
from core.web.fields import segments
from core.web.inspect import nets, predictions
from core.web.inspect.chosen import Chosen
from core.web.inspect.crop import cropper
from core.web.inspect.maps import maps
from core.web.inspect.modes import modes
from core.web.inspect.number import number
from core.web.inspect.shown import Shown
from core.web.inspect.testset import testset
from core.web.inspect.why import why

VIEWS = {
    "Feature maps": maps,
    "Why": why,
    "From map to number": number,
    "Train or eval mode": modes,
    "Whole test set": testset,
}


def draw(chosen: Chosen, shown: Shown) -> None:
    """The finding, the band and the view."""
    finding = st.container(key="i_finding")
    with st.container(key="i_band"):
        left, right = st.columns([38, 62] if len(chosen.nets) == nets.MOST else [45, 55], gap="medium")
        with left:
            cropper(chosen, shown)
        with right.container(key="i_said"):
            drawn = predictions.ask(chosen, shown.outside)
            if drawn:
                st.html(drawn.html)
    finding.markdown(f"##### {drawn.finding if drawn else 'What do they say?'}")
    view = segments(st.container(), "View", VIEWS, "i_view", label_visibility="collapsed")
    if drawn or worker.ready():  # else every part of the view would say once more that the worker is starting
        view(chosen)
