"""The Inspect page's view from map to number: every product that one number of a map is made of."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import streamlit as st

from core.figures.maps import by_response
from core.inspect.catalogue import Entry
from core.record.answers import MAPS, PRODUCTS
from core.spec import SpecError, Unreadable, read_integer
from core.web.fields import integer, segments
from core.web.inspect import nets
from core.web.inspect.chosen import Chosen
from core.web.inspect.depth import depth_slider
from core.web.inspect.maps import parts_of
from core.web.inspect.overlay import asked_position, overlay
from core.web.inspect.products import products
from core.web.words import sentence

AT = "i_number_at"  # the position in the address, as row,column
MAP = "i_number_map"
WHY = """
A convolutional net has no hidden magic: **each number in each map is a sum of products**. The layer puts a small window
(mostly 3×3) onto every map it reads, multiplies each number in the window by a weight of its own, and adds everything
up. The same weights are used at every position, so a map answers one question everywhere: *how much is my pattern
here?* Beyond the border the window reads zeros.

Then the sum goes through the steps below. **Batch norm** in eval mode uses the mean and variance that it saw in
training. In a residual block the **shortcut**'s number is added. **ReLU** makes negative numbers 0. Each step is
computed again here from the numbers you see; beside it stands what the net itself got, in 32-bit floating point.

Click another place in the map, or move with the arrow keys.
"""


def number(chosen: Chosen) -> None:
    """Layer, map and position on the left; the products and steps on the right."""
    net = _which(chosen)
    left, right = st.columns([1.6, 3.4], gap="medium")
    with left:
        if len(chosen.nets) > 1:
            st.html(nets.head(net, chosen.colour(net)))
        layer = depth_slider(st.container(), [net], "i_number_layer")[0]
        found = chosen.ask(MAPS, [net], "number_maps", layer=layer, part=parts_of(net.net)[0])
        if found is None:
            return
        values: np.ndarray = found[0]["maps"]
        channel = _channel(values)
        y, x = _position(chosen, net, found[0]["layers"][layer], values[channel], channel)
        with st.popover("Why? What do I see?", icon=":material/help:"):
            st.markdown(WHY)
    with right:
        answers = chosen.ask(PRODUCTS, [net], "number", layer=layer, channel=channel, y=y, x=x)
        if answers is None:
            return
        answer = answers[0]
        products(
            "i_number_products",
            answer,
            title=f"Row {y}, column {x} of map {channel} of {answer['layer']}: {_count(answer['products'])}",
            intro=_intro(net, layer, answer["products"]),
            shown=float(values[channel, y, x]),
        )


def _which(chosen: Chosen) -> Entry:
    """One of the nets, where there are several."""
    if len(chosen.nets) == 1:
        return chosen.nets[0]
    names = {f"{index}: {net.net.name}": net for index, net in enumerate(chosen.nets, 1)}
    return segments(st.container(), "Net", names, "i_number_net", label_visibility="collapsed")


def _channel(values: np.ndarray) -> int:
    """The chosen map of (C, h, w); at first, and where none can be read, the one that responds most. A layer with fewer
    maps takes its last one."""
    last, strongest = len(values) - 1, int(by_response(values)[0])
    with suppress(SpecError):
        if read_integer(st.session_state.get(MAP, "0")) > last:
            st.session_state[MAP] = str(last)
    help = f"0 to {last}; at first the one with the strongest response."
    channel = integer(st.container(), "Map", 0, last, strongest, MAP, help=help)
    if isinstance(channel, Unreadable):
        st.error(sentence(channel))
        return strongest
    return int(channel)


def _position(chosen: Chosen, net: Entry, layer: str, values: np.ndarray, channel: int) -> tuple[int, int]:
    """The chosen place (y, x) of a map (h, w): by click, from the address, or where the map is largest."""
    strongest = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    told = asked_position(AT, values.shape)
    chosen_place = overlay(
        "i_number_overlay",
        chosen.seen_by(net),
        values,
        title=f"Map {channel}: choose a position",
        alt=f"Map {channel} of {layer} over the picture. Arrow keys choose a position.",
        selected=told or (int(strongest[0]), int(strongest[1])),
        opacity=75,
    )
    assert chosen_place is not None
    if chosen_place != told:
        st.query_params[AT] = f"{chosen_place[0]},{chosen_place[1]}"
    return chosen_place


def _count(made: np.ndarray) -> str:
    return "one product" if made.size == 1 else f"{made.size:,} products make one number"


def _intro(net: Entry, layer: int, made: np.ndarray) -> str:
    """What is multiplied, (C, k, k) products, in one or two sentences."""
    channels, height, width = made.shape
    if layer == 0:
        what = f"The three colours of the picture, scaled as in training, give a {height}×{width} patch each."
    elif height == 1:
        what = f"Each of the {channels} maps that this layer reads gives one number at this place."
    else:
        which = f"{channels} maps of its group" if net.net.groups > 1 else f"{channels} maps that this layer reads"
        what = f"Each of the {which} gives a {height}×{width} patch around this place."
    return f"{what} Each number times the weight in the same place; all of it added. Red is positive, blue negative."
