"""The recordings that come with the lab: what there is to see before anything was trained here."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.record.file import SUFFIX
from core.record.recording import Recording
from core.web.fields import segments
from core.web.train import opened, recorded


@dataclass(frozen=True)
class Show:
    """Recordings that are worth seeing beside each other, and what to look at."""

    title: str
    look: str
    names: tuple[str, ...]  # of files in assets/recordings, whose README says how each was made

    @property
    def files(self) -> list[str]:
        """As the address names them."""
        return [name + SUFFIX for name in self.names]

    def recordings(self) -> list[Recording]:
        """Raises RecordingError."""
        found = (opened.recording(opened.by_name(name)) for name in self.files)
        return [recording for recording in found if recording]


SHOWS: tuple[Show, ...] = (
    Show(
        "Skips at 56 layers",
        "The same layers and parameters, once without and once with skip connections: whose training loss falls?",
        ("plain-56", "resnet-56"),
    ),
    Show(
        "With and without BN",
        "The same fourteen layers, once with batch norm and once without: what becomes of signals and gradients?",
        ("smallresnet", "smallresnet-nobn"),
    ),
    Show(
        "Channels that grow",
        "A DenseNet hands every layer all earlier maps: how wide do its inputs become, and which does it use?",
        ("densenet-bc-40-12",),
    ),
)


def draw() -> None:
    """One of them, moving, and the button that trains the same here."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="show_row"):
        st.markdown("**Choose a net, press Train, watch it learn**", width="content")
        titles = {each.title: each for each in SHOWS}
        show = segments(st.container(width="content"), "Recording", titles, "show", label_visibility="collapsed")
        found = show.recordings()
        if st.button("Train this", icon=":material/play_arrow:", key="train_recorded", help=recorded.AGAIN):
            recorded.train_again(found)
    st.caption(f"Recording: {show.look[0].lower()}{show.look[1:]} {recorded.provenance(found)}.")
    recorded.show(found, play=True)
