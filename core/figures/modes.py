"""Figures of the ``model.eval()`` lesson: answers in company, and running against batch statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures import palette
from core.figures.drawn import Drawn
from core.record.answers import Modes
from core.said import Said
from core.vocabulary.numbers import number, percent

HEIGHT = 292  # pixels
TITLES = ("mean", "std (log)", "distance (in std)")
SHOWN = 0.1  # probability that a class must reach in some batch to be drawn
TICKS = [digit * 10.0**power for power in range(-6, 6) for digit in (1, 1.5, 2, 3, 5, 7)]  # of a log axis
MOST = len(palette.SEVERAL)  # classes
CHANCE = {
    "dropout": "dropout sets values to 0 at random",
    "stochastic depth": "stochastic depth leaves out blocks at random",
}


def answers(found: Modes) -> Drawn:
    """Probabilities of the likeliest classes in each batch: on the left in train mode, on the right in eval mode."""
    batches = np.arange(1, len(found["train"]) + 1, dtype=np.int32)
    figure = make_subplots(1, 2, shared_yaxes=True, subplot_titles=["train mode", "eval mode"], horizontal_spacing=0.05)
    for colour, index in zip(palette.SEVERAL, drawn_classes(found), strict=False):
        for column, shares in ((1, found["train"][:, index]), (2, found["eval"][:, index])):
            name = found["classes"][index]
            line = go.Scatter(
                x=batches,
                y=shares,
                mode="lines+markers",
                name=name,
                line={"color": colour, "width": 1.5},
                marker={"size": 7},
                legendgroup=name,
                showlegend=column == 1,
                customdata=100 * shares,
                hovertemplate="batch %{x}: %{customdata:.1f} %<extra>" + name + "</extra>",
            )
            figure.add_trace(line, 1, column)
    figure.update_xaxes(title_text="batch", dtick=max(1, len(batches) // 8), title_standoff=4)
    figure.update_yaxes(range=[-0.03, 1.03], **palette.shares(0.25))
    figure.update_yaxes(title_text="probability", col=1)
    _lay_out(figure, left=60)
    finding = words(found)
    return Drawn(figure, finding, f"Probabilities of the likeliest classes in {len(batches)} batches. {finding}")


def drawn_classes(found: Modes) -> list[int]:
    """Numbers of the classes that some batch gives a fair chance, the likeliest first."""
    highest = np.maximum(found["train"].max(0), found["eval"].max(0))
    return [int(index) for index in np.argsort(-highest, kind="stable")[:MOST] if highest[index] >= SHOWN]


def words(found: Modes) -> str:
    """What the net says in each mode, counted over the batches, and how far the probability of its answer moves."""
    if not found["layers"] and np.array_equal(found["train"], found["eval"]):
        return "Without batch norm the company does not matter: train and eval mode answer the same."
    chance = " and ".join(CHANCE[name] for name in found["chance"])
    if not found["layers"]:
        return f"Without batch norm the company does not matter: train mode differs because {chance}."
    answer = int(found["eval"].mean(0).argmax())
    moves, classes = found["train"][:, answer], found["classes"]
    return (
        f"Train mode: {_counted(found['train'], classes)}; {classes[answer]} gets {percent(moves.min(), 0)} to "
        f"{percent(moves.max(), 0)}. Eval mode: {_counted(found['eval'], classes)}."
    ) + (f" Part of it is chance: {chance}." if chance else "")


def statistics(found: Modes, kind: str, colour: str) -> Drawn:
    """Of every batch norm, averaged over its channels: running statistics as a line, the batches' as dots.

    ``colour`` is the net's, that beside it its ``kind``'s. The net has batch norms.
    """
    averages: Mapping[str, Any] = found
    at = np.arange(1, len(found["layers"]) + 1, dtype=np.int32)
    beside = palette.BESIDE[kind]
    figure = make_subplots(1, 3, subplot_titles=TITLES, horizontal_spacing=0.1)
    for column, what in ((1, "mean"), (2, "std")):
        for name, ink, mode in (("running", colour, "lines"), ("batch", beside, "markers")):
            trace = go.Scatter(
                x=at,
                y=averages[f"{name}_{what}"],
                mode=mode,
                name=f"{name} statistics",
                line={"color": ink, "width": 2},
                marker={"color": ink, "size": 6},
                showlegend=column == 1,
                customdata=found["layers"],
                hovertemplate="%{customdata}: %{y:.3g}<extra>" + name + "</extra>",
            )
            figure.add_trace(trace, 1, column)
    bars = go.Bar(
        x=at,
        y=found["shift"],
        marker_color=beside,
        showlegend=False,
        customdata=found["layers"],
        hovertemplate="%{customdata}: %{y:.3g}<extra></extra>",
    )
    figure.add_trace(bars, 1, 3)
    figure.update_xaxes(title_text="batch norm", title_standoff=4, range=[0.4, len(at) + 0.6])
    figure.update_yaxes(type="log", tickvals=TICKS, col=2)
    figure.update_yaxes(rangemode="tozero", col=3)
    figure.update_annotations(font_size=13)
    _lay_out(figure, left=44)
    finding = statistics_words(found)
    return Drawn(figure, finding, f"Running and batch statistics of {len(at)} batch norms. {finding}")


def _lay_out(figure: go.Figure, left: int) -> None:
    """Height, margins in pixels with room for the button above, and the legend below."""
    figure.update_layout(
        height=HEIGHT,
        margin={"l": left, "r": 8, "t": 50, "b": 70},
        legend={"orientation": "h", "y": -0.22, "yanchor": "top"},
    )


def statistics_words(found: Modes) -> str:
    """Where batch and running statistics are furthest apart."""
    furthest = int(np.argmax(found["shift"]))
    name, distance = found["layers"][furthest], number(float(found["shift"][furthest]))
    return (
        f"Furthest apart at batch norm {furthest + 1} of {len(found['layers'])} ({name}): a batch's mean lies "
        f"{distance} running standard deviations from the running mean."
    )


def moments(found: Modes) -> Said:
    """What the running statistics are, of a net with batch norms: those of this net, averaged over its channels."""
    ends = [found[name] for name in ("running_mean", "running_std")]
    means, stds = (f"{number(float(end.min()))} to {number(float(end.max()))}".replace("-", "−") for end in ends)
    return Said(
        "after training BN's running mean and variance are close to 0 and 1",
        "Measured here",
        f"they are the moments of what each norm reads: means {means}, std {stds}.",
    )


def _counted(probabilities: np.ndarray, classes: list[str]) -> str:
    """dog in 5 of 8 batches, cat in 3; or, where all agree, always dog."""
    counts = Counter(probabilities.argmax(1).tolist()).most_common()
    if len(counts) == 1:
        return f"always {classes[counts[0][0]]}"
    (first, most), *others = counts
    parts = [f"{classes[first]} in {most} of {len(probabilities)} batches"]
    return ", ".join(parts + [f"{classes[index]} in {count}" for index, count in others])
