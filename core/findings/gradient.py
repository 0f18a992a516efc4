"""What may be said of gradients and updates: first against last only where no layer between is further off."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.findings.layers import At, layer_name, sorted_out, spanned, without_classifier
from core.findings.moment import Measured, Moment, when_measured
from core.findings.names import also_differ, pairs
from core.findings.reach import grouped, rows_in_words, standings
from core.vocabulary.numbers import number
from core.vocabulary.quantities import QUANTITIES

WORSE = 2  # times beyond both ends, from which a layer between them is the one to name


def gradient_finding(
    shown: Sequence[Measured], quantity: str, moment: Moment, also: Sequence[str] = (), several: bool = False
) -> str:
    """``several``: other runs are shown as well."""
    title = QUANTITIES[quantity].title
    when = f" {when_measured(shown, moment)}" if len(shown) > 1 or moment.step is not None else ""
    if len(shown) == 1:
        (one,) = shown
        named = f"{one.run.brief}: {title.lower()}" if several else title
        return f"{named}{when}: {_said(one, quantity)}"
    runs = [run for run, _ in shown]
    values = [_values(each, quantity) for each in shown]
    relative = _is_norm(quantity) and all(each and _is_number(each[-1]) for each in values)
    if relative and all(map(_ends_say_it, values)):
        ratios = [number(each[0] / each[-1], 2) for each in values]
        return f"{title}{when}, first ÷ last: {pairs(runs, ratios)}{also_differ(also)}"
    words = [_besides(each, quantity) if relative else _ranging(each, quantity) for each in shown]
    unit = " ÷ last convolution's" if relative else ""
    return f"{title}{unit}{when}: {pairs(runs, words)}{also_differ(also)}"


def _is_norm(quantity: str) -> bool:
    """Of which ratios between layers speak."""
    return QUANTITIES[quantity].unit == "norm"


def _is_number(value: float) -> bool:
    return value > 0 and math.isfinite(value)


def _values(one: Measured, quantity: str) -> list[float]:
    return without_classifier(one.look.values(quantity))


def _ends_say_it(values: Sequence[float]) -> bool:
    """Whether the first and the last layer say it all: both are there, and none between is much larger or smaller."""
    found = sorted_out(values)
    if not found.known or len(found.known) < len(values):
        return False
    ends = (values[0], values[-1])
    return found.high.value <= WORSE * max(ends) and found.low.value >= min(ends) / WORSE


def _said(one: Measured, quantity: str) -> str:
    """Of one run, in full."""
    values = _values(one, quantity)
    last = values[-1]
    if not _is_norm(quantity) or not _is_number(last):
        return _ranging(one, quantity)
    if _ends_say_it(values):
        return f"first layer {number(values[0] / last, 2)} × the last convolution"
    times = [f"{layer_name(index, one.run.layers)} {number(value / last, 2)} ×" for index, value in _furthest(values)]
    return ", ".join([*_missing(one, quantity), f"{', '.join(times)} the last convolution"])


def _besides(one: Measured, quantity: str) -> str:
    """ "1,600 in layer 3, 0.1 in layer 5": as multiples of the last convolution's."""
    values = _values(one, quantity)
    times = [f"{number(value / values[-1], 2)} in layer {index + 1}" for index, value in _furthest(values)]
    return ", ".join([*_missing(one, quantity), *times])


def _ranging(one: Measured, quantity: str) -> str:
    found = sorted_out(_values(one, quantity), QUANTITIES[quantity].log)
    return ", ".join([*_missing(one, quantity), *([spanned(found)] if found.known else [])])


def _furthest(values: Sequence[float]) -> list[At]:
    """The layers to name beside the last one: those between that are larger or smaller than both ends, or else the
    end."""
    found = sorted_out(values)
    first = found.known[0]
    ends = (first.value, values[-1])
    named = []
    if found.high.value > WORSE * max(ends):
        named.append(found.high)
    if found.low.value < min(ends) / WORSE:
        named.append(found.low)
    return named or [first]


def _missing(one: Measured, quantity: str) -> list[str]:
    """Where there is no number above 0, and why: "layers 1–6 none (layer 7 answers 0)"."""
    count = len(_values(one, quantity))
    said = []
    for group in grouped(standings(one.run, one.look, quantity)[:count]):
        what, _, why = group.words.partition(": ")
        said.append(f"{rows_in_words(group.rows, 'layer')} {what}{f' ({why})' if why else ''}")
    return said
