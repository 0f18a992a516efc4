"""Figures of the X-ray at initialisation: arrays of core.probes.xray -> plots with a finding and alt text.

A panel a case, which stands in the case's column; the panels of a row share their axes. A finding has at most 12 words.

Layers are numbered from 1, the first one. Colour says the kind of net, dash the norm, grey dots theory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.figures import axes, palette
from core.figures.arrival import counted, per_layer, way
from core.figures.axes import layers, theory
from core.figures.schema import Curve, Plot
from core.record.answers import XRay
from core.vocabulary.colours import PINK
from core.vocabulary.numbers import number, percent
from core.vocabulary.quantities import QUANTITIES

HEIGHT = 190  # px of a panel
GRADIENTS = {"signal_grad": "gradient", "weight_grad": "weight gradient"}  # what is measured, for people
SECOND, THIRD = PINK, palette.RUNS[1]  # the second and third quantity in one panel, on light and dark pages


@dataclass(frozen=True)
class Case:
    """One column of the picture: a net, how it is drawn, what was measured and what theory says."""

    title: str
    colour: str
    dash: str
    found: XRay  # answer of the inference worker
    beside: str = SECOND  # colour of a second quantity in its panel
    factor: float | None = None  # theory: gradient per layer toward the input
    # theory: gradient at each hidden layer over that at the last one, where it is not just that factor a layer
    profile: np.ndarray | None = None
    kept: float = 1.0  # theory: what stages and padding alone leave of a gradient over the whole depth
    # theory at the points of the stream and of the branches, one value or one a point; NaN where it says nothing
    variance: np.ndarray | float | None = None
    squared_mean: np.ndarray | float | None = None
    branch: float | None = None

    def measured(self, quantity: str) -> np.ndarray:
        """By its name in the vocabulary."""
        found: Mapping[str, Any] = self.found
        return found[quantity]


@dataclass(frozen=True)
class Panel:
    """A plot, what it shows in words and its description for those who cannot see it."""

    plot: Plot
    finding: str
    alt: str


def gradients(cases: Sequence[Case], at: str = "signal_grad") -> list[Panel]:
    """A quantity of the loss's gradient at each layer, a panel a case, on the axis that the vocabulary gives it.

    ``at``: a key of INITIAL. Theory is about the norm at responses; ReLU nets share it evenly among their weights.
    """
    quantity = QUANTITIES[at]
    if not quantity.log:
        return [_between_ends(case, at) for case in cases]
    panels = []
    for case in cases:
        values = case.measured(at)[:-1]
        curves = [_line(case, layers(values), values, "measured")]
        if at == "signal_grad" and case.factor is not None and values[-1] > 0:
            curves.append(theory(layers(values), values[-1] * expected(case, len(values)), law(case)))
        plot = axes.plot(curves, HEIGHT, "layer", "gradient norm (log)")
        panels.append(_panel(case, plot, arrives(case, at), f"{GRADIENTS[at].capitalize()}, log scale"))
    axes.share_log([panel.plot for panel in panels])
    return panels


def arrives(case: Case, at: str = "signal_grad") -> str:
    """What becomes of the case's gradient on its way to the first layer, and over the whole depth."""
    of_signals = at == "signal_grad"
    values = case.measured(at)
    words, total = way(values, case.kept if of_signals else 1.0), per_layer(values)[0]
    if math.isnan(total) or not total:
        return words
    aside = f" (stages and padding: ×{number(case.kept)})" if of_signals and case.kept < 1 else ""
    return f"{words}, ×{number(total)} in all{aside}"


def toward_input(cases: Sequence[Case], at: str) -> str:
    """What becomes of the gradients on their way, in one sentence; empty for a quantity that is none's norm."""
    if not QUANTITIES[at].log:
        return ""
    kept = [case.kept if at == "signal_grad" else 1.0 for case in cases]
    ways = [way(case.measured(at), left) for case, left in zip(cases, kept, strict=True)]
    return f"Toward the input {counted(ways, GRADIENTS[at])}."


def _between_ends(case: Case, at: str) -> Panel:
    quantity, values = QUANTITIES[at], case.measured(at)[:-1]
    plot = axes.plot([_line(case, layers(values), values, "measured", log=False)], HEIGHT, "layer", quantity.unit)
    assert quantity.ends
    axes.share([plot], *quantity.ends)
    return _panel(case, plot, f"{_from_least_to_most(values)}, least and most of a layer", quantity.title)


def _from_least_to_most(values: np.ndarray) -> str:
    known = values[np.isfinite(values)]
    return f"{number(known.min())} to {number(known.max())}" if len(known) else "no number"


def expected(case: Case, count: int) -> np.ndarray:
    """What theory says of the gradient at each hidden layer over that at the last one."""
    if case.profile is not None:
        return case.profile
    assert case.factor is not None
    return np.float64(case.factor) ** np.arange(count - 1, -1, -1)


def law(case: Case) -> str:
    aside = ", stages and padding" if case.kept < 1 else ""
    return f"theory: ×{case.factor:.3g} a layer{aside}"


def spreads(cases: Sequence[Case]) -> list[Panel]:
    """Standard deviation of each layer's response."""
    panels = []
    for case in cases:
        values = case.found["std"][:-1]
        plot = axes.plot([_line(case, layers(values), values, "measured")], HEIGHT, "layer", "std of response (log)")
        finding = f"{number(values[0])} → {number(values[-1])}, first to last layer"
        panels.append(_panel(case, plot, finding, "Standard deviation of each layer's response, log scale"))
    axes.share_log([panel.plot for panel in panels])
    return panels


def propagation(cases: Sequence[Case]) -> list[Panel]:
    """The signal-propagation plot (Brock 2021): squared channel mean, channel variance, residual-branch variance."""
    panels = []
    for case in cases:
        found, at = case.found, case.found["stream_at"]
        rows = [
            ("channel variance", at, found["stream_variance"], case.colour, case.variance),
            ("squared channel mean", at, found["stream_squared_mean"], case.beside, case.squared_mean),
        ]
        if len(found["branch_variance"]):
            rows.append(("branch variance", found["branch_at"], found["branch_variance"], THIRD, case.branch))
        curves = []
        for name, x, values, colour, said in rows:
            curves.append(_line(case, x, values, name, colour))
            if said is not None:
                curves.append(theory(x, np.broadcast_to(np.asarray(said, np.float64), x.shape), "theory"))
        plot = axes.plot(curves, HEIGHT, "layer", "mean over channels (log)")
        variance = found["stream_variance"]
        finding = f"variance {number(variance[0])} → {number(variance[-1])}, first to last point"
        panels.append(_panel(case, plot, finding, "Signal propagation, variance and squared mean over depth"))
    axes.share_log([panel.plot for panel in panels])
    return panels


def dead(cases: Sequence[Case]) -> list[Panel]:
    """Share of each layer's channels that never fire on these pictures."""
    worst = [float(np.nanmax(case.found["dead"], initial=0.0)) for case in cases]
    panels = []
    for case, share in zip(cases, worst, strict=True):
        values = case.found["dead"][:-1]
        bars = _line(case, layers(values), 100 * values, "dead", log=False)
        bars["bars"] = True
        plot = axes.plot([bars], HEIGHT, "layer", "dead channels (%)")
        finding = f"at most {percent(share, 0)} of a layer" if share else "none"
        panels.append(_panel(case, plot, finding, "Share of dead channels a layer"))
    axes.share([panel.plot for panel in panels], 0.0, 1.1 * max([10.0, *(100 * each for each in worst)]))
    return panels


def ratios(cases: Sequence[Case], axis: str = "branch") -> list[Panel]:
    """Norm of each branch over that of its shortcut, for the cases that have branches; ``axis`` says which these are.

    A net without them has an empty panel, so that each stays in its column.
    """
    panels = []
    for case in cases:
        values = case.found["branch_ratio"]
        curves = [_line(case, layers(values), values, "measured", points=True)] if len(values) else []
        plot = axes.plot(curves, HEIGHT, axis, "‖branch‖ / ‖shortcut‖ (log)")
        ends = f"×{number(values[0])} in the first, ×{number(values[-1])} in the last branch" if len(values) else ""
        panels.append(_panel(case, plot, ends or "no branches", "Norm of each branch over that of its shortcut"))
    axes.share_log([panel.plot for panel in panels])
    return panels


def _panel(case: Case, plot: Plot, finding: str, what: str) -> Panel:
    return Panel(plot, finding, f"{case.title}. {what}: {finding}.")


def _line(
    case: Case,
    x: np.ndarray,
    y: np.ndarray,
    name: str,
    colour: str | None = None,
    points: bool = False,
    log: bool = True,
) -> Curve:
    return axes.line(x, y, name, colour or case.colour, case.dash, points, log)


def styled(kind: str, norm: str) -> dict[str, str]:
    """Colours and dash of a kind of net, by the app's one legend."""
    return {"colour": palette.KINDS[kind], "dash": palette.dash(norm), "beside": palette.BESIDE[kind]}
