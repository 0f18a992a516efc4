"""Test pictures side by side, each with its truth above it and a button that puts it onto the page."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.data.pictures import to_png
from core.vocabulary.datasets import dataset_of
from core.web.inspect.test_pictures import go_to

SHOWN, ROW = 16, 8  # pictures, and pictures in a row
ENLARGED = 3  # times, without smoothing, so that pixels stay pixels


def picture(pictures: np.ndarray, labels: np.ndarray, where: str, index: int, label: str, below: str = "") -> None:
    """One of the test pictures of ``where``, uint8 (N, 3, S, S), with ``label`` on its button; ``below`` is HTML."""
    kind = dataset_of(where)
    truth = kind.classes[labels[index]]
    what = f"test picture {index}, {kind.one(truth)}"
    st.caption(truth)
    st.image(_png(pictures[index]), alt=what, width="stretch")
    if below:
        st.html(below)
    st.button(
        label,
        key=f"i_testset_see_{index}",
        help=f"Inspect {what}",
        on_click=go_to,
        args=(index, where),
        width="stretch",
    )


def _png(planes: np.ndarray) -> bytes:
    """uint8 (3, S, S) -> an enlarged PNG."""
    return to_png(planes.transpose(1, 2, 0).repeat(ENLARGED, 0).repeat(ENLARGED, 1))
