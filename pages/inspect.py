"""Inspect: what trained nets see in a picture, what they say, and why."""

import streamlit as st

from core.data import files
from core.data.pictures import Crop
from core.engine import client, networks
from core.web.fields import segments
from core.web.inspect.chosen import Chosen
from core.web.inspect.maps import maps
from core.web.inspect.modes import modes
from core.web.inspect.number import number
from core.web.inspect.testset import testset
from core.web.inspect.why import why

VIEWS = {
    "Feature maps": maps,
    "Why": why,
    "From map to number": number,
    "Train or eval mode": modes,
    "Whole test set": testset,
}

st.title("Inspect")
data = files.load("sample")
chosen = Chosen(
    pixels=data.test_images[0].transpose(1, 2, 0),
    crop=Crop(),
    title="Test picture 0",
    nets=tuple(networks.networks(client.store())[:2]),
    truth=int(data.test_labels[0]),
)
answers = chosen.ask("predict", chosen.nets, "predict")
if answers:
    for net, answer in zip(chosen.nets, answers, strict=True):
        st.write(net.title, dict(zip(answer["names"], answer["probabilities"][answer["top"]].tolist(), strict=True)))
view = segments(st.container(), "View", VIEWS, "i_view", label_visibility="collapsed")
view(chosen)
