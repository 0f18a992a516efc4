"""What nets say about one picture: bars of probabilities, a column a net, that can be compared row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from core.figures import palette
from core.vocabulary.datasets import DataSet
from core.vocabulary.numbers import percent

ROWS = 10  # that a column is high; of more classes it shows the likeliest
SURE = 2  # times the probability of guessing, from which an answer is one
IN_WORDS = {10: "ten", 1000: "a thousand"}


@dataclass(frozen=True, eq=False)
class Said:
    """What one net says about the picture."""

    net: str  # its name, for people
    note: str  # how good it is, for people
    kind: str  # of net, a key of palette.KINDS
    norm: str
    names: Sequence[str]  # of the classes shown
    shares: np.ndarray  # their probabilities, float (len(names),)
    dataset: DataSet | None  # what it was trained on; None: ImageNet, whose pictures are not here
    own_colour: str | None = None  # beside another net of its kind; else it has the kind's

    @property
    def fixed(self) -> bool:
        """Whether these are all classes, in an order of their own; else the likeliest of many, sorted."""
        return self.dataset is not None and len(self.names) == len(self.dataset.classes)

    @property
    def colour(self) -> str:
        return self.own_colour or palette.KINDS[self.kind]

    @property
    def answer(self) -> str:
        """The likeliest class."""
        return self.names[int(np.argmax(self.shares))]

    @property
    def guesses(self) -> bool:
        """Whether no class has twice the probability that each has where nothing is known."""
        return bool(self.shares.max() < SURE / _count(self))

    def knows(self, truth: str | None) -> bool:
        """Whether it has a class of that name."""
        return self.dataset is not None and truth in self.dataset.classes


@dataclass(frozen=True)
class Drawn:
    """The bars as HTML, what they show in one sentence, and in words for those who cannot see them."""

    html: str
    finding: str
    alt: str


def predictions(said: Sequence[Said], truth: str | None = None, outside: bool = False) -> Drawn:
    """``truth``: the name of the picture's class, if it is known; ``outside``: it is known to be none that a net knows.

    Nets with the same classes share their names, which stand once: the rows are the same in every column.
    """
    alt = "; ".join(
        f"{one.net}: " + ", ".join(f"{name} {percent(share)}" for name, share in _sorted(one)[:3]) for one in said
    )
    columns = []
    ordered = sorted(said, key=lambda one: not one.fixed)
    for index, one in enumerate(ordered):
        named = not one.fixed or index == 0 or one.dataset != ordered[index - 1].dataset
        columns.append(_column(one, truth if one.dataset else None, named))
    html = f'<div class="dp" role="img" aria-label="{escape(alt)}">{"".join(columns)}</div>'
    return Drawn(html, finding(said, truth, outside), alt)


def finding(said: Sequence[Said], truth: str | None = None, outside: bool = False) -> str:
    """One or two sentences: do they agree, and are they right?"""
    ten = [one for one in said if one.fixed]
    many = [one for one in said if not one.fixed]
    sentences = []
    if len(ten) > 1 and len({one.answer for one in ten}) == 1:
        who = {2: "Both say", 3: "All three say"}[len(ten)]
        sentences.append(f"{who} {ten[0].answer}.")
    elif len(ten) > 1:
        sentences.append(f"They disagree: {_each(ten)}.")
    elif ten:
        sentences.append(f"{ten[0].net} says {ten[0].answer}, {share_text(ten[0].shares.max())}.")
    sentences += _verdict(ten, truth, outside)
    for count in sorted({_count(one) for one in many}):
        of_these = [one for one in many if _count(one) == count]
        sentences.append(f"Of {IN_WORDS.get(count, count)} classes {_each(of_these)}.")
        sentences += _verdict([one for one in of_these if one.dataset], truth, outside)
    sentences += [
        f"{one.net} is guessing: no class has more than {share_text(one.shares.max())}." for one in said if one.guesses
    ]
    return " ".join(sentences)


def _verdict(said: Sequence[Said], truth: str | None, outside: bool) -> list[str]:
    """Whether they are right, in a sentence; none where that is not known."""
    knowing = [one.dataset for one in said if one.dataset and one.knows(truth)]
    if knowing and truth:
        right = all(one.answer == truth for one in said)
        return [f"It is {knowing[0].one(truth)}" + (": right." if right else ".")]
    if said and (truth or outside):
        owners, count = "their" if len(said) > 1 else "its", _count(said[0])
        return [f"None of {owners} {IN_WORDS.get(count, count)} words is right."]
    return []


def _count(one: Said) -> int:
    """Classes that it tells apart."""
    return len(one.dataset.classes) if one.dataset else 1000


def _each(said: Sequence[Said]) -> str:
    return ", ".join(f"{one.net} says {one.answer}" for one in said)


def share_text(share: float) -> str:
    """A probability for people; never 0 % or 100 % where it is neither."""
    if 0 < share < 0.001:
        return "<0.1 %"
    if 0.999 < share < 1:
        return ">99.9 %"
    return percent(share)


def _column(one: Said, truth: str | None, named: bool) -> str:
    verdict = "" if truth is None else "✓ " if one.answer == truth else "✗ "
    rows = zip(one.names, one.shares.tolist(), strict=True) if one.fixed else _sorted(one)
    fill = _fill(one)
    height = 1 if one.fixed else ROWS / len(one.names)
    body = "".join(_row(name, share, one, truth, named, fill, height) for name, share in rows)
    head = (
        f'<div class="dp-head"><div class="dp-net"><span style="color:{one.colour}">■</span> {escape(one.net)}</div>'
        f'<div class="dp-note" title="{escape(one.note)}">{escape(one.note)}</div>'
        f'<div class="dp-said">{verdict}{escape(one.answer)}, {escape(share_text(one.shares.max()))}</div></div>'
    )
    return f'<div class="dp-column{" dp-named" * (one.fixed and named)}">{head}{body}</div>'


def _row(name: str, share: float, one: Said, truth: str | None, named: bool, fill: str, height: float) -> str:
    classes = "dp-row" + " dp-top" * (name == one.answer) + " dp-truth" * (name == truth)
    bar = f'<span class="dp-track"><span class="dp-bar" style="width:{share:.2%};{fill}"></span></span>'
    value = f'<span class="dp-share">{escape(share_text(share))}</span>'
    rest = f'style="height:calc({height:g} * var(--row))" title="{escape(f"{name}: {percent(share, 3)}")}"'
    if not one.fixed:
        label = f'<span class="dp-name"><span>{escape(name)}</span>{value}</span>'
        return f'<div class="{classes} dp-large" {rest}>{label}{bar}</div>'
    label = f'<span class="dp-name">{escape(name)}{" ◂" * (name == truth)}</span>' if named else ""
    return f'<div class="{classes}" {rest}>{label}{bar}{value}</div>'


def _fill(one: Said) -> str:
    """The app's one legend: colour says the kind, hatched (dashed, for a line) is without norm."""
    colour = one.colour
    if palette.dash(one.norm) == palette.SOLID:
        return f"background:{colour}"
    return f"background:repeating-linear-gradient(90deg,{colour} 0 6px,transparent 6px 9px)"


def _sorted(one: Said) -> list[tuple[str, float]]:
    return sorted(zip(one.names, one.shares.tolist(), strict=True), key=lambda pair: -pair[1])
