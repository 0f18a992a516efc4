"""Figures of the X-ray that show their cases in one panel: gradients against depth, and stacks of equal blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.figures import axes
from core.figures.arrival import FAR, NUMBERS, counted, sweep_words, way
from core.figures.axes import layers, line, theory
from core.figures.schema import Curve
from core.figures.xray import Case, Panel, expected, law
from core.record.answers import XRay
from core.vocabulary.numbers import number

HEIGHT = 300  # px


@dataclass(frozen=True)
class Together(Panel):
    """One panel of several cases, with what is to be said of each of them; a finding has at most 12 words."""

    of_each: Sequence[str]  # at most 12 words each


def sweep(series: Sequence[tuple[Case, Sequence[int], Sequence[float]]]) -> Together:
    """Gradient at the first over that at the last hidden layer against depth; and the factor a layer that fits it.

    A case is that of the largest depth, by which it is judged.
    """
    curves = [
        line(np.asarray(depths, np.int32), np.asarray(totals, np.float64), case.title, case.colour, case.dash, True)
        for case, depths, totals in series
    ]
    words = [sweep_words(depths, totals, case.kept) for case, depths, totals in series]
    finding = f"At depth {series[0][1][-1]} {counted(words)} at the first layer."
    drawn = _together(
        curves, [case for case, *_ in series], words, finding, "depth (weighted layers)", "gradient, first ÷ last (log)"
    )
    drawn.plot["level"] = 1.0
    return drawn


def stacks(cases: Sequence[Case], blocks: bool = False) -> Together:
    """Gradient at each layer's response, 1.0 at the last hidden layer, all cases in one panel.

    ``blocks``: one point a block, at its last linear layer, because layers of different kinds do not compare.
    """
    curves: list[Curve] = []
    ways, said = [], []
    unit = "block" if blocks else "layer"
    for case in cases:
        values = _of_blocks(case.found) if blocks else case.found["signal_grad"][:-1]
        scaled = values / values[-1] if values[-1] > 0 else values
        curves.append(line(layers(values), scaled, case.title, case.colour, case.dash))
        aside = ""
        if case.factor is not None:
            curves.append(theory(layers(values), expected(case, len(values)), law(case)))
            aside = f" (theory ×{case.factor:.3g})"
        ways.append(way(np.append(values, 1.0)).replace("a layer", f"a {unit}"))
        said.append(f"{number(scaled[0])} left at {unit} 1: {ways[-1]}{aside}")
    finding = f"On the way to {unit} 1 {counted(ways)}."
    return _together(curves, cases, said, finding, unit, "gradient, 1 at the output (log)")


def stack_spreads(cases: Sequence[Case], blocks: bool = False) -> Together:
    """Spread of the responses, or with ``blocks`` of the stream behind each block; all cases in one panel."""
    curves: list[Curve] = []
    said, steady = [], 0
    for case in cases:
        values = _stream_of_blocks(case.found) if blocks else case.found["std"][:-1]
        curves.append(line(layers(values), values, case.title, case.colour, case.dash))
        said.append(f"spread {number(values[0])} → {number(values[-1])}, first to last")
        steady += bool(values[0] / FAR <= values[-1] <= values[0] * FAR)
    finding = f"From first to last the spread stays within ×{FAR} in {NUMBERS[steady]}."
    unit = "block" if blocks else "layer"
    return _together(curves, cases, said, finding, unit, f"std of {'stream' if blocks else 'response'} (log)")


def _together(
    curves: Sequence[Curve], cases: Sequence[Case], of_each: Sequence[str], finding: str, x: str, y: str
) -> Together:
    plot = axes.plot(curves, HEIGHT, x, y)
    axes.share_log([plot])
    told = "; ".join(f"{case.title}: {words}" for case, words in zip(cases, of_each, strict=True))
    return Together(plot, finding, f"{y} against {x}. {finding} {told}.", of_each)


def _of_blocks(found: XRay) -> np.ndarray:
    """Gradient at the last linear layer of each block."""
    return np.asarray(found["signal_grad"][_last_of_blocks(found)])


def _stream_of_blocks(found: XRay) -> np.ndarray:
    """Spread of the stream's channels where each block ends."""
    at = np.isin(found["stream_at"], _last_of_blocks(found) + 1)
    return np.sqrt(found["stream_variance"][at])


def _last_of_blocks(found: XRay) -> np.ndarray:
    return np.asarray([index for index, name in enumerate(found["layers"]) if name.endswith(".fc2")])
