"""What a view shows, as files: pictures as PNG, arrays as NPZ, made when somebody asks for them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st


def downloads(
    slot: str, png: Mapping[str, Callable[[], bytes]], npz: Callable[[], Mapping[str, np.ndarray]] | None = None
) -> None:
    """A button that opens a list of files to save: each picture by its name, and all arrays as one NPZ.

    ``slot`` names the place on the page and begins the names of the files; the callables run when a file is asked for,
    outside of the script, so they may use no widgets.
    """
    with st.popover("Download", icon=":material/download:", key=f"i_downloads_{slot}"):
        for name, picture in png.items():
            _button(slot, name, "png", picture, "image/png")
        if npz:
            _button(slot, "arrays", "npz", lambda: to_npz(npz()), "application/octet-stream")


def to_npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The bytes of a compressed NPZ file that holds the arrays by name; no pickle in it."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **{name: np.asarray(array) for name, array in arrays.items()})
    return buffer.getvalue()


def file_name(slot: str, name: str, suffix: str) -> str:
    """A name that every file system takes: letters, digits, dots and dashes."""
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", f"{slot}-{name}").strip("-.")
    return f"{plain}.{suffix}"


def _button(slot: str, name: str, suffix: str, data: Callable[[], bytes], mime: str) -> None:
    st.download_button(
        f"{name[0].upper()}{name[1:]} ({suffix.upper()})",
        data,
        file_name(slot, name, suffix),
        mime,
        key=f"i_download_{slot}_{name}_{suffix}",
        on_click="ignore",
        icon=":material/image:" if suffix == "png" else ":material/data_array:",
        width="stretch",
    )
