"""The Inspect page's view ``why``: where each net's decision comes from, and what one position of a map sees."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.pictures import to_png
from core.figures import why as figures
from core.figures.maps import overlay_picture
from core.inspect.catalogue import Entry
from core.web.fields import pick, segments
from core.web.inspect.chosen import Chosen
from core.web.inspect.depth import slider
from core.web.inspect.downloads import downloads
from core.web.inspect.overlay import overlay
from core.web.inspect.receptive import SIDE, receptive

METHODS = {"Grad-CAM": "gradcam", "Integrated Gradients": "gradients", "Occlusion": "occlusion"}
TITLES = {name: label for label, name in METHODS.items()}
UNITS = {"gradcam": "evidence", "gradients": "share of the logit", "occlusion": "drop of the logit"}
OWN = "Its own answer"
WHYS = {
    "gradcam": """
**Grad-CAM** (Selvaraju 2017) asks: which maps of one layer would raise the logit of this class, and where are these
maps large? Each map is weighted by its mean gradient, the maps are added, and what is below 0 is dropped.

**Do not misread it:** it is as coarse as the layer (8×8 positions in a last stage, enlarged here), and it says where
evidence was found, not that nothing else mattered. In early layers it is mostly noise: the last one says most.
""",
    "gradients": """
**Integrated Gradients** (Sundararajan 2017) asks: if the picture fades in from a plain one of the training pictures'
mean colour, how much of the logit's change is each pixel's doing? Red speaks for the class, blue against it.

**Check:** all pixels together must give the logit minus that of the plain picture. The line below says so.

**Do not misread it:** a pixel of the mean colour gets nothing, even if it matters. Single pixels are noisy: look for
regions.
""",
    "occlusion": """
**Occlusion** (Zeiler and Fergus 2014) asks: by how much does the logit drop when a square of the picture is covered
with the training pictures' mean colour? No gradients, only the net's answers to changed pictures.

**Do not misread it:** a covered picture is one that the net never saw in training, and what is there twice (two eyes)
can be covered once without loss. The square's size decides what can be found.
""",
}


def why(chosen: Chosen) -> None:
    """Controls, a heat over the picture for each net, then the receptive field of a position."""
    said = chosen.ask("predict", chosen.nets, "predict")
    if said is None:
        return
    columns = st.columns([4.2, 2.2, 3, 1.2], gap="medium", vertical_alignment="bottom")
    method = segments(columns[0], "Method", METHODS, "i_why_method")
    name = _class(columns[1], said)
    targets = [_number(answer, name) for answer in said]
    layers = _layers(chosen, targets, columns[2]) if method == "gradcam" else [-1] * len(targets)
    if layers is None:
        return
    with columns[3].popover("Why?", icon=":material/help:", width="stretch"):
        st.markdown(WHYS[method])
    heats, field = _places(chosen.nets)
    found = []
    for index, (net, column) in enumerate(zip(chosen.nets, heats, strict=True)):
        with column:
            answer = _heat(chosen, net, index, said[index], method, name, targets[index], layers[index])
            if answer is None:
                return
            found.append(answer)
    with heats[0]:
        _save(chosen, found)
    with field:
        receptive(chosen)


def _places(nets: Sequence[Entry]) -> tuple[list[DeltaGenerator], DeltaGenerator]:
    """A column for the heat of each net; the receptive field stands beside a single one, else below."""
    columns = list(st.columns(max(2, len(nets)), gap="medium"))
    return (columns, st.container()) if len(nets) > 1 else (columns[:1], columns[1])


def _class(where: DeltaGenerator, said: list[dict[str, Any]]) -> str:
    """The name of the class to explain, or OWN."""
    names = sorted({name for answer in said for name in answer["names"]})
    kept = st.session_state.get("i_why_class", OWN)
    if kept not in (OWN, *names):  # chosen when another picture made other classes likely
        names.append(kept)
    options = {name: name for name in (OWN, *names)}
    return pick(where, "Class to explain", options, "i_why_class", help="What the heat speaks for.")


def _number(answer: dict[str, Any], name: str) -> int:
    """The class of that name among those that a net finds likely, else its own answer."""
    return dict(zip(answer["names"], answer["top"], strict=True)).get(name, answer["top"][0])


def _layers(chosen: Chosen, targets: list[int], where: DeltaGenerator) -> list[int] | None:
    """The layer of each net that Grad-CAM reads: the last is chosen, the slider chooses another."""
    names = []
    for index, (net, target) in enumerate(zip(chosen.nets, targets, strict=True)):
        answers = chosen.ask("explain", [net], f"why{index}", method="gradcam", target=target, layer=-1)
        if answers is None:
            return None
        names.append(answers[0]["layers"])
    return slider(where, "Layer it reads", names, "i_why_layer", 1.0, "From the stem to the last; the last says most.")


def _heat(
    chosen: Chosen, net: Entry, index: int, said: dict[str, Any], method: str, name: str, target: int, layer: int
) -> dict[str, Any] | None:
    """One net's heat; what the worker found, or None."""
    answers = chosen.ask("explain", [net], f"why{index}", method=method, target=target, layer=layer)
    if answers is None:
        return None
    found: dict[str, Any] = answers[0]
    explained = dict(zip(said["top"], said["names"], strict=True))[target]
    about = f"**{net.title}** gives {explained} {said['probabilities'][target]:.1%}"
    if name not in (OWN, explained):
        about += f" ({name} is not among its likely classes)"
    st.markdown(f"{about}; read at {found['layers'][layer]}" if method == "gradcam" else about)
    finding = figures.words(method, found, explained)
    overlay(
        f"i_why_heat{index + 1}",
        chosen.seen_by(net),
        found["heat"],
        title=finding,
        alt=f"{TITLES[method]} of {net.title} for {explained}, in colours over the picture. {finding}",
        diverging=method != "gradcam",
        units=UNITS[method],
        smooth=method == "gradcam",
        pick=False,
        side=SIDE[len(chosen.nets)],
    )
    if method == "gradients":
        st.caption(figures.completeness(found))
    return found


def _save(chosen: Chosen, found: list[dict[str, Any]]) -> None:
    nets = chosen.nets
    arrays = {f"{net.ref}_heat": answer["heat"] for net, answer in zip(nets, found, strict=True)}
    arrays |= {f"{net.ref}_picture": chosen.seen_by(net) for net in nets}
    pictures = {net.ref: partial(_png, chosen.seen_by(net), answer) for net, answer in zip(nets, found, strict=True)}
    downloads("why", pictures, lambda: arrays)


def _png(picture: np.ndarray, found: dict[str, Any]) -> bytes:
    heat = found["heat"]
    return to_png(overlay_picture(picture, heat, float(np.abs(heat).max()), found["method"] != "gradcam"))
