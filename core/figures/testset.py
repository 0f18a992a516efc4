"""Figures of a whole test set: what is taken for what, how well each class is known, and how sure the net is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures import palette
from core.figures.axes import THEORY
from core.figures.drawn import Drawn
from core.inspect.calibration import Calibration
from core.inspect.outcome import Outcome, wilson
from core.spec import shortened
from core.vocabulary.numbers import percent

HEIGHT = 370  # pixels, of all three
AS_SURE = 0.005  # a gap this small between said and right counts as none
STRONG = 0.5  # of the strongest colour; above it, white text is easier to read
TOP = 30  # pixels above a chart, for its button
MOST = 10  # classes that a chart has room for; of more it shows those with most to say
LONGEST = 15  # characters of a class beside an axis


def confusion(outcome: Outcome, classes: Sequence[str]) -> Drawn:
    """Counts, rows the truth, columns what the net said; the right answers in grey, so that colour means error.

    Of many classes it shows those that are confused most, and says so. Cells shade from the page's own colour,
    whichever theme it has, so the numbers of all but the strongest take the colour of its text.
    """
    whole = outcome.confusion
    shown = most_confused(whole)
    counts, names = whole[np.ix_(shown, shown)], [short(classes[index]) for index in shown]
    totals = whole.sum(1)[shown]
    right = np.eye(len(counts), dtype=bool)
    most = max(1, int((counts * ~right).max()))
    strength = np.where(right, 0, counts / most)
    figure = go.Figure()
    figure.add_trace(_cells(np.where(right, 1, np.nan), counts, totals, names, palette.RIGHT, 0.45))
    figure.add_trace(_cells(np.where(right | (counts == 0), np.nan, strength), counts, totals, names, palette.WRONG, 1))
    figure.add_trace(_numbers(counts, (strength <= STRONG) & (counts > 0), names, None))
    figure.add_trace(_numbers(counts, strength > STRONG, names, "#FFFFFF"))
    figure.update_xaxes(title_text="said", title_standoff=0, side="top", tickangle=-40, showgrid=False)
    figure.update_yaxes(title_text="truth", title_standoff=0, autorange="reversed", showgrid=False)
    figure.update_layout(height=HEIGHT, margin={"l": 100, "r": 8, "t": 92, "b": 8}, showlegend=False)
    finding = confusion_words(whole, classes) + _of_many(len(shown), len(classes), "most confused")
    return Drawn(figure, finding, f"Confusion matrix, rows truth, columns what the net said. {finding}")


def most_confused(counts: np.ndarray) -> list[int]:
    """The classes between which most pictures are confused, at most MOST, in their own order."""
    errors = counts * ~np.eye(len(counts), dtype=bool)
    pairs = np.dstack(np.unravel_index(np.argsort(-(errors + errors.T), axis=None, kind="stable"), errors.shape))[0]
    return sorted(list(dict.fromkeys(pairs.ravel().tolist()))[:MOST])


def confusion_words(counts: np.ndarray, classes: Sequence[str]) -> str:
    """The most frequent mistake."""
    errors = counts * ~np.eye(len(counts), dtype=bool)
    if not errors.any():
        return "Not one picture is taken for another class."
    truth, said = np.unravel_index(errors.argmax(), errors.shape)
    many, among = int(errors[truth, said]), int(counts[truth].sum())
    return f"Mostly {classes[int(truth)]} taken for {classes[int(said)]}: {many:,} of {among:,}."


def per_class(outcome: Outcome, classes: Sequence[str], colour: str) -> Drawn:
    """Accuracy of each class with its 95 % interval, the best at the top; ``colour`` is the net's.

    Of many classes it shows the best and the worst, and says so.
    """
    totals = outcome.confusion.sum(1)
    known = [int(index) for index in np.argsort(-outcome.per_class, kind="stable") if totals[index]]
    order = known if len(known) <= MOST else [*known[: MOST // 2], *known[-MOST // 2 :]]
    shares = outcome.per_class[order]
    low, high = np.array([wilson(float(outcome.per_class[index]), int(totals[index])) for index in order]).T
    figure = go.Figure(
        go.Bar(
            x=shares.astype(np.float32),
            y=[short(classes[index]) for index in order],
            orientation="h",
            marker_color=colour,
            error_x={
                "array": (high - shares).astype(np.float32),
                "arrayminus": (shares - low).astype(np.float32),
                "color": THEORY,
                "thickness": 1.5,
            },
            text=[percent(share, 0) for share in shares],
            textposition="inside",
            insidetextanchor="start",
            customdata=100 * shares,
            hovertemplate="%{y}: %{customdata:.1f} %<extra></extra>",
        )
    )
    figure.update_xaxes(title_text="named rightly", **palette.shares(0.2), range=[0, 1.03], title_standoff=4)
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(height=HEIGHT, margin={"l": 90, "r": 8, "t": TOP, "b": 44})
    best, worst = order[0], order[-1]
    finding = (
        f"Easiest: {classes[best]}, {percent(outcome.per_class[best])}; "
        f"hardest: {classes[worst]}, {percent(outcome.per_class[worst])}."
    ) + _of_many(len(order), len(known), "easiest and hardest")
    return Drawn(figure, finding, f"Accuracy of each class with its 95 % interval. {finding}")


def reliability(found: Calibration, colour: str) -> Drawn:
    """How often the net is right against how sure it says it is; on the dotted line the two agree."""
    held = found.counts > 0
    figure = go.Figure(
        go.Scatter(
            x=np.asarray([0, 1], np.float32),
            y=np.asarray([0, 1], np.float32),
            mode="lines",
            line={"color": THEORY, "dash": "dot", "width": 2},
            hoverinfo="skip",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=found.confidence[held].astype(np.float32),
            y=found.accuracy[held].astype(np.float32),
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 8},
            customdata=np.stack([100 * found.confidence[held], 100 * found.accuracy[held], found.counts[held]], 1),
            hovertemplate="says %{customdata[0]:.0f} %, right in %{customdata[1]:.0f} %"
            "<br>%{customdata[2]:,} pictures<extra></extra>",
        )
    )
    figure.update_xaxes(
        title_text="probability of its answer", **palette.shares(0.25), range=[0, 1.02], title_standoff=4
    )
    figure.update_yaxes(title_text="right", **palette.shares(0.2), range=[0, 1.02])
    figure.update_layout(height=HEIGHT, margin={"l": 60, "r": 8, "t": TOP, "b": 44}, showlegend=False)
    finding = reliability_words(found)
    return Drawn(figure, finding, f"Share of right answers against the probability the net gave them. {finding}")


def reliability_words(found: Calibration) -> str:
    """Whether the net is as sure as it is right, over all pictures."""
    gap = found.mean_confidence - found.mean_accuracy
    start = f"Says {percent(found.mean_confidence)}, is right in {percent(found.mean_accuracy)}"
    if abs(gap) < AS_SURE:
        return f"{start}: as sure as it is right."
    return f"{start}: {'too sure' if gap > 0 else 'not sure enough'} by {100 * abs(gap):.1f} points."


def short(name: str) -> str:
    """A class beside an axis."""
    return shortened(name, LONGEST)


def _of_many(shown: int, among: int, which: str) -> str:
    """What a chart that has no room for all classes shows."""
    return f" Shown: the {shown} {which} of {among} classes." if shown < among else ""


def _cells(
    values: np.ndarray, counts: np.ndarray, totals: np.ndarray, names: Sequence[str], colour: str, opacity: float
) -> go.Heatmap:
    """Cells from 0 to 1, from the page's own colour to ``colour``; none where NaN."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return go.Heatmap(
        z=values.astype(np.float32),
        x=list(names),
        y=list(names),
        zmin=0,
        zmax=1,
        colorscale=[[0, f"rgba({red},{green},{blue},0.06)"], [1, f"rgba({red},{green},{blue},{opacity})"]],
        customdata=np.stack([counts, np.broadcast_to(totals[:, None], counts.shape)], 2).astype(np.int32),
        hovertemplate="%{y}, said %{x}: %{customdata[0]:,} of %{customdata[1]:,}<extra></extra>",
        hoverongaps=False,
        showscale=False,
        xgap=1,
        ygap=1,
    )


def _numbers(counts: np.ndarray, where: np.ndarray, names: Sequence[str], colour: str | None) -> go.Scatter:
    """The counts on top."""
    rows, columns = np.nonzero(where)
    return go.Scatter(
        x=[names[column] for column in columns.tolist()],
        y=[names[row] for row in rows.tolist()],
        mode="text",
        text=[f"{counts[row, column]:,}" for row, column in zip(rows, columns, strict=True)],
        textfont={"color": colour},
        hoverinfo="skip",
    )
