"""What may be said of the responses: the layers where they grow or shrink most, and where they are dead."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from core.findings.layers import from_or_in, layer_name, sorted_out, spanned, without_classifier
from core.findings.moment import Measured, Moment, when_measured
from core.findings.names import also_differ, pairs
from core.findings.seen import Look
from core.vocabulary.numbers import number

FAR = 10  # times the first layer's std, from which a layer is named beside it
HALF = 0.5
NOTABLE = 0.01  # share of a layer's responses


def signals_finding(shown: Sequence[Measured], moment: Moment, also: Sequence[str] = (), several: bool = False) -> str:
    """``several``: other runs are shown as well."""
    when = when_measured(shown, moment)
    if len(shown) == 1:
        ((run, look),) = shown
        named = f"{run.brief}: std" if several else "Std"
        at = f" {when}" if moment.step is not None else ""
        return f"{named} of the responses{at}: {_said(look, run.layers)}{_outside(look)}"
    return f"Std {when}: {pairs([run for run, _ in shown], [_said(look) for _, look in shown])}{also_differ(also)}"


def _said(look: Look, names: Sequence[str] = ()) -> str:
    values = without_classifier(look.values("std"))
    found = sorted_out(values)
    parts = []
    if found.known:
        first = found.known[0]
        far = [at for at in (found.high, found.low) if at.value > FAR * first.value or at.value < first.value / FAR]
        if far:
            parts.append(f"{number(first.value, 2)} in layer {first.row + 1}")
            parts += [f"{number(value, 2)} in {layer_name(index, names)}" for index, value in far]
        else:
            parts.append(spanned(found))
    if found.broken:
        parts.append(f"not a number {from_or_in(found.broken, len(values))}")
    if deaths := _dead(look, len(values)):
        parts.append(deaths)
    elif found.zeros:
        parts.append(f"no response {from_or_in(found.zeros, len(values))}")
    return ", ".join(parts)


def _dead(look: Look, count: int) -> str:
    """Layers whose ReLU gives nothing at all, or else those where that is so of most channels."""
    shares = look.values("dead")[:count]
    while shares and math.isnan(shares[-1]):
        shares.pop()
    known = _carried(shares)
    if every := _where(known, lambda share: share == 1):
        return f"dead {from_or_in(every, len(known))}"
    most = _where(known, lambda share: share > HALF)
    return f"over half the channels dead {from_or_in(most, len(known))}" if most else ""


def _where(values: Sequence[float], wanted: Callable[[float], bool]) -> list[int]:
    return [index for index, value in enumerate(values) if wanted(value)]


def _carried(shares: Sequence[float]) -> list[float]:
    """A layer without a ReLU (NaN) is as the one before it: it breaks no row of dead ones."""
    carried: list[float] = []
    for share in shares:
        carried.append(carried[-1] if math.isnan(share) and carried else share)
    return carried


def _outside(look: Look) -> str:
    """The largest share of a layer's responses that lies beyond the outermost bins."""
    counts = look.rows("histogram")
    if not counts.size:
        return ""
    most = ((counts[:, 0] + counts[:, -1]) / counts.sum(1).clip(1)).max()
    return f"; up to {number(100 * most, 2)} % out of range" if most > NOTABLE else ""
