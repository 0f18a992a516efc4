"""The nets that Home offers to begin with: what each one shows, and a link that sets the Train page up for it."""

from __future__ import annotations

import streamlit as st

from core import arith
from core.spec import NetSpec, preset
from core.web import registry
from core.web.net_form import query_of
from core.web.numbers import amount

STARTS: tuple[tuple[NetSpec, str, str], ...] = (
    (
        preset("resnet20"),
        "Begin here",
        "Twenty layers whose blocks add their input to their output. Learns within a minute.",
    ),
    (
        preset("plain56"),
        "Deep, without skips",
        "The net that started it all: deeper than plain-20, and worse even on its own training pictures.",
    ),
    (
        preset("resnet56"),
        "The same layers, with skips",
        "Exactly the parameters of plain-56. Train it as the twin and lay the two over each other.",
    ),
    (
        preset("densenet-bc-40-12"),
        "Append instead of add",
        "Every layer reads all earlier ones of its block. Watch the channels grow, and which of them are used.",
    ),
)
COLOURS = {"plain": "#D55E00", "resnet": "#0072B2", "densenet": "#009E73"}


def start_cards() -> None:
    """One card a net, in a row that wraps."""
    with st.grid(4, min_column_width=240):
        for net, title, text in STARTS:
            _card(net, title, text)


def _card(net: NetSpec, title: str, text: str) -> None:
    totals = arith.describe(net)
    with st.container(border=True, height="stretch", key=f"start-{net.name}"):
        st.markdown(f"##### {title}")
        st.markdown(text)
        st.space("stretch")
        st.caption(f"{net.depth} layers · {totals.params:,} parameters · {amount(totals.macs)} MACs a picture")
        st.page_link(
            registry.TRAIN.path,
            label=f"**Set up {net.name}**",
            icon=":material/arrow_forward:",
            query_params=query_of(net),
        )
