"""How deep to look: one slider over the layers of a net, and the layers at the same relative depth of others."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import arith
from core.arith import Row
from core.inspect.catalogue import Entry
from core.spec import NetSpec
from core.web.addresses import asked, complain

HELP = (
    "From the stem, which reads the picture, to the last convolution before the classifier. The arrow keys move it by "
    "one layer. With several nets it runs over the deepest; the others show the layer at the same relative depth."
)


def convolutions(net: NetSpec) -> list[Row]:
    """The layers that make maps, in forward order, as core.inspect.maps numbers them."""
    return [row for row in arith.describe(net).layers if row.kind == "conv"]


def depth_slider(where: DeltaGenerator, nets: Sequence[Entry], key: str, share: float = 0.0) -> list[int]:
    """The number of the chosen convolution in each net; ``share`` of the way to the last is where it begins."""
    return slider(where, "Layer", [[row.name for row in convolutions(net.net)] for net in nets], key, share, HELP)


def slider(
    where: DeltaGenerator, label: str, layers: Sequence[Sequence[str]], key: str, share: float, help: str
) -> list[int]:
    """The number of the chosen one among the ``layers`` of each net: it runs over those of the deepest net, the others
    follow at the same relative depth. Another choice of nets keeps the relative depth."""
    names = max(layers, key=len)
    known = f"_{key}_share"  # of the way from the first to the last layer, in the last run
    if key in st.session_state and st.session_state[key] not in names:
        st.session_state[key] = names[at_share(st.session_state.get(known, share), len(names))]
    raw = asked(key)
    if key not in st.session_state and raw is not None and raw not in names:
        complain(key, raw, f"name a layer such as {names[0]} or {names[-1]}.")
    value = names[at_share(share, len(names))]
    chosen = where.select_slider(label, names, value, key=key, bind="query-params", help=help)
    st.session_state[known] = names.index(chosen) / max(len(names) - 1, 1)
    return [at_share(st.session_state[known], len(of_net)) for of_net in layers]


def at_share(share: float, count: int) -> int:
    """The layer, of ``count`` from 0, at a share of the way from the first to the last."""
    return int(share * (count - 1) + 0.5)


def block_of(net: NetSpec, layer: int) -> tuple[str, int, int] | None:
    """The residual block that a layer is in: its name, the number of its last layer, and how many maps it reads; None
    outside of blocks and in nets without shortcuts."""
    rows = convolutions(net)
    name = rows[layer].name.rpartition(".")[0]
    if net.family == "densenet" or not net.skip or not name:
        return None
    inside = [index for index, row in enumerate(rows) if row.name.rpartition(".")[0] == name]
    return name, inside[-1], rows[inside[0] - 1].shape[0]
