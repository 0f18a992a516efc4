"""What may be said of branches against shortcuts, and of a DenseNet's channels."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.findings.layers import sorted_out, spanned
from core.findings.moment import Measured, Moment, when_measured
from core.findings.names import also_differ, pairs
from core.findings.reach import grouped, rows_in_words, standings
from core.findings.seen import Look, Seen
from core.vocabulary.numbers import number, percent

APART = 3  # times between blocks, from which one average would hide them


def branch_finding(shown: Sequence[Measured], moment: Moment, also: Sequence[str] = (), several: bool = False) -> str:
    """``several``: other runs are shown as well."""
    when = when_measured(shown, moment)
    if len(shown) == 1:
        (one,) = shown
        at = f" {when}" if moment.step is not None else ""
        return f"{f'{one.run.brief}, b' if several else 'B'}ranch ÷ shortcut{at}: {_said(one)}"
    said = pairs([run for run, _ in shown], [_said(each) for each in shown])
    return f"Branch ÷ shortcut {when}: {said}{also_differ(also)}"


def _said(one: Measured) -> str:
    found = sorted_out(one.look.values("branch_ratio"))
    lost = [
        f"{rows_in_words(group.rows, 'block')} none ({group.words.removeprefix('no ratio: ')})"
        for group in grouped(standings(one.run, one.look, "branch_ratio"))
    ]
    if not found.known:
        return ", ".join(lost)
    if found.high.value > APART * found.low.value:
        return ", ".join([spanned(found, "block"), *lost])
    # geometric, as the ratios are drawn
    average = math.exp(math.fsum(math.log(each.value) for each in found.known) / len(found.known))
    return ", ".join([f"{number(average, 2)} on average", *lost])


def ledger_finding(run: Seen, look: Look | None, moment: Moment, several: bool = False) -> str:
    """Of one DenseNet; ``look``: at its shares of weight at the moment, if there is one."""
    widest = max(sum(source["channels"] for source in row["sources"]) for row in run.ledger)
    grown = f"{f'{run.brief}: i' if several else 'I'}nputs grow to {widest:,} channels"
    last = run.ledger[-1]
    shares = look.rows("weight_share")[-1][: len(last["sources"])].tolist() if look else []
    if not look or not all(map(math.isfinite, shares)):
        return grown
    late = math.fsum(shares[-math.ceil(len(shares) / 2) :])
    at = f" {when_measured([Measured(run, look)], moment)}" if moment.step is not None else ""
    return f"{grown}; {last['name']} spends {percent(late, 0)} on late ones{at}"
