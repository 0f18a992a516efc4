"""Where the chosen nets disagree on a whole test set: the pictures, first those where they are surest."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st

from core.figures.predictions import share_text
from core.inspect.catalogue import Entry
from core.inspect.disagreement import Disagreement, counted, disagreement
from core.vocabulary.datasets import SAMPLE, DataSet, dataset_of
from core.web.inspect.gallery import ROW, SHOWN, picture
from core.web.inspect.nets import name, square


def disagree(
    nets: Sequence[Entry],
    colours: Sequence[str],
    where: str,
    pictures: np.ndarray,
    labels: np.ndarray,
    probabilities: Sequence[np.ndarray],
) -> None:
    """``probabilities`` of each net for all of these pictures, (N, K)."""
    found, kind = disagreement(probabilities, labels), dataset_of(where)
    st.markdown(f"**{headline(nets, found, kind, where, len(labels))}**")
    if not len(found.pictures):
        return
    shown = [int(index) for index in found.pictures[:SHOWN]]
    st.markdown(
        f"The {len(shown)} of them where two nets are surest of different classes. Above each is the truth, below it "
        "what each net says and with which probability; press a button to inspect the picture."
    )
    for first in range(0, len(shown), ROW):
        for column, index in zip(st.columns(ROW), shown[first : first + ROW], strict=False):
            with column.container(gap="small"):
                answers = [each[index] for each in probabilities]
                picture(pictures, labels, where, index, "Inspect", _answers(answers, colours, kind))


def headline(nets: Sequence[Entry], found: Disagreement, kind: DataSet, where: str, count: int) -> str:
    """How many pictures were looked at, on how many of them the nets differ, and who is right there."""
    names = [name(net) for net in nets]
    which = "the sample" if where == SAMPLE else kind.label
    text = (
        f"{_listed(names)} disagree about {len(found.pictures):,} of {count:,} test pictures of {which}, all looked at"
    )
    told = counted(found, names)
    return f"{text}: {told}." if told else f"{text}."


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _answers(answers: Sequence[np.ndarray], colours: Sequence[str], kind: DataSet) -> str:
    """What each net says of one picture, (K,) probabilities each, in the colours of the nets."""
    lines = [
        f"<div>{square(colour)} {escape(kind.classes[int(each.argmax())])} {share_text(float(each.max()))}</div>"
        for each, colour in zip(answers, colours, strict=True)
    ]
    return f'<div class="i-said">{"".join(lines)}</div>'
