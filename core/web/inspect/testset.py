"""The Inspect page's view ``testset``: a whole test set through one of the chosen nets, and where it goes wrong."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from core.data import files
from core.data.pictures import to_png
from core.engine import client
from core.figures import testset as figures
from core.inspect.calibration import calibration
from core.inspect.catalogue import Entry
from core.inspect.report import Report, report
from core.web.answers import answers
from core.web.fields import segments
from core.web.inspect.chosen import Chosen
from core.web.inspect.downloads import downloads

PIECE = 500  # pictures asked for at once: some seconds of work, kept for good
WHICH = ("First", "Second", "Third")
PICTURES = {"Sample": "sample", "All of CIFAR-10": "full"}
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
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="i_testset_row"):
        net = _one_of(chosen.nets)
        where = _pictures()
        with st.popover("Why? What do I see?", icon=":material/help:", width="content"):
            st.markdown(WHY)
        files_to_save = st.container(width="content")
    try:
        count = files.sizes(where)[1]
        labels = test_set(where)[1].astype(np.int64)
    except files.DataError as error:
        st.error(f"{error} The Train page fetches it: choose Pictures, All of CIFAR-10 there.")
        return
    probabilities = _probabilities(net, where, count)
    if probabilities is None:
        return
    found = report(probabilities, labels)
    with files_to_save:
        downloads("testset", {}, lambda: {"probabilities": probabilities, "labels": labels})
    st.markdown(f"**{_headline(net, found, count)}**")
    _charts(net, found, probabilities, labels)
    _mistakes(where, found, probabilities, labels)


@lru_cache(maxsize=2)
def test_set(where: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 (N, 3, 32, 32) and labels (N,), read once. Raises DataError."""
    return files.load_test(where)


def _one_of(nets: tuple[Entry, ...]) -> Entry:
    if len(nets) == 1:
        return nets[0]
    return segments(st.container(width=260), "Net", dict(zip(WHICH, nets, strict=False)), "i_testset_net")


def _pictures() -> str:
    """ "sample" or the folder that holds CIFAR-10."""
    choice = segments(st.container(width=280), "Pictures", PICTURES, "i_testset_data")
    if choice == "sample":
        return choice
    folder = st.text_input(
        "Folder with CIFAR-10",
        value=str(client.home() / "cifar10"),
        key="i_testset_folder",
        bind="query-params",
        help="Either official layout: cifar-10-batches-py or cifar-10-batches-bin.",
        width=340,
    )
    return folder.strip()


def _probabilities(net: Entry, where: str, count: int) -> np.ndarray | None:
    """(count, 10); None, and a sentence on the page, where there are none."""
    starts = range(0, count, PIECE)
    requests = [{"net": net.ref, "data": where, "start": start, "count": PIECE} for start in starts]
    what = [f"{net.title}, pictures {start:,} to {min(start + PIECE, count) - 1:,}" for start in starts]
    found = answers("score", requests, "testset", what, each=(PIECE, "pictures"))
    return None if found is None else np.concatenate([answer["probabilities"] for answer in found])


def _headline(net: Entry, found: Report, count: int) -> str:
    low, high = found.interval
    text = (
        f"{net.title} names {found.accuracy:.2%} of {count:,} test pictures rightly "
        f"(95% interval: {low:.1%} to {high:.1%})"
    )
    if net.test_accuracy is None:
        return f"{text}."
    place = "inside" if low <= net.test_accuracy <= high else "outside"
    return f"{text}; {net.test_accuracy:.2%} is stated for it, {place} that interval."


def _charts(net: Entry, found: Report, probabilities: np.ndarray, labels: np.ndarray) -> None:
    kind = net.net.kind
    charts = (
        ("Which classes are taken for which?", figures.confusion(found), "confusion"),
        ("Which classes does it know?", figures.per_class(found, kind), "classes"),
        ("Is it as sure as it is right?", figures.reliability(calibration(probabilities, labels), kind), "sure"),
    )
    widths = [5, 3, 3]
    for column, (question, drawn, _) in zip(st.columns(widths, gap="medium"), charts, strict=True):
        column.markdown(f"##### {question}")
        column.caption(drawn.finding)
    for column, (_, drawn, name) in zip(st.columns(widths, gap="medium"), charts, strict=True):
        column.plotly_chart(
            drawn.figure,
            key=f"i_testset_chart_{name}",
            alt=drawn.alt,
            width="stretch",
            config={
                "displaylogo": False,
                "displayModeBar": True,
                "modeBarButtons": [["toImage"]],
                "toImageButtonOptions": {"format": "png", "filename": f"{net.ref}-{name}", "scale": 2},
            },
        )


def _mistakes(where: str, found: Report, probabilities: np.ndarray, labels: np.ndarray) -> None:
    """The surest wrong answers as pictures, each with a button that puts it onto the page."""
    worst = [int(index) for index in found.mistakes[:SHOWN]]
    if not worst:
        return
    st.markdown("##### Where is it sure and wrong?")
    st.caption(
        f"The {len(worst)} surest of {len(found.mistakes):,} mistakes: above the truth, below what it said, with its "
        "probability. Press that to inspect the picture."
    )
    pictures = test_set(where)[0]
    for first in range(0, len(worst), ROW):
        for column, index in zip(st.columns(ROW), worst[first : first + ROW], strict=False):
            truth, said = files.CLASSES[labels[index]], files.CLASSES[probabilities[index].argmax()]
            with column.container(gap="small"):
                st.caption(truth)
                st.image(_png(pictures[index]), alt=f"Test picture {index}, a {truth}", width="stretch")
                st.button(
                    f"{said} {probabilities[index].max():.1%}",
                    key=f"i_testset_see_{index}",
                    help=f"Inspect test picture {index}: a {truth}, taken for a {said}",
                    on_click=_inspect,
                    args=(index,),
                    width="stretch",
                )


def _inspect(index: int) -> None:
    """Make a test picture the page's picture."""


def _png(planes: np.ndarray) -> bytes:
    """uint8 (3, 32, 32) -> an enlarged PNG."""
    return to_png(planes.transpose(1, 2, 0).repeat(ENLARGED, 0).repeat(ENLARGED, 1))
