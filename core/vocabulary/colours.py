"""The colours of the lab: those of Okabe and Ito, which the colour-blind tell apart, and two greys.

Style sheets have them as variables (core/web/styles.py). Streamlit's theme (.streamlit/config.toml) cannot read this
file and repeats what it needs of it.
"""

from __future__ import annotations

from typing import TypedDict

VERMILION = "#D55E00"
BLUE = "#0072B2"
GREEN = "#009E73"
ORANGE = "#E69F00"  # what is chosen or pointed at
SKY = "#56B4E9"
PINK = "#CC79A7"
GREY = "#8A9099"  # readable on light and dark: theory, and what stands for no kind of net


class Marks(TypedDict):
    """Colours that stand for no kind of net."""

    chosen: str
    unknown: str  # a value that is no number


def for_browser() -> Marks:
    return {"chosen": ORANGE, "unknown": PINK}
