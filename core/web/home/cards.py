"""The nets that Home offers to begin with: what each one shows, and a link that sets the Train page up for it."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import streamlit as st
from PIL import Image

from core import arith
from core.data import files, sheets
from core.spec import NetSpec, preset
from core.vocabulary.datasets import SAMPLE, dataset_of
from core.vocabulary.numbers import amount
from core.web import styles
from core.web.net_form import query_of

STARTS: tuple[tuple[NetSpec, str, str], ...] = (
    (
        preset("resnet20"),
        "Begin here",
        "Twenty layers whose blocks add their input to their output: small enough to learn while you watch.",
    ),
    (
        preset("plain56"),
        "Deep, without skips",
        "In the paper worse than plain-20 even on its training pictures, and not because gradients vanish "
        "(He et al. 2015, section 4.1).",
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
SHOWN = dataset_of(SAMPLE)
PICTURES = 2  # of each class


def start_cards() -> None:
    """One card a net, in a row that wraps."""
    styles.of_page("home")
    with st.grid(4, min_column_width=240):
        for net, title, text in STARTS:
            _card(net, title, text)


def _card(net: NetSpec, title: str, text: str) -> None:
    totals = arith.describe(net)
    with st.container(border=True, height="stretch", key=f"start-of-{net.kind}-{net.depth}"):
        st.markdown(f"##### {title}")
        st.markdown(text)
        st.space("stretch")
        st.caption(f"{net.depth} layers · {totals.params:,} parameters · {amount(totals.macs)} MACs a picture")
        # a page link would keep what an earlier card has set up, because the form's widgets are bound to the address
        address = f"train?{urlencode(query_of(net))}"
        st.html(f'<a class="start-link" href="{escape(address)}">→ Set up {escape(net.name)}</a>')


def class_pictures(inspect_page: str) -> None:
    """What the nets learn to tell apart: some test pictures of each class, as they are, only larger."""
    classes, side = len(SHOWN.classes), SHOWN.size
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"##### {classes} classes to tell apart, in pictures of {side} × {side} pixels", width="content")
        st.page_link(inspect_page, label="**Show trained nets a picture of your own**", icon=":material/search:")
    with st.grid(len(SHOWN.classes), min_column_width=100, gap="small"):
        for name in SHOWN.classes:
            st.image(_pictures(name), caption=name, width="stretch")


@st.cache_data(max_entries=len(SHOWN.classes))
def _pictures(class_name: str) -> Image.Image:
    """The first test pictures of a class from the bundled sample, side by side and six times as large."""
    sheet = Image.open(files.SAMPLE_FOLDER / sheets.sheet_name("test", class_name))
    first = sheet.crop((0, 0, SHOWN.size * PICTURES, SHOWN.size))
    return first.resize((first.width * 6, first.height * 6), Image.Resampling.NEAREST)
