"""What is measured while a net trains or before it does: names, units and axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Row = Literal["layer", "block", "source"]
View = Literal["gradient", "signals", "flow"]


@dataclass(frozen=True)
class Quantity:
    """One quantity of the probes, as charts and switches name it."""

    per: Row
    view: View  # of the dashboard
    what: str  # under a chart: "weight gradient"
    unit: str  # of its axis: "norm"
    log: bool  # whether its axis is logarithmic
    measured: str  # what exactly, in one sentence
    choice: str = ""  # in the switch of its view; none: it is drawn with another
    title: str = ""  # begins what is found of it
    ends: tuple[float, float] | None = None  # of its axis, where that is linear and does not follow the values


QUANTITIES: dict[str, Quantity] = {
    "weight_grad": Quantity(
        *("layer", "gradient", "weight gradient", "norm", True),
        measured="Weight gradient: norm of the gradient of a layer's weights.",
        choice="weights",
        title="Gradient",
    ),
    "signal_grad": Quantity(
        *("layer", "gradient", "activation gradient", "norm", True),
        measured="Activation gradient: norm of the gradient that arrives at the layer's output.",
        choice="activations",
        title="Activation gradient",
    ),
    "update_ratio": Quantity(
        *("layer", "gradient", "update ÷ weight", "ratio", True),
        measured="Update ÷ weight: how far one real optimiser step moved the weights, relative to their norm.",
        choice="update ÷ weight",
        title="Relative update",
    ),
    "agreement": Quantity(
        *("layer", "gradient", "agreement of halves", "cosine", False),
        measured="Agreement: cosine between the gradients of a layer's weights over one half of the pictures and over "
        "the other. 1: both want the same; 0: they have nothing in common, like noise; below 0: they pull apart.",
        choice="agreement",
        title="Agreement of the gradients of two halves",
        ends=(-1.0, 1.0),
    ),
    "mean": Quantity(
        *("layer", "signals", "mean", "response", False),
        measured="Mean of all values of each response.",
    ),
    "std": Quantity(
        *("layer", "signals", "standard deviation", "response", True),
        measured="Standard deviation of all values of each response (He 2015, figure 7).",
        choice="mean, std",
    ),
    "dead": Quantity(
        *("layer", "signals", "dead channels", "share", False),
        measured="A channel counts as dead when its ReLU gives 0 for every probe picture at every position.",
        choice="dead",
    ),
    "histogram": Quantity(
        *("layer", "signals", "distribution", "density", False),
        measured="How the responses of each layer are distributed, over bins that never move.",
        choice="shape",
    ),
    "branch_ratio": Quantity(
        *("block", "flow", "‖F(x)‖ ÷ ‖x‖", "ratio", True),
        measured="‖F(x)‖ ÷ ‖x‖: norm of what a block's branch computes over the norm of what its shortcut carries.",
        choice="branch ÷ shortcut",
    ),
    "weight_share": Quantity(
        *("source", "flow", "share of weight", "%", False),
        measured="Share of the summed absolute weights that a dense layer spends on each source.",
        choice="channels",
    ),
}


class Initial(NamedTuple):
    """A quantity of the X-ray's switch of gradients."""

    label: str
    question: str  # above its chart


INITIAL: dict[str, Initial] = {
    "signal_grad": Initial("Of responses", "Does the gradient reach the first layer?"),
    "weight_grad": Initial("Of weights", "Do the first layer's weights hear anything?"),
    "agreement": Initial("Agreement", "Do two halves of the pictures want the same?"),
}


def of_view(view: View) -> dict[str, Quantity]:
    """The quantities that can be chosen in a view, in the order of its switch."""
    return {name: quantity for name, quantity in QUANTITIES.items() if quantity.view == view and quantity.choice}
