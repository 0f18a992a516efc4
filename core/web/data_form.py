"""Which pictures to train on: the bundled sample, or the whole of a data set in a folder."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import files
from core.data.official import layouts_of
from core.engine import client
from core.vocabulary.datasets import DATASETS, SAMPLE, USUAL, joined, name_of, parted
from core.web import fetching
from core.web.fields import segments
from core.web.words import sentence

SAMPLE_LABEL = "Sample"


def data_form(main: DeltaGenerator, prefix: str = "") -> str:
    """Draw the choice; what TrainSpec.data is to be. ``prefix`` begins the widgets' names."""
    choice = segments(
        main,
        "Pictures",
        {SAMPLE_LABEL: SAMPLE} | {kind.whole: name for name, kind in DATASETS.items()},
        f"{prefix}data",
        help="The sample is bundled: 5,000 training and 1,000 test pictures of CIFAR-10, for quick runs offline.",
    )
    if choice == SAMPLE:
        return SAMPLE
    layouts = " or ".join(layout.folder for layout in reversed(layouts_of(choice)))
    folder = main.text_input(
        f"Folder with {DATASETS[choice].label}",
        value=str(client.home() / "cifar10"),
        key=f"{prefix}folder",
        bind="query-params",
        help=f"Either official layout: {layouts}.",
    )
    data = joined(folder.strip(), choice)
    with main.container():
        _folder_state(data, prefix)
    return data


def state_of(data: str, prefix: str = "") -> dict[str, str]:
    """The widgets' values that make the form give this."""
    if data == SAMPLE:
        return {f"{prefix}data": SAMPLE_LABEL}
    return {f"{prefix}data": DATASETS[name_of(data)].whole, f"{prefix}folder": parted(data)[0]}


def _folder_state(data: str, prefix: str) -> None:
    fetch = fetching.current(fetching.PICTURES, data)
    if fetch and not fetch.done:
        fetching.progress(fetching.PICTURES, data)
        return
    if fetch and fetch.error:
        st.error(sentence(fetch.error))
    try:
        train, test = files.sizes(data)
    except files.DataError as error:
        st.caption(sentence(str(error)))
        label = "Fetch it here (once, 170 MB)"
        if name_of(data) == USUAL and st.button(
            label, key=f"{prefix}fetch", icon=":material/download:", width="stretch"
        ):
            fetching.start(fetching.PICTURES, data)
            st.rerun()
    else:
        st.caption(f":material/check: {train:,} training and {test:,} test pictures")
