"""The film of a picture on Train: a strip a run below the bar of time, of all checkpoints that are kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from core.answers import networks
from core.data.files import DataError
from core.data.pictures import Crop
from core.engine import client
from core.figures.dashboard import RunName, named
from core.figures.strip import Strip, Strips, colours, frames
from core.inspect.preprocess import preprocess
from core.record.answers import MAPS, PREDICT, Maps, Prediction, Request
from core.record.events import encode
from core.spec import Unreadable
from core.store import kept
from core.store.recordings import head
from core.store.records import Run
from core.vocabulary.datasets import dataset_of
from core.vocabulary.fields import PROBES
from core.web import loader, static
from core.web.answers import answers
from core.web.fields import integer, segments, switch
from core.web.inspect import uploads
from core.web.inspect.depth import convolutions, slider
from core.web.inspect.schema import ContentData
from core.web.inspect.shown import Shown
from core.web.inspect.test_pictures import test_set
from core.web.words import sentence

MOST = 2  # runs
AGAIN = 5.0  # s between two looks for further checkpoints of runs that go on
HELP = (
    "One picture as the run's checkpoints see it, in a strip below the bar of time: what each says of it, and maps of "
    "a layer. The strip moves with the bar; a click on a frame moves the bar."
)
LAYER_HELP = "Of which layer maps are shown, from the stem to the last convolution."
_drawing = st.components.v2.component("depth_lab_strip", js=loader.JS, isolate_styles=False)


def choose(runs: Sequence[Run]) -> tuple[Shown, list[int]] | None:
    """Draw the choice of a picture and a layer; what is chosen, and of each run the number of a convolution."""
    with st.popover("Film", icon=":material/movie:", width="content", help=HELP):
        here = st.container()
        if not switch(here, "Show a picture at each checkpoint", False, "strip"):
            return None
        layers = [[row.name for row in convolutions(run.spec.net)] for run in runs[:MOST]]
        chosen = slider(here, "Layer", layers, "strip_layer", 0.0, LAYER_HELP)
        brought = segments(here, "Picture", {"Test set": False, "Yours": True}, "strip_from")
        shown = uploads.from_upload(()) if brought else _test_picture(runs[0])
    return (shown, chosen) if shown else None


def _test_picture(run: Run) -> Shown | None:
    where = run.spec.train.data
    try:
        pictures, labels = test_set(where)
    except DataError as error:
        st.error(sentence(str(error)))
        return None
    last = len(labels) - 1
    number = integer(st.container(), f"Test picture, 0 to {last:,}", 0, last, 0, "strip_test")
    if isinstance(number, Unreadable):
        st.error(sentence(number))
        return None
    kind = dataset_of(where)
    truth = kind.classes[labels[number]]
    title = f"Test picture {number:,}: {kind.one(truth)}"
    return Shown(f"test {where} {number}", pictures[number].transpose(1, 2, 0), title, truth)


def draw(runs: Sequence[Run], shown: Shown, layers: Sequence[int]) -> None:
    """The strips; they look by themselves for what comes."""
    every = AGAIN if any(run.active for run in runs[:MOST]) else None
    st.fragment(_draw, run_every=every)(runs[:MOST], shown, layers)


def _draw(runs: Sequence[Run], shown: Shown, layers: Sequence[int]) -> None:
    names = named([head(run) for run in runs])
    found: list[tuple[RunName, str | None, _Looks]] = []
    for index, (run, layer, name) in enumerate(zip(runs, layers, names, strict=True)):
        steps = [each.step for each in kept.listed(client.store(), run)]
        st.caption(_many(name["label"], len(steps), run))
        if steps and (looks := _looks(run, steps, shown, layer, index)):
            found.append((name, _truth(run, shown), looks))
    same = colours([looks.seen for _, _, looks in found])
    strips = []
    for name, truth, looks in found:
        shots, words = frames(*looks, truth, same)
        strips.append(
            Strip(run=name["id"], name=name["label"], color=name["style"]["color"], words=words, frames=shots)
        )
    if strips:
        content = Strips(picture=shown.url, title=shown.title, strips=strips)
        _drawing(key="strip_drawn", data=ContentData(module=static.url("live/strip.js"), content=encode(content)))


class _Looks(NamedTuple):
    """A run at its checkpoints."""

    steps: Sequence[int]
    said: Sequence[Prediction]
    seen: Sequence[Maps]


def _looks(run: Run, steps: Sequence[int], shown: Shown, layer: int, place: int) -> _Looks | None:
    """What it says of the picture, and its maps; None, and a sentence on the page, where there are no answers."""
    entry = networks.of_run(run, "", client.store())
    picture = preprocess(shown.pixels, Crop(), entry, shown.resized)
    asked: list[Request] = [{"net": f"{run.id}@{step}", "picture": picture} for step in steps]
    what = [f"{run.name}, step {step:,}" for step in steps]
    said = answers(PREDICT, asked, f"strip_said_{place}", what, private=shown.private)
    if said is None:
        return None
    looks = [{**request, "layer": layer, "part": ""} for request in asked]
    seen = answers(MAPS, looks, f"strip_maps_{place}", what, private=shown.private)
    return None if seen is None else _Looks(steps, said, seen)


def _truth(run: Run, shown: Shown) -> str | None:
    """The right answer, where the run knows that class."""
    return shown.truth if shown.truth in dataset_of(run.spec.train.data).classes else None


def _many(name: str, count: int, run: Run) -> str:
    """How many checkpoints there are, and how there are more."""
    there = "no checkpoint is kept yet" if not count else f"{count} checkpoint{'s are' if count > 1 else ' is'} kept"
    if run.spec.probes.film:
        return f"{sentence(name)}: {there}; its film has up to {run.spec.probes.film}."
    return (
        f"{sentence(name)}: {there}. A run that is to have more begins with *{PROBES['film'].label}* (New run, More)."
    )
