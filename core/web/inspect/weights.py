"""Weights that are published and not on this machine yet: how to get them."""

from __future__ import annotations

import streamlit as st

from core.answers import networks
from core.inspect.catalogue import Entry
from core.inspect.imagenet import PUBLISHED
from core.store import home
from core.web import fetching
from core.web.inspect import nets
from core.web.words import sentence


def offer(entry: Entry) -> None:
    """Draw the button that fetches a net's weights, or how far that is."""
    published = PUBLISHED[entry.ref]
    fetch = fetching.current(fetching.WEIGHTS, entry.ref)
    if fetch and not fetch.done:
        fetching.progress(fetching.WEIGHTS, entry.ref)
        return
    if fetch and fetch.error:
        st.error(sentence(fetch.error))
    places = " or ".join(str(folder) for folder in networks.weight_folders() if folder != home.weights())
    pressed = st.button(
        f"Fetch {nets.name(entry)} ({published.megabytes} MB)",
        key=f"i_fetch_{entry.ref}",
        icon=":material/download:",
        width="stretch",
        help=f"Its weights, trained on ImageNet, are not on this machine. Without a network: put {published.file} "
        f"into {places}.",
    )
    if pressed:
        fetching.start(fetching.WEIGHTS, entry.ref)
        st.rerun()
