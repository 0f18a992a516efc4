"""What one position of a map sees of the picture: by theory, and as its gradient shows."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.figures import why as figures
from core.inspect.catalogue import Entry
from core.web.inspect.chosen import Chosen
from core.web.inspect.depth import convolutions, depth_slider
from core.web.inspect.downloads import downloads
from core.web.inspect.overlay import Box, chosen_position, overlay

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
    columns = st.columns(len(chosen.nets), gap="medium")
    found = {}
    for index, (net, layer, column) in enumerate(zip(chosen.nets, layers, columns, strict=True)):
        with column:
            answer = _field(chosen, net, index, layer)
        if answer is None:
            return
        found[f"{net.ref}_support"] = answer["support"]
    downloads("field", {}, lambda: found)


def _field(chosen: Chosen, net: Entry, index: int, layer: int) -> dict[str, Any] | None:
    row = convolutions(net.net)[layer]
    _, height, width = row.shape
    key, pixels = f"i_why_field{index + 1}", net.size
    y, x = chosen_position(key, (height, width)) or (height // 2, width // 2)
    answers = chosen.ask("field", [net], f"field{index}", layer=layer, channel=-1, y=y, x=x)
    if answers is None:
        return None
    found: dict[str, Any] = answers[0]
    finding = figures.field(found)
    boxes = [Box("theory", found["theory"])]
    if found["mass"]:
        boxes.append(Box("95% of the gradient", found["mass"], "#E69F00", dashed=True))
    st.markdown(f"**{net.title}**, {row.name}: row {y}, column {x} of {height}×{width}")
    overlay(
        key,
        chosen.seen_by(net),
        found["support"],
        title=finding,
        alt=f"Receptive field of one position of {row.name} on the picture. {finding} Click or arrow keys choose.",
        units="|d response / d pixel|",
        boxes=boxes,
        selected=(int((y + 0.5) * pixels / height), int((x + 0.5) * pixels / width)),
        hint="Click a position.",
        opacity=45,
        side=SIDE[len(chosen.nets)],
    )
    return found
