"""Pictures of a test set, by number, and the next one that a net gets wrong."""

from __future__ import annotations

import random
from contextlib import suppress
from functools import lru_cache

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import files
from core.inspect.catalogue import Entry
from core.record.answers import SCORE
from core.spec import SpecError, Unreadable, read_integer
from core.vocabulary.datasets import SAMPLE, dataset_of
from core.web.answers import answers, go_on
from core.web.data_form import data_form, state_of
from core.web.fields import integer
from core.web.inspect.nets import name
from core.web.inspect.shown import Shown
from core.web.words import sentence

PIECE = 500  # pictures asked for at once
SLOT = "wrong"  # of the search
NUMBER = "i_test"
FOUND = "i_found"  # the last picture that was looked for: its number, and the sentence about it


@lru_cache(maxsize=2)
def test_set(where: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 (N, C, S, S) and labels (N,), read once. Raises DataError."""
    return files.load_test(where)


def go_to(number: int, where: str = SAMPLE) -> None:
    """Make a test picture the page's picture; for callbacks of any view."""
    wanted = {"i_from": "Test set", NUMBER: str(number)} | state_of(where, "i_")
    # a widget that is not on the page yet does not write itself into the address, one that is lets nobody else
    st.query_params.update({key: value for key, value in wanted.items() if key not in st.session_state})
    st.session_state.update(wanted)


def from_test_set(nets: tuple[Entry, ...]) -> Shown | None:
    """Draw the choice; the picture chosen, or None where the folder holds none."""
    where = data_form(st.container(), "i_")
    try:
        pictures, labels = test_set(where)
    except files.DataError:
        return None  # the form says what is wrong
    count = len(labels)
    place, row, below = st.container(), st.container(horizontal=True, gap="xsmall"), st.container()
    for label, by in (("Previous", -1), ("Next", 1), ("Any", None)):
        row.button(label, key=f"i_{label.lower()}", on_click=_step, args=(by, count), width="stretch")
    kind = dataset_of(where)
    _wrong_button(below, next((net for net in nets if net.dataset == kind), None), where, labels)
    number = integer(place, f"Test picture, 0 to {count - 1:,}", 0, count - 1, 0, NUMBER)
    if isinstance(number, Unreadable):
        place.error(sentence(number))
        return None
    found = st.session_state.get(FOUND)
    notes = (found[1],) if found and found[0] == number else ()
    truth = kind.classes[labels[number]]
    return Shown(
        f"test {where} {number}",
        pictures[number].transpose(1, 2, 0),
        f"Test picture {number:,}: {kind.one(truth)}",
        truth,
        notes=notes,
    )


def _step(by: int | None, count: int) -> None:
    st.session_state[NUMBER] = str(random.randrange(count) if by is None else (_now() + by) % count)


def _now() -> int:
    """The number in the box; 0 where none can be read there."""
    with suppress(SpecError):
        return read_integer(st.session_state.get(NUMBER, "0"))
    return 0


def _wrong_button(where: DeltaGenerator, net: Entry | None, data: str, labels: np.ndarray) -> None:
    """A search is work for the worker, so it is done here and not in a callback, before the number is drawn."""
    label = dataset_of(data).label
    pressed = where.button(
        "One it gets wrong",
        key="i_wrong",
        icon=":material/search:",
        width="stretch",
        disabled=net is None,
        help=f"Asks {name(net) if net else f'a net for {label}'} about the pictures that follow, until it is wrong.",
        on_click=go_on,
        args=(SLOT,),
    )
    if not (pressed and net):
        return
    now = _now()
    with where:
        number = next_wrong(net, data, labels, now)
    if number is not None:
        which = "the sample" if data == SAMPLE else label
        about = f"The next one that {name(net)} gets wrong of the {len(labels):,} test pictures of {which}."
        st.session_state[NUMBER] = str(number)
        st.session_state[FOUND] = (number, about)


def next_wrong(net: Entry, data: str, labels: np.ndarray, now: int) -> int | None:
    """The first picture after ``now``, going round, that the net misnames; None, and a sentence, where there is none.

    Only as many pieces are asked for as it takes.
    """
    count = len(labels)
    for start, begin in pieces_after(now, count):
        request = {"net": net.ref, "data": data, "start": start, "count": PIECE}
        what = f"{net.title}, pictures {start:,} to {min(start + PIECE, count) - 1:,}"
        found = answers(SCORE, [request], SLOT, [what])
        if found is None:
            return None
        said = found[0]["probabilities"].argmax(1)
        wrong = start + np.flatnonzero(said != labels[start : start + PIECE])
        later = wrong[wrong >= begin]
        if len(later):
            return int(later[0])
    st.success(f"{name(net)} gets none of these {count:,} pictures wrong.")
    return None


def pieces_after(now: int, count: int) -> list[tuple[int, int]]:
    """The pieces of ``count`` pictures, once round from the picture after ``now``: where each starts, and from which
    picture on it is looked at. The first comes again at the end, for what lies before ``now``."""
    begin = (now + 1) % count
    starts = list(range(0, count, PIECE))
    first = begin // PIECE
    rest = starts[first + 1 :] + starts[: first + 1]
    return [(starts[first], begin), *((start, start) for start in rest)]
