"""What one position of a map sees of the picture: by theory, and as its gradient shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.figures import why as figures
from core.inspect.catalogue import Entry
from core.record.answers import FIELD, Field
from core.vocabulary.colours import ORANGE
from core.web.inspect import nets
from core.web.inspect.chosen import Chosen
from core.web.inspect.depth import convolutions, depth_slider
from core.web.inspect.downloads import downloads
from core.web.inspect.overlay import Box, asked_position, chosen_position, overlay

SIDE = {1: 380, 2: 380, 3: 330}  # pixels on the screen, by how many nets stand side by side
BEGINS = 0.35  # of the way to the last layer: there the field is still smaller than a CIFAR picture
WHY = """
Each number of a map depends on a square of the picture, its **receptive field**: by **theory** every kernel on the way
widens it by its size minus one, times the distance of neighbours there. The **gradient** says how much each pixel
really moves the number (all channels of the layer added up). It is large in the middle and fades outwards, because
more paths lead through the middle: so most of it lies in a part of the field (Luo 2016, the effective receptive field).

**Do not misread it:** a gradient of 0 says that a *small* change of that pixel changes nothing, for this picture. In
nets with squeeze-and-excitation everything depends a little on everything.
"""


def receptive(chosen: Chosen) -> None:
    """A slider over the layers, then for each net the field of the position that is clicked."""
    st.markdown("##### How much of the picture does one position see?")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        layers = depth_slider(st.container(width=320), chosen.nets, "i_why_depth", BEGINS)
        with st.popover("Why?", icon=":material/help:", width="content", key="i_why_field_help"):
            st.markdown(WHY)
    both = list(zip(chosen.nets, layers, strict=True))
    places = [_place(net, layer, f"i_why_field{index}") for index, (net, layer) in enumerate(both, 1)]
    found = []
    for (net, layer), place in zip(both, places, strict=True):
        answers = chosen.ask(FIELD, [net], place.key, layer=layer, channel=-1, y=place.y, x=place.x)
        if answers is None:
            return
        found.append(answers[0])
    count = len(chosen.nets)
    words, pictures = st.columns(count, gap="medium"), st.columns(count, gap="medium")
    for index, (net, place, answer) in enumerate(zip(chosen.nets, places, found, strict=True)):
        finding = figures.field(answer)
        if count > 1:
            words[index].html(nets.head(net, chosen.colour(net)))
        words[index].markdown(f"{'' if count > 1 else f'**{net.title}**, '}{place.layer}. **{finding}**")
        with pictures[index]:
            _draw(chosen.seen_by(net), place, answer, finding, SIDE[count])
    arrays = {f"{net.ref}_support": answer["support"] for net, answer in zip(chosen.nets, found, strict=True)}
    downloads("field", {}, lambda: arrays)


@dataclass(frozen=True)
class Place:
    """A position in the maps of a layer."""

    key: str  # of the overlay in which it is clicked
    layer: str
    height: int  # of the maps
    width: int
    y: int
    x: int


def _place(net: Entry, layer: int, key: str) -> Place:
    """The position that was clicked, or that the address names by a pixel of the picture, or the middle."""
    row = convolutions(net.net)[layer]
    _, height, width = row.shape
    pixels = (net.size, net.size)
    clicked, told = chosen_position(key, pixels), asked_position(key, pixels)
    if clicked and clicked != told:
        st.query_params[key] = f"{clicked[0]},{clicked[1]}"
    elif told is None:  # the picture has no such pixel
        st.query_params.pop(key, None)
    y, x = clicked or told or (net.size // 2, net.size // 2)
    return Place(key, row.name, height, width, int((y + 0.5) * height / net.size), int((x + 0.5) * width / net.size))


def _draw(picture: np.ndarray, place: Place, found: Field, finding: str, side: int) -> None:
    pixels = len(picture)
    boxes = [Box("theory", found["theory"])]
    if found["mass"]:
        boxes.append(Box("95 % of the gradient", found["mass"], ORANGE, dashed=True))
    overlay(
        place.key,
        picture,
        found["support"],
        title=f"Row {place.y}, column {place.x} of {place.height}×{place.width}",
        alt=f"Receptive field of a position of {place.layer} on the picture. {finding} Click or arrow keys choose.",
        units="|d response / d pixel|",
        boxes=boxes,
        selected=(int((place.y + 0.5) * pixels / place.height), int((place.x + 0.5) * pixels / place.width)),
        hint="Click a position.",
        opacity=45,
        side=side,
    )
