"""Figures of the X-ray at initialisation: arrays of core.probes.xray -> Plotly figures with a finding and alt text.

Layers are numbered from 1, the first one. Colour says the kind of net, dash the norm, grey dots theory.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures import palette
from core.figures.arrival import per_layer, sweep_words, way
from core.record.answers import XRay
from core.vocabulary.colours import GREY, ORANGE, PINK
from core.vocabulary.numbers import number, percent
from core.vocabulary.quantities import QUANTITIES

THEORY = GREY
SYMBOLS = ("circle", "square", "diamond")  # of cases in one panel, which may have one colour
GRADIENTS = {"signal_grad": "gradient", "weight_grad": "gradient of the weights"}  # what is measured, for people
SECOND, THIRD = PINK, ORANGE  # the second and third quantity in one panel


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
class Drawn:
    """A figure, the sentence it supports and its description for those who cannot see it."""

    figure: go.Figure
    finding: str
    alt: str


def gradients(cases: Sequence[Case], at: str = "signal_grad") -> Drawn:
    """A quantity of the loss's gradient at each layer, one panel a case, on the axis that the vocabulary gives it.

    ``at``: a key of INITIAL. Theory is about the norm at responses; ReLU nets share it evenly among their weights.
    """
    if not QUANTITIES[at].log:
        return _between_ends(cases, at)
    of_signals = at == "signal_grad"
    ways = [way(case.measured(at), case.kept if of_signals else 1.0) for case in cases]
    totals = [per_layer(case.measured(at))[0] for case in cases]
    figure = _panels(
        [
            f"{case.title}: {words}<br>{_from_last_to_first(case, total, of_signals)}"
            for case, words, total in zip(cases, ways, totals, strict=True)
        ]
    )
    for column, case in enumerate(cases, 1):
        values = case.measured(at)[:-1]
        figure.add_trace(_line(case, _numbers(values), values, "measured"), 1, column)
        if of_signals and case.factor is not None and values[-1] > 0:
            expected = values[-1] * _expected(case, len(values))
            figure.add_trace(_theory(_numbers(values), expected, _law(case)), 1, column)
    _axes(figure, "gradient norm (log)", log=True)
    finding = f"Toward the input the {GRADIENTS[at]} " + "; ".join(
        f"{words}{'' if math.isnan(total) else f' (×{number(total)} in all)'} in {case.title}"
        for case, words, total in zip(cases, ways, totals, strict=True)
    )
    return Drawn(figure, finding + ".", f"Gradient norm of each layer, log scale. {finding}.")


def _between_ends(cases: Sequence[Case], at: str) -> Drawn:
    quantity = QUANTITIES[at]
    titles = [f"{case.title}: {_from_least_to_most(case.measured(at)[:-1])}" for case in cases]
    figure = _panels(titles)
    for column, case in enumerate(cases, 1):
        values = case.measured(at)[:-1]
        figure.add_trace(_line(case, _numbers(values), values, "measured", log=False), 1, column)
    _axes(figure, quantity.unit, log=False)
    figure.update_yaxes(range=quantity.ends)
    finding = f"{quantity.title}, least and most of a layer: " + "; ".join(titles)
    return Drawn(figure, finding + ".", f"{quantity.measured} {finding}.")


def _from_least_to_most(values: np.ndarray) -> str:
    known = values[np.isfinite(values)]
    return f"{number(known.min())} to {number(known.max())}" if len(known) else "no number"


def _from_last_to_first(case: Case, total: float, of_signals: bool) -> str:
    if math.isnan(total):
        return ""
    aside = f" (stages and padding: ×{number(case.kept)})" if of_signals and case.kept < 1 else ""
    return f"×{number(total)} from the last layer to the first{aside}"


def _expected(case: Case, layers: int) -> np.ndarray:
    """What theory says of the gradient at each hidden layer over that at the last one."""
    if case.profile is not None:
        return case.profile
    assert case.factor is not None
    return np.float64(case.factor) ** np.arange(layers - 1, -1, -1)


def _law(case: Case) -> str:
    aside = ", stages and padding" if case.kept < 1 else ""
    return f"theory: ×{case.factor:.3g} a layer{aside}"


def spreads(cases: Sequence[Case]) -> Drawn:
    """Standard deviation of each layer's response."""
    ends = [(float(case.found["std"][0]), float(case.found["std"][-2])) for case in cases]
    titles = [
        f"{case.title}: {number(first)} → {number(last)}" for case, (first, last) in zip(cases, ends, strict=True)
    ]
    figure = _panels(titles)
    for column, case in enumerate(cases, 1):
        values = case.found["std"][:-1]
        figure.add_trace(_line(case, _numbers(values), values, "measured"), 1, column)
    _axes(figure, "std of response (log)", log=True)
    finding = "From the first to the last hidden layer the spread of the responses goes " + "; ".join(
        f"{number(first)} to {number(last)} in {case.title}" for case, (first, last) in zip(cases, ends, strict=True)
    )
    return Drawn(figure, finding + ".", f"Standard deviation of each layer's response, log scale. {finding}.")


def propagation(cases: Sequence[Case]) -> Drawn:
    """The signal-propagation plot (Brock 2021): squared channel mean, channel variance, residual-branch variance."""
    titles = [
        f"{case.title}: variance {number(case.found['stream_variance'][0])} → "
        f"{number(case.found['stream_variance'][-1])}"
        for case in cases
    ]
    figure = _panels(titles)
    for column, case in enumerate(cases, 1):
        found, at = case.found, case.found["stream_at"]
        rows = [
            ("channel variance", at, found["stream_variance"], None, case.variance),
            ("squared channel mean", at, found["stream_squared_mean"], case.beside, case.squared_mean),
        ]
        if len(found["branch_variance"]):
            rows.append(("branch variance", found["branch_at"], found["branch_variance"], THIRD, case.branch))
        for name, x, values, colour, law in rows:
            figure.add_trace(_line(case, x, values, name, colour), 1, column)
            if law is not None:
                expected = np.broadcast_to(np.asarray(law, np.float64), x.shape)
                figure.add_trace(_theory(x, expected, "theory"), 1, column)
    _axes(figure, "mean over channels (log)", log=True)
    finding = "Channel variance of the stream, first to last point: " + "; ".join(titles)
    return Drawn(figure, finding + ".", f"Signal propagation: variance and squared mean over depth. {finding}.")


def dead(cases: Sequence[Case]) -> Drawn:
    """Share of each layer's channels that never fire on these pictures."""
    worst = [float(np.nanmax(case.found["dead"], initial=0.0)) for case in cases]
    titles = [
        f"{case.title}: {f'at most {percent(share, 0)} of a layer' if share else 'none'}"
        for case, share in zip(cases, worst, strict=True)
    ]
    figure = _panels(titles)
    for column, case in enumerate(cases, 1):
        values = case.found["dead"][:-1]
        bars = go.Bar(x=_numbers(values), y=100 * values, marker_color=case.colour, name="dead", showlegend=False)
        figure.add_trace(bars, 1, column)
    _axes(figure, "dead channels (%)", log=False)
    figure.update_yaxes(range=[0, max(10, *(100 * share for share in worst)) * 1.1])
    finding = "Dead channels, most in a layer: " + "; ".join(titles)
    return Drawn(figure, finding + ".", f"Share of dead channels a layer. {finding}.")


def ratios(cases: Sequence[Case]) -> Drawn | None:
    """Norm of each branch over that of its shortcut, for the cases that have blocks."""
    cases = [case for case in cases if len(case.found["branch_ratio"])]
    if not cases:
        return None
    ends = [(case.found["branch_ratio"][0], case.found["branch_ratio"][-1]) for case in cases]
    figure = go.Figure()
    for case, symbol in zip(cases, itertools.cycle(SYMBOLS), strict=False):
        values = case.found["branch_ratio"]
        line = _line(case, _numbers(values), values, case.title, legend=True, mode="lines+markers")
        figure.add_trace(line.update(marker={"symbol": symbol, "size": 7}))
    finding = "Each block adds, against what passes by it: " + "; ".join(
        f"×{number(first)} in the first, ×{number(last)} in the last block of {case.title}"
        for case, (first, last) in zip(cases, ends, strict=True)
    )
    _one(figure, "block", "‖branch‖ / ‖shortcut‖ (log)")
    return Drawn(figure, finding + ".", f"Ratio of branch to shortcut for each block. {finding}.")


def sweep(series: Sequence[tuple[Case, Sequence[int], Sequence[float]]]) -> Drawn:
    """Gradient at the first over that at the last hidden layer against depth; and the factor a layer that fits it.

    A case is that of the largest depth, by which it is judged.
    """
    figure, parts = go.Figure(), []
    for case, depths, totals in series:
        values = np.asarray(totals, np.float64)
        figure.add_trace(
            _line(case, np.asarray(depths, np.int32), values, case.title, legend=True, mode="lines+markers")
        )
        parts.append(f"{case.title}, it {sweep_words(depths, totals, case.kept)}")
    figure.add_hline(1.0, line={"color": THEORY, "dash": "dot", "width": 1})
    _one(figure, "depth (weighted layers)", "gradient, first ÷ last layer (log)")
    finding = "On its way to the input the gradient changes layer by layer: " + "; ".join(parts)
    return Drawn(figure, finding + ".", f"Ratio of first to last gradient against depth, log scale. {finding}.")


def stacks(cases: Sequence[Case], blocks: bool = False) -> Drawn:
    """Gradient at each layer's response, 1.0 at the last hidden layer, all cases in one panel.

    ``blocks``: one point a block, at its last linear layer, because layers of different kinds do not compare.
    """
    figure, parts = go.Figure(), []
    for case in cases:
        values = _of_blocks(case.found) if blocks else case.found["signal_grad"][:-1]
        scaled = values / values[-1] if values[-1] > 0 else values
        figure.add_trace(_line(case, _numbers(values), scaled, case.title, legend=True))
        if case.factor is not None:
            figure.add_trace(_theory(_numbers(values), _expected(case, len(values)), _law(case), legend=True))
        words = way(np.append(values, 1.0))
        words = words.replace("a layer", "a block") if blocks else words
        parts.append(f"{case.title}: {number(scaled[0])} is left, it {words}")
    unit = "block" if blocks else "layer"
    _one(figure, unit, "gradient, 1 at the output (log)")
    finding = f"Of a gradient of 1.0 at the last {unit}, at {unit} 1: " + "; ".join(parts)
    return Drawn(figure, finding + ".", f"Relative gradient norm, log scale. {finding}.")


def stack_spreads(cases: Sequence[Case], blocks: bool = False) -> Drawn:
    """Spread of the responses, or with ``blocks`` of the stream behind each block; all cases in one panel."""
    figure, parts = go.Figure(), []
    for case in cases:
        values = _stream_of_blocks(case.found) if blocks else case.found["std"][:-1]
        figure.add_trace(_line(case, _numbers(values), values, case.title, legend=True))
        parts.append(f"{case.title} {number(values[0])} → {number(values[-1])}")
    _one(figure, "block" if blocks else "layer", f"std of {'stream' if blocks else 'response'} (log)")
    finding = f"Spread of the {'stream between the blocks' if blocks else 'responses'}, first to last: " + "; ".join(
        parts
    )
    return Drawn(figure, finding + ".", f"Standard deviation of the responses, log scale. {finding}.")


def _of_blocks(found: XRay) -> np.ndarray:
    """Gradient at the last linear layer of each block."""
    return np.asarray(found["signal_grad"][_last_of_blocks(found)])


def _stream_of_blocks(found: XRay) -> np.ndarray:
    """Spread of the stream's channels where each block ends."""
    at = np.isin(found["stream_at"], _last_of_blocks(found) + 1)
    return np.sqrt(found["stream_variance"][at])


def _last_of_blocks(found: XRay) -> np.ndarray:
    return np.asarray([index for index, name in enumerate(found["layers"]) if name.endswith(".fc2")])


def _numbers(values: np.ndarray) -> np.ndarray:
    return np.arange(1, len(values) + 1, dtype=np.int32)


def _line(
    case: Case,
    x: np.ndarray,
    y: np.ndarray,
    name: str,
    colour: str | None = None,
    legend: bool = False,
    mode: str = "lines",
    log: bool = True,
) -> go.Scatter:
    shown = np.where(np.asarray(y) > 0, y, np.nan) if log else np.asarray(y)  # a log axis has no 0
    return go.Scatter(
        meta=[int(at) for at, value in zip(x, y, strict=True) if log and value == 0],
        x=np.asarray(x, np.int32),
        y=shown,
        mode=mode if len(shown) > 1 else "markers",
        name=name,
        line={"color": colour or case.colour, "dash": case.dash, "width": 2},
        showlegend=legend,
        hovertemplate="%{x}: %{y:.3g}<extra>" + name + "</extra>",
    )


def _theory(x: np.ndarray, y: np.ndarray, name: str, legend: bool = False) -> go.Scatter:
    return go.Scatter(
        x=np.asarray(x, np.int32),
        y=y,
        mode="lines",
        name=name,
        line={"color": THEORY, "dash": "dot", "width": 2},
        showlegend=legend,
        hovertemplate="%{y:.3g}<extra>" + name + "</extra>",
    )


def _panels(titles: Sequence[str]) -> go.Figure:
    figure = make_subplots(1, len(titles), shared_yaxes=True, subplot_titles=list(titles), horizontal_spacing=0.03)
    figure.update_annotations(font_size=13)
    figure.update_layout(height=210, margin={"l": 60, "r": 10, "t": 40, "b": 36}, hovermode="closest")
    return figure


def _axes(figure: go.Figure, label: str, log: bool) -> None:
    figure.update_xaxes(title_text="layer", title_standoff=4)
    if log:
        _log_axis(figure)
    figure.update_yaxes(title_text=label, col=1)


def _one(figure: go.Figure, x: str, y: str) -> None:
    figure.update_layout(
        height=330,
        margin={"l": 60, "r": 10, "t": 14, "b": 40},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom"},
    )
    figure.update_xaxes(title_text=x, title_standoff=4)
    figure.update_yaxes(title_text=y)
    _log_axis(figure)


def _log_axis(figure: go.Figure) -> None:
    """A log axis with at most some five ticks, at powers of ten where it spans more than one."""
    values = np.concatenate([np.asarray(trace.y, np.float64) for trace in figure.data])
    values = values[values > 0]
    low, high = (np.log10([values.min(), values.max()])) if len(values) else (-1.0, 1.0)
    if high - low < 0.5:  # a flat line is shown as flat, not as its rounding errors
        low, high = (low + high) / 2 - 0.5, (low + high) / 2 + 0.5
    room = 0.05 * (high - low)
    low, high = low - room, high + room
    _mark_zeros(figure, 10**low)
    figure.update_yaxes(type="log", exponentformat="power", range=[low, high])
    if high - low > 1.3:
        figure.update_yaxes(dtick=max(1, math.ceil((high - low) / 5)))
    else:  # Plotly would write 0.5 as a small 5
        ticks = [digit * 10.0**power for power in range(math.floor(low), math.ceil(high)) for digit in (1, 2, 3, 5, 7)]
        shown = [tick for tick in ticks if low <= math.log10(tick) <= high]
        figure.update_yaxes(tickvals=shown, ticktext=[f"{tick:.3g}" for tick in shown])


def _mark_zeros(figure: go.Figure, bottom: float) -> None:
    """A cross at the bottom of a log axis for each value that is exactly 0."""
    for trace in [trace for trace in figure.data if trace.meta]:
        figure.add_trace(
            go.Scatter(
                x=np.asarray(trace.meta, np.int32),
                y=np.full(len(trace.meta), bottom),
                xaxis=trace.xaxis,
                yaxis=trace.yaxis,
                mode="markers",
                marker={"symbol": "x", "color": trace.line.color, "size": 7},
                cliponaxis=False,
                name=f"{trace.name}: 0",
                showlegend=False,
                hovertemplate="%{x}: exactly 0<extra>" + trace.name + "</extra>",
            )
        )


def styled(kind: str, norm: str) -> dict[str, str]:
    """Colours and dash of a kind of net, by the app's one legend."""
    return {"colour": palette.KINDS[kind], "dash": palette.dash(norm), "beside": palette.BESIDE[kind]}
