"""The Inspect page's view ``testset``: a whole test set through one of the chosen nets, and where it goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import streamlit as st

from core.data import files
from core.figures import testset as figures
from core.figures.predictions import share_text
from core.inspect.calibration import calibration
from core.inspect.catalogue import PRECISION, Entry
from core.inspect.outcome import Outcome, outcome
from core.record.answers import SCORE
from core.vocabulary.datasets import DataSet, dataset_of
from core.vocabulary.numbers import in_precision, percent
from core.web.answers import answers
from core.web.data_form import data_form
from core.web.fields import segments
from core.web.inspect import charts
from core.web.inspect.chosen import Chosen
from core.web.inspect.disagree import disagree
from core.web.inspect.downloads import downloads
from core.web.inspect.gallery import ROW, SHOWN, picture
from core.web.inspect.test_pictures import PIECE, test_set
from core.web.words import sentence

WHICH = ("First", "Second", "Third")
DIFFERENCES = "Disagreement"  # the choice that is about all of them
WHY = """
The net names every picture of the **test set**, pictures that it was not trained on, and its answers are counted.

**Accuracy** is the share named rightly. It is a count, so chance has a part in it: the interval says where the share
over endlessly many such pictures would lie, in 95 of 100 test sets. Two nets whose intervals overlap much may well be
equally good.

**Which classes are taken for which?** A row holds all pictures of one class, a column all that were called so. Grey is
right; colour is error, the brighter the more.

**Is it as sure as it is right?** Of all answers given with 80 %, 80 % should be right: then the line lies on the dotted
one. Below it the net is too sure, which deep nets often are (Guo et al. 2017).
"""


def testset(chosen: Chosen) -> None:
    """Ask for what is missing, piece by piece, then draw; a change of any widget stops the work, not what it has."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        where = data_form(st.container(width=270), "i_testset_")
        kind = dataset_of(where)
        nets = _some_of(chosen.nets, kind)
        if not nets:
            st.info(f"None of the chosen nets was trained on {kind.label}: choose one that was.")
            return
        with st.popover("Why?", icon=":material/help:", width="content"):
            st.markdown(WHY)
        files_to_save = st.container(width="content")
    try:
        pictures, labels = test_set(where)
    except files.DataError as error:
        with suppress(files.DataError):  # the form says what is wrong with the sizes
            files.sizes(where)
            st.error(sentence(str(error)))
        return
    probabilities = _probabilities(nets, where, len(labels))
    if probabilities is None:
        return
    with files_to_save:
        of_nets = {net.ref: each for net, each in zip(nets, probabilities, strict=True)}
        arrays = of_nets if len(nets) > 1 else {"probabilities": probabilities[0]}
        downloads("testset", {}, lambda: arrays | {"labels": labels})
    if len(nets) > 1:
        disagree(nets, [chosen.colour(net) for net in nets], where, pictures, labels, probabilities)
        return
    [net], [said] = nets, probabilities
    found = outcome(said, labels)
    st.markdown(f"**{_headline(net, found, len(labels))}**")
    _charts(net, chosen.colour(net), found, said, labels, kind.classes)
    _mistakes(where, pictures, labels, said, found)


def _some_of(nets: tuple[Entry, ...], kind: DataSet) -> list[Entry]:
    """One of those that tell the classes of these pictures apart, or all of them; none where there are none."""
    fit = {name: [net] for name, net in zip(WHICH, nets, strict=False) if net.dataset == kind}
    if len(fit) < 2:
        return next(iter(fit.values()), [])
    options = fit | {DIFFERENCES: [net for each in fit.values() for net in each]}
    return list(segments(st.container(width=360), "Net", options, "i_testset_net"))


def _probabilities(nets: Sequence[Entry], where: str, count: int) -> list[np.ndarray] | None:
    """Of each net (count, K); None, and a sentence on the page, where there are none."""
    starts = range(0, count, PIECE)
    pieces = [(net, start) for net in nets for start in starts]
    requests = [{"net": net.ref, "data": where, "start": start, "count": PIECE} for net, start in pieces]
    what = [f"{net.title}, pictures {start:,} to {min(start + PIECE, count) - 1:,}" for net, start in pieces]
    found = answers(SCORE, requests, "testset", what, each=(PIECE, "pictures"))
    if found is None:
        return None
    parts = iter(found)
    return [np.concatenate([next(parts)["probabilities"] for _ in starts]) for _ in nets]


def _headline(net: Entry, found: Outcome, count: int) -> str:
    low, high = found.interval
    text = (
        f"{net.title} names {percent(found.accuracy, 2)} of {count:,} test pictures rightly "
        f"(95 % interval: {percent(low)} to {percent(high)}), measured here in {PRECISION}"
    )
    if net.test_accuracy is None:
        return f"{text}."
    place = "inside" if low <= net.test_accuracy <= high else "outside"
    return (
        f"{text}; {percent(net.test_accuracy, 2)}{in_precision(net.precision)} is stated for it, {place} that interval."
    )


def _charts(
    net: Entry, colour: str, found: Outcome, probabilities: np.ndarray, labels: np.ndarray, classes: Sequence[str]
) -> None:
    drawn = {
        "confusion": figures.confusion(found, classes),
        "classes": figures.per_class(found, classes, colour),
        "sure": figures.reliability(calibration(probabilities, labels), colour),
    }
    charts.row(drawn, [5, 3, 3], "i_testset_chart", net.ref)


def _mistakes(where: str, pictures: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, found: Outcome) -> None:
    """The surest wrong answers as pictures, each with a button that puts it onto the page."""
    worst = [int(index) for index in found.mistakes[:SHOWN]]
    kind = dataset_of(where)
    if not worst:
        return
    st.markdown(
        f"**Where it is sure and wrong: the {len(worst)} surest of {len(found.mistakes):,} mistakes.** Above each is "
        "the truth, below it what the net said and with which probability; press that to inspect the picture."
    )
    for first in range(0, len(worst), ROW):
        for column, index in zip(st.columns(ROW), worst[first : first + ROW], strict=False):
            said, share = kind.classes[probabilities[index].argmax()], float(probabilities[index].max())
            with column.container(gap="small"):
                picture(pictures, labels, where, index, f"{said} {share_text(share)}")
