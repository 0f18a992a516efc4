"""The four views of a training run: their questions, explanations, alt texts and base Plotly layouts.

Pure tables: the browser fills them with data and with the colours of the theme (assets/live).
Layers are numbered from 1, the first one, in every view.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.figures import palette
from core.figures.schema import Layout, LiveFigures
from core.vocabulary.quantities import of_view


@dataclass(frozen=True)
class View:
    """One card: the question it answers, and what exactly it measures, for those who ask why.

    ``why`` may hold {images}, the size of the probe batch. ``alt`` describes the figure; its finding is put before it.
    """

    question: str
    why: tuple[str, ...]
    alt: str


VIEWS: dict[str, View] = {
    "learns": View(
        "Does it learn?",
        (
            "Loss (cross-entropy) says how surprised the net is by the right answer: 2.3 is guessing among ten "
            "classes, 0 is certainty. Accuracy is the share of pictures that it names correctly.",
            "Faint: each minibatch it trained on, before the update. Line: the same, smoothed. "
            "Dots: all test pictures, in evaluation mode, at the end of each epoch. It never trains on those. "
            "Everything here was measured in this run. A triangle at an edge is a value beyond the axis, with "
            "its number. More than four seeds of one setting are drawn as their mean and a band from least to most "
            "of them. A vertical line is a learning rate that somebody set by hand. Δ in the line of a run makes it "
            "the baseline: then curves show how far they lie above or below its own, at equal steps, or at equal "
            "pictures seen where minibatches or data differ, and nothing where one of the two has no value.",
            "Two runs are compared at the last step that both have reached, by the mean of the last 20 minibatches up "
            "to it, or after equally many pictures where minibatches or data differ; tests after the same epoch. "
            "Falling and rising: the mean of the last epoch's minibatches (20 to 400) against that of as many before, "
            "where they are further apart than single minibatches scatter.",
        ),
        "Loss and accuracy against training time: training minibatches as a line, the test set as dots.",
    ),
    "gradient": View(
        "Does the gradient reach the first layer?",
        (
            "The gradient says how to change each weight to lower the loss. It travels from the last layer to the "
            "first, and every layer on its way can shrink it or make it grow.",
            "Measured on a fixed probe batch of {images} training pictures in train mode, in passes of their own that "
            "do not touch the run. " + " ".join(quantity.measured for quantity in of_view("gradient").values()),
            "Height and colour of norms and ratios are logarithmic: each step of 1 in the exponent is ten times more. "
            "Small is not the same as broken: look at the trend over the layers. "
            "A mark below the bars is a layer that reads 0 or has no number. ✕: nothing reaches it, because a layer "
            "on the way answers 0 to every picture. ▽: it is not 0 in truth, but smaller than the numbers of this "
            "run can hold (float32 ends near 10⁻⁴⁵, bfloat16 near 10⁻⁴⁰), or too small to move a weight. ◇: no number.",
        ),
        "Left: the chosen quantity for each layer at one step, first layer left. Right: the same for all steps, layer "
        "against time. Norms and ratios are logarithmic, colour is their base-10 logarithm.",
    ),
    "signals": View(
        "Do the signals stay in range?",
        (
            "Each row is a layer: how its responses to the probe batch of {images} training pictures, in train mode, "
            "are distributed: behind the norm that belongs to it, before addition and ReLU; where norms stand before "
            "their convolutions (pre-activation, Wide, DenseNet) or behind the addition, straight from "
            "the convolution. "
            "Counted are up to 16,384 values a layer, evenly picked. Each outline is scaled to its own highest point.",
            "The axis is linear around 0 and logarithmic beyond 1. Its bins are the same for all layers, steps and "
            "runs, so pictures can be laid over each other; what lies beyond the outermost bins is counted in them. "
            "Density is the share of the values per unit of this axis.",
            "A channel counts as dead when its ReLU gives 0 for every probe picture at every position: nothing "
            "passes, forward or back.",
        ),
        "Left: the distribution of the responses of each layer at one step, first layer on top. "
        "Right: the distribution in one layer over time.",
    ),
    "flow": View(
        "What flows where?",
        (
            "Residual nets: each block adds what its branch computes, F(x), to what its shortcut carries, x. The ratio "
            "of their norms, ‖F(x)‖ ÷ ‖x‖, on the probe batch of {images} training pictures says how much each block "
            "changes what passes through it; at 1 both weigh the same.",
            "DenseNets: each layer reads the outputs of all earlier layers of its block. The bars count the channels "
            "it reads, by source. The map shows on which sources its weights lie: the share of the summed absolute "
            "weights, which is no measure of importance by itself.",
        ),
        "What passes along the shortcuts, block by block.",
    ),
}


def _axis(title: str, **more: Any) -> Layout:
    return {"title": {"text": title, "standoff": 6}, "automargin": False, "fixedrange": False, **more}


def _layout(**more: Any) -> Layout:
    base: Layout = {
        "autosize": True,
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": "zoom",
        "margin": {"l": 46, "r": 8, "t": 6, "b": 38},
        "uirevision": "kept",
        "bargap": 0.12,
        "barmode": "overlay",
    }
    return base | more


def _colours(title: str) -> Layout:
    heading = {"text": title, "side": "right"}  # beside the bar, so that the bar has all of the height
    bar = {"title": heading, "thickness": 10, "outlinewidth": 0, "xpad": 4, "ypad": 4}
    return {"colorscale": palette.SEQUENTIAL, "colorbar": bar}


def layouts() -> dict[str, Layout]:
    """Base layout of each chart, by name; no data, no theme."""
    layers = _axis("layer", autorange=False)
    return {
        "learns": _layout(
            xaxis=_axis("step", domain=[0, 0.44], rangemode="tozero"),
            yaxis=_axis("loss", rangemode="tozero"),
            xaxis2=_axis("step", domain=[0.56, 1], matches="x", anchor="y2"),
            yaxis2=_axis("accuracy (%)", anchor="x2"),
        ),
        "gradient-now": _layout(
            margin={"l": 54, "r": 6, "t": 6, "b": 38},
            xaxis=_axis("layer (1 = first)"),
            yaxis=_axis("", type="log"),
        ),
        "over-layers": _layout(
            margin={"l": 40, "r": 58, "t": 6, "b": 38}, xaxis=_axis("step"), yaxis=layers, coloraxis=_colours("")
        ),
        "ridge": _layout(
            dragmode=False,
            margin={"l": 38, "r": 6, "t": 6, "b": 38},
            xaxis=_axis("response"),
            yaxis=layers,
            coloraxis={"colorscale": palette.SEQUENTIAL, "showscale": False},
        ),
        "statistics": _layout(
            margin={"l": 50, "r": 6, "t": 6, "b": 38}, xaxis=_axis("layer (1 = first)"), yaxis=_axis("")
        ),
        "one-layer": _layout(
            margin={"l": 44, "r": 58, "t": 6, "b": 38},
            xaxis=_axis("step"),
            yaxis=_axis("response"),
            coloraxis=_colours("density"),
        ),
        "flow-now": _layout(
            margin={"l": 54, "r": 6, "t": 6, "b": 38},
            xaxis=_axis("block (1 = first)"),
            yaxis=_axis("", type="log"),
        ),
        "ledger": _layout(
            barmode="stack", bargap=0.08, xaxis=_axis("layer that reads"), yaxis=_axis("channels it reads")
        ),
        "shares": _layout(
            margin={"l": 50, "r": 58, "t": 6, "b": 38},
            xaxis=_axis("source in its block (0 = what enters)"),
            yaxis=_axis("", autorange=False),
            coloraxis=_colours("%"),
        ),
    }


CONFIG: Layout = {"displaylogo": False, "doubleClick": False, "scrollZoom": False, "responsive": False}


def live_figures() -> LiveFigures:
    """All of it as JSON-ready values, for the live dashboard."""
    return {
        "views": {
            name: {"question": view.question, "why": list(view.why), "alt": view.alt} for name, view in VIEWS.items()
        },
        "layouts": layouts(),
        "palette": palette.for_browser(),
        "config": CONFIG,
    }
