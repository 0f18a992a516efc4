"""The Inspect page's view of feature maps: what every layer makes of the picture, from stem to last block."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.pictures import to_png
from core.figures import maps as figures
from core.inspect.catalogue import Entry
from core.record.answers import MAPS, Maps
from core.spec import NetSpec
from core.vocabulary import orders
from core.web.fields import pick, segments
from core.web.inspect import nets as chosen_nets
from core.web.inspect.addition import addition
from core.web.inspect.chosen import Chosen
from core.web.inspect.depth import block_of, convolutions, depth_slider
from core.web.inspect.downloads import downloads
from core.web.inspect.grid import chosen_channel, grid
from core.web.inspect.overlay import overlay

PARTS = {  # label: name in the answer, and what it is
    "Activation": ("activation", "behind the layer's ReLU: what the next layer reads"),
    "Adds": ("adds", "the maps that this layer adds to its dense block"),
    "Response": ("response", "what the layer makes: its convolution and the norm behind it, before the ReLU"),
    "Branch": ("branch", "what a residual block adds to its shortcut"),
    "Shortcut": ("shortcut", "what passes by the block's layers"),
    "Sum": ("sum", "branch and shortcut, added"),
    "Reads": ("reads", "all that the layer of a dense block reads, with a stripe that says which layer made it"),
}
ORDERS = {"Response": True, "Number": False}
SCALES = {"Map": "unit", "Layer": "layer", "Net": "net"}
SCALE_HELP = (
    "Where the colours end. **Map**: at each map's own largest value, to see its shape. **Layer**: at the largest of "
    "all these maps, to compare them. **Net**: at the largest of all layers, to compare layers."
)
ORDER_HELP = "Response: mean magnitude of a map's values, the strongest first."
SHARES = {1: (3, 2), 2: (1, 1)}  # of the tiles and the large map, by how many nets stand side by side; three stack them
OVERLAY_SIDE = {1: 430, 2: 330, 3: 330}  # px
GRID_HEIGHT = {1: 410, 2: 280, 3: 280}  # px


def maps(chosen: Chosen) -> None:
    """Controls, then a column for each net: its maps as tiles, the chosen one large, and its block's addition."""
    depth, *others = st.columns([1.6, 3.1, 1.1, 0.9])
    layers = depth_slider(depth, chosen.nets, "i_maps_layer")
    part, by_response, per = _controls(others, chosen.nets)
    for index, (net, column) in enumerate(zip(chosen.nets, st.columns(len(chosen.nets), gap="medium"), strict=True)):
        with column:
            _net(chosen, net, index, layers[index], part, by_response, per)


def _controls(columns: Sequence[DeltaGenerator], nets: Sequence[Entry]) -> tuple[str, bool, str]:
    known = {part for net in nets for part in parts_of(net.net)}
    offered = {label: name for label, (name, _) in PARTS.items() if name in known}
    words = "\n".join(f"- **{label}**: {PARTS[label][1]}" for label in offered)
    left, middle, right = columns
    part = segments(left, "Show", offered, "i_maps_part", help=f"{words}\n\nNot every layer has all of these.")
    by_response = pick(middle, "Sort by", ORDERS, "i_maps_sort", help=ORDER_HELP)
    return part, by_response, pick(right, "Colours per", SCALES, "i_maps_scale", help=SCALE_HELP)


def parts_of(net: NetSpec) -> tuple[str, ...]:
    """What can be seen at some layer of a net, the usual one first."""
    if net.family == "densenet":
        own = ("adds", "response") if net.skip and not net.bottleneck else ("response",)
        return (*own, "reads") if net.skip else own
    own = ("activation", "response") if orders.ORDERS[net.activation_order].ends_in_relu else ("response",)
    return (*own, "branch", "shortcut", "sum") if net.skip else own


def _net(chosen: Chosen, net: Entry, index: int, layer: int, part: str, by_response: bool, per: str) -> None:
    """One net's column."""
    found = chosen.ask(MAPS, [net], f"maps{index}", layer=layer, part=part)
    if found is None:
        return
    answer = found[0]
    values: np.ndarray = answer["maps"]
    order = figures.by_response(values) if by_response else np.arange(len(values))
    key = f"i_maps_map{index + 1}"
    named = chosen_channel(key, len(values))
    channel = int(figures.by_response(values)[0]) if named is None else named
    scales = figures.scales(values, per, answer["low"], answer["high"])
    diverging = bool(values.min() < 0)
    name, shown = answer["layers"][layer], answer["part"]
    count = len(chosen.nets)
    left, right = st.columns(SHARES[count], gap="medium") if count in SHARES else (st.container(), st.container())
    with left:
        grid(
            key,
            values,
            order=order,
            selected=channel,
            scales=scales,
            diverging=diverging,
            ends="own largest" if per == "unit" else "",
            title=f"{chosen_nets.name(net)}: {name}" if count > 1 else name,
            colour=chosen.colour(net) if count > 1 else "",
            facts=_facts(net.net, layer, values, shown, part),
            finding=figures.finding(values, shown, answer["sources"]),
            alt=f"{len(values)} {shown} maps of layer {name} as tiles; map {channel} is chosen. Arrow keys choose.",
            sources=answer["sources"],
            height=GRID_HEIGHT[count],
        )
    with right:
        overlay(
            f"i_maps_large{index + 1}",
            chosen.seen_by(net),
            values[channel],
            title=f"Map {channel} of {len(values)}, over the picture",
            alt=f"Map {channel} of {name} in colours over the picture.",
            scale=float(scales[channel]),
            diverging=diverging,
            pick=False,
            side=OVERLAY_SIDE[count],
        )
        with st.container(horizontal=True):
            _save(chosen, net, index, answer, order, scales, channel)
            st.button(
                "How is its number made?",
                key=f"i_maps_number{index + 1}",
                help="Opens this map in “From map to number”: every product behind one of its numbers.",
                on_click=_open_number,
                args=(index, net, name, channel),
                disabled=shown == "reads",
            )
    _block(chosen, net, index, layer, channel)


def _facts(net: NetSpec, layer: int, values: np.ndarray, shown: str, wanted: str) -> str:
    """What is seen here, its shape, and how much of the picture each number depends on."""
    row = convolutions(net)[layer]
    count, height, width = values.shape
    names = {name: label for label, (name, _) in PARTS.items()}
    what = names[shown] if shown == wanted else f"{names[shown]} (there is no “{names[wanted]}” at this layer)"
    field = row.receptive_field
    seen = (
        f"each number sees {field}×{field} px" if field <= net.image_size else "each number can see the whole picture"
    )
    return f"{what} · {count} maps of {height}×{width} · {seen}"


def _block(chosen: Chosen, net: Entry, index: int, layer: int, channel: int) -> None:
    """Of the residual block that the layer is in: one map's branch + shortcut = sum."""
    block = block_of(net.net, layer)
    if block is None:
        return
    name, last, read = block
    found = [chosen.ask(MAPS, [net], f"block{index}", layer=last, part=part) for part in ("branch", "shortcut")]
    if found[0] is None or found[1] is None:
        return
    branch, shortcut = found[0][0]["maps"], found[1][0]["maps"]
    at = channel if channel < len(branch) else int(figures.by_response(shortcut + branch)[0])
    ratio = np.abs(branch).mean() / max(np.abs(shortcut).mean(), np.finfo(np.float32).tiny)
    words = f"Over all maps the branch is {ratio:.2g} times as large as the shortcut (mean |value|)."
    if net.net.shortcut == "A" and read < len(branch):
        words = f"{figures.padded_finding(shortcut, read)} {words}"
    addition(
        f"i_maps_sum{index + 1}",
        branch[at],
        shortcut[at],
        title=f"What {name} adds to its shortcut, map {at}",
        finding=words,
    )


def _open_number(index: int, net: Entry, layer: str, channel: int) -> None:
    state = {"i_view": "From map to number", "i_number_layer": layer, "i_number_map": str(channel)}
    state |= {"i_number_net": f"{index + 1}: {net.net.name}"}
    # a widget that is not on the page yet does not write itself into the address, one that is lets nobody else
    st.query_params.update({key: value for key, value in state.items() if key not in st.session_state})
    st.session_state.update(state)


def _save(
    chosen: Chosen,
    net: Entry,
    index: int,
    answer: Maps,
    order: np.ndarray,
    scales: np.ndarray,
    channel: int,
) -> None:
    values, sources = answer["maps"], answer["sources"]
    name, part = answer["layers"][answer["layer"]], answer["part"]
    diverging = bool(values.min() < 0)
    title = f"{net.net.name}, {name}, {part}: {chosen.title}"
    seen = chosen.seen_by(net)
    downloads(
        f"maps{index + 1}",
        {
            "grid": lambda: to_png(figures.grid_picture(values, order.tolist(), scales, diverging, sources, title)),
            "overlay": lambda: to_png(
                figures.overlay_picture(seen, values[channel], float(scales[channel]), diverging)
            ),
        },
        lambda: {"maps": values, "picture": seen, "layer": np.array(name), "part": np.array(part)},
    )
