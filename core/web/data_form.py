"""Which pictures to train on: the bundled sample, or the whole of CIFAR-10 in a folder."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import files
from core.engine import client
from core.web import fetching
from core.web.fields import segments
from core.web.words import sentence

CHOICES = {"Sample": "sample", "All of CIFAR-10": "full"}


def data_form(main: DeltaGenerator, prefix: str = "") -> str:
    """Draw the choice; "sample" or the folder, as TrainSpec.data wants it. ``prefix`` begins the widgets' names."""
    choice = segments(
        main,
        "Pictures",
        CHOICES,
        f"{prefix}data",
        help="The sample is bundled: 5,000 training and 1,000 test pictures of CIFAR-10, for quick runs offline.",
    )
    if choice == "sample":
        return "sample"
    folder = main.text_input(
        "Folder with CIFAR-10",
        value=str(client.home() / "cifar10"),
        key=f"{prefix}folder",
        bind="query-params",
        help="Either official layout: cifar-10-batches-py or cifar-10-batches-bin.",
    )
    with main.container():
        _folder_state(folder.strip(), prefix)
    return folder.strip()


def _folder_state(folder: str, prefix: str) -> None:
    fetch = fetching.current(fetching.PICTURES, folder)
    if fetch and not fetch.done:
        fetching.progress(fetching.PICTURES, folder)
        return
    if fetch and fetch.error:
        st.error(sentence(fetch.error))
    try:
        train, test = files.sizes(folder)
    except files.DataError as error:
        st.caption(sentence(str(error)))
        label = "Fetch it here (once, 170 MB)"
        if st.button(label, key=f"{prefix}fetch", icon=":material/download:", width="stretch"):
            fetching.start(fetching.PICTURES, folder)
            st.rerun()
    else:
        st.caption(f":material/check: {train:,} training and {test:,} test pictures")
