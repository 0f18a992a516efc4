"""What the X-ray page shows: this machine's own answers, and until they are there those that came with the lab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.processes.torchless import has_torch
from core.record.answers import XRAY, NamedXRay, Request
from core.web.answers import answers, known
from core.web.xray import shipped
from core.web.xray.shipped import Origin

OWN = "Measured on this machine."


@dataclass(frozen=True)
class Measured:
    """The answers to some requests as far as there are any, and where those are from that came with the lab."""

    requests: Sequence[Request]
    answers: Sequence[NamedXRay | None]
    origin: Origin | None
    whole: bool  # whether all of them are this machine's own


def measured(file: str, requests: Sequence[Request]) -> Measured:
    """What is known now; ``file`` of assets/xray may hold what was not measured here yet."""
    own = known(XRAY, requests)
    if all(own):
        return Measured(requests, own, None, True)
    origin, theirs = shipped.find(file, requests)
    shown = [mine or other for mine, other in zip(own, theirs, strict=True)]
    return Measured(requests, shown, origin, False)


def measure(found: Measured, slot: str, what: list[str], one_by_one: bool = True) -> None:
    """Say where the answers are from, and ask this machine for those that it has not given yet.

    The page is drawn anew when they are there, and ``one_by_one`` also with each that stands for none so far. To be
    called last: what the page has drawn so far stays in sight meanwhile.
    """
    if found.whole:
        st.caption(OWN, width="content")
        return
    if found.origin:
        until = ", until this machine's own answer is there" if has_torch() else ""
        st.caption(f"{found.origin.told()}{until}.", width="content")

    def arrived(index: int) -> None:
        if one_by_one and found.answers[index] is None:
            st.rerun()

    if answers(XRAY, list(found.requests), slot, what, arrived=arrived) is not None:
        st.rerun()
