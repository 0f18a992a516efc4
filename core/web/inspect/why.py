"""The Inspect page's view ``why``: where each net's decision comes from, and what one position of a map sees."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.pictures import to_png
from core.figures import why as figures
from core.figures.maps import overlay_picture
from core.figures.predictions import share_text
from core.record.answers import EXPLAIN, PREDICT, Explanation, Prediction
from core.web.fields import pick, segments
from core.web.inspect import nets
from core.web.inspect.chosen import Chosen
from core.web.inspect.depth import slider
from core.web.inspect.downloads import downloads
from core.web.inspect.overlay import overlay
from core.web.inspect.receptive import SIDE, receptive

METHODS = {"Grad-CAM": "gradcam", "Integrated Gradients": "gradients", "Occlusion": "occlusion"}
TITLES = {name: label for label, name in METHODS.items()}
UNITS = {"gradcam": "evidence", "gradients": "part of the logit", "occlusion": "mean drop of the logit"}
OWN = "Its own answer"
WHYS = {
    "gradcam": """
**Grad-CAM** (Selvaraju 2017) asks: which maps of one layer would raise the logit of this class, and where are these
maps large? Each map is weighted by its mean gradient, the maps are added, and what is below 0 is dropped.

**Do not misread it:** it is as coarse as the layer (in the last stage of a ResNet 8×8 positions of a picture of 32×32,
7×7 of one of 224×224, enlarged here), and it says where evidence was found, not that nothing else mattered. In early
layers it is mostly noise: the last one says most. Only a VGG for 32×32 has no more than 2×2 positions there: one layer
earlier it says more about where.
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
with the training pictures' mean colour? No gradients, only the net's answers to changed pictures. The squares overlap:
a pixel shows the mean drop of all that cover it, not what one square costs.

**Do not misread it:** a covered picture is one that the net never saw in training, and what is there twice (two eyes)
can be covered once without loss. The square's size decides what can be found.
""",
}


def why(chosen: Chosen) -> None:
    """Controls, a heat over the picture for each net, then the receptive field of a position."""
    said = chosen.ask(PREDICT, chosen.nets, "predict")
    if said is None:
        return
    columns = st.columns([4.2, 2.2, 2.8, 1.4], gap="medium", vertical_alignment="bottom")
    method = segments(columns[0], "Method", METHODS, "i_why_method")
    name = _class(columns[1], said)
    targets = [_number(answer, name) for answer in said]
    layers = _layers(chosen, targets, columns[2]) if method == "gradcam" else [-1] * len(targets)
    if layers is None:
        return
    with columns[3].popover("Why?", icon=":material/help:", width="stretch"):
        st.markdown(WHYS[method])
    found = []
    for index, (net, target, layer) in enumerate(zip(chosen.nets, targets, layers, strict=True)):
        answers = chosen.ask(EXPLAIN, [net], f"why{index}", method=method, target=target, layer=layer)
        if answers is None:
            return
        found.append(answers[0])
    heats, field = _draw(chosen, found, said, name)
    with heats:
        _save(chosen, found)
    with field:
        receptive(chosen)


def _draw(
    chosen: Chosen, found: list[Explanation], said: list[Prediction], name: str
) -> tuple[DeltaGenerator, DeltaGenerator]:
    """A column for each net, words above and heats below, so that the heats stand in line. Where to put more about
    the heats, and where the receptive field goes: beside a single net, else below."""
    count = len(chosen.nets)
    left, right = st.columns(2, gap="medium") if count == 1 else (st.container(), st.container())
    with left:
        words, heats = st.columns(count, gap="medium"), st.columns(count, gap="medium")
    for index, (net, answer) in enumerate(zip(chosen.nets, found, strict=True)):
        explained = said[index]["classes"][answer["target"]]
        share = share_text(float(said[index]["probabilities"][answer["target"]]))
        if count > 1:
            words[index].html(nets.head(net, chosen.colour(net)))
        text = f"{'It' if count > 1 else f'**{net.title}**'} gives {explained} {share}"
        if name not in (OWN, explained):
            text += f" ({name} is not among its classes)"
        finding = figures.words(answer, explained)
        words[index].markdown(f"{text}. **{finding}**")
        with heats[index]:
            _heat(chosen.seen_by(net), answer, f"i_why_heat{index + 1}", finding, SIDE[count])
    return left, right


def _heat(picture: np.ndarray, found: Explanation, key: str, finding: str, side: int) -> None:
    method = found["method"]
    title = TITLES[method]
    overlay(
        key,
        picture,
        found["heat"],
        title=f"{title} at {found['layers'][found['layer']]}, {side_of(found)}" if method == "gradcam" else title,
        alt=f"{title} in colours over the picture. {finding}",
        diverging=method != "gradcam",
        units=UNITS[method],
        smooth=method == "gradcam",
        pick=False,
        side=side,
    )
    if method == "gradients":
        st.caption(figures.completeness(found))


def side_of(found: Explanation) -> str:
    """How coarse a Grad-CAM is."""
    return f"{found['positions']}×{found['positions']} positions"


def _class(where: DeltaGenerator, said: list[Prediction]) -> str:
    """The name of the class to explain, or OWN."""
    names = classes(said)
    kept = st.session_state.get("i_why_class", OWN)
    if kept not in (OWN, *names):  # chosen when there was another net
        names.append(kept)
    options = {name: name for name in (OWN, *names)}
    return pick(where, "Class to explain", options, "i_why_class", help="What the heat speaks for; type to search.")


def classes(said: list[Prediction]) -> list[str]:
    """The names of all classes of the nets: those that some net finds likely first."""
    likely = {answer["classes"][number] for answer in said for number in answer["top"]}
    others = {name for answer in said for name in answer["classes"]} - likely
    return [*sorted(likely, key=str.casefold), *sorted(others, key=str.casefold)]


def _number(answer: Prediction, name: str) -> int:
    """The class of that name, else, where the net has none, its own answer."""
    return answer["classes"].index(name) if name in answer["classes"] else answer["top"][0]


def _layers(chosen: Chosen, targets: list[int], where: DeltaGenerator) -> list[int] | None:
    """The layer of each net that Grad-CAM reads: the last is chosen, the slider chooses another."""
    names = []
    for index, (net, target) in enumerate(zip(chosen.nets, targets, strict=True)):
        answers = chosen.ask(EXPLAIN, [net], f"why{index}", method="gradcam", target=target, layer=-1)
        if answers is None:
            return None
        names.append(answers[0]["layers"])
    return slider(where, "Layer it reads", names, "i_why_layer", 1.0, "From the first to the last; the last says most.")


def _save(chosen: Chosen, found: list[Explanation]) -> None:
    entries = chosen.nets
    arrays = {f"{net.ref}_heat": answer["heat"] for net, answer in zip(entries, found, strict=True)}
    arrays |= {f"{net.ref}_picture": chosen.seen_by(net) for net in entries}
    pictures = {net.ref: partial(_png, chosen.seen_by(net), answer) for net, answer in zip(entries, found, strict=True)}
    downloads("why", pictures, lambda: arrays)


def _png(picture: np.ndarray, found: Explanation) -> bytes:
    heat = found["heat"]
    return to_png(overlay_picture(picture, heat, float(np.abs(heat).max()), found["method"] != "gradcam"))
