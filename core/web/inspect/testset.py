"""The Inspect page's view ``testset``: a whole test set through one of the chosen nets, and where it goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import streamlit as st

from core.data import files
from core.data.pictures import to_png
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
from core.web.inspect.downloads import downloads
from core.web.inspect.test_pictures import PIECE, go_to, test_set
from core.web.words import sentence

WHICH = ("First", "Second", "Third")
SHOWN, ROW = 16, 8  # mistakes
ENLARGED = 3  # times, without smoothing, so that pixels stay pixels
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
        net = _one_of(chosen.nets, kind)
        if net is None:
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
    probabilities = _probabilities(net, where, len(labels))
    if probabilities is None:
        return
    found = outcome(probabilities, labels)
    with files_to_save:
        downloads("testset", {}, lambda: {"probabilities": probabilities, "labels": labels})
    st.markdown(f"**{_headline(net, found, len(labels))}**")
    _charts(net, found, probabilities, labels, kind.classes)
    _mistakes(where, pictures, labels, probabilities, found)


def _one_of(nets: tuple[Entry, ...], kind: DataSet) -> Entry | None:
    """One of those that tell the classes of these pictures apart; None where there are none."""
    fit = {name: net for name, net in zip(WHICH, nets, strict=False) if net.dataset == kind}
    if len(fit) > 1:
        return segments(st.container(width=220), "Net", fit, "i_testset_net")
    return next(iter(fit.values()), None)


def _probabilities(net: Entry, where: str, count: int) -> np.ndarray | None:
    """(count, K); None, and a sentence on the page, where there are none."""
    starts = range(0, count, PIECE)
    requests = [{"net": net.ref, "data": where, "start": start, "count": PIECE} for start in starts]
    what = [f"{net.title}, pictures {start:,} to {min(start + PIECE, count) - 1:,}" for start in starts]
    found = answers(SCORE, requests, "testset", what, each=(PIECE, "pictures"))
    return None if found is None else np.concatenate([answer["probabilities"] for answer in found])


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


def _charts(net: Entry, found: Outcome, probabilities: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> None:
    drawn = {
        "confusion": figures.confusion(found, classes),
        "classes": figures.per_class(found, classes, net.net.kind),
        "sure": figures.reliability(calibration(probabilities, labels), net.net.kind),
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
            what = f"test picture {index}, {kind.one(kind.classes[labels[index]])}"
            with column.container(gap="small"):
                st.caption(kind.classes[labels[index]])
                st.image(_png(pictures[index]), alt=what, width="stretch")
                st.button(
                    f"{said} {share_text(share)}",
                    key=f"i_testset_see_{index}",
                    help=f"Inspect {what}",
                    on_click=go_to,
                    args=(index, where),
                    width="stretch",
                )


def _png(planes: np.ndarray) -> bytes:
    """uint8 (3, S, S) -> an enlarged PNG."""
    return to_png(planes.transpose(1, 2, 0).repeat(ENLARGED, 0).repeat(ENLARGED, 1))
