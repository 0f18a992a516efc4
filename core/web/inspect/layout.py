"""The right side of the Inspect page: picture and predictions in one band, and below it the view that is chosen."""

from __future__ import annotations

import streamlit as st

from core.answers import ask as worker
from core.figures import predictions as figures
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
# what answers fill keeps its height while they are on their way
CSS = (
    """
[data-testid=stSidebarUserContent] [data-testid=stVerticalBlock] { gap: .6rem; }
[data-testid=stMainBlockContainer] > [data-testid=stVerticalBlock] { gap: .5rem; }
.st-key-i_from button { padding-left: .4rem; padding-right: .4rem; }
.st-key-i_nets [data-tag] { font-size: .78rem; max-width: 100%; }
.st-key-i_nets [data-tag] > span { max-width: none; }
.st-key-i_picture [data-testid=stBaseButton-secondary] { padding-left: .3rem; padding-right: .3rem; }
/* why a file was refused in the browser: Streamlit tells only those who point at an icon or listen */
.st-key-i_picture [data-testid=stFileUploader] [role=alert] {
  position: static; width: auto; height: auto; margin: 0; clip: auto; clip-path: none; overflow: visible;
  white-space: normal; flex-basis: 100%; font-size: .85rem;
}
.st-key-i_picture [data-testid=stFileUploader] :has(> [role=alert]) { flex-wrap: wrap; }
.st-key-i_finding { min-height: 1.9rem; }
.st-key-i_band { min-height: 260px; }
.st-key-i_said { min-height: 258px; position: relative; }
@media (max-height: 800px) { .st-key-i_band { min-height: 230px; } .st-key-i_said { min-height: 228px; } }
.st-key-i_said [class*=st-key-wait_] {
  position: absolute; z-index: 2; left: 0; right: 0; bottom: 0; padding: .3rem .5rem;
  backdrop-filter: blur(8px);
}
"""
    + figures.CSS
)


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
