"""A figure of Plotly as pages show it."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go


@dataclass(frozen=True)
class Drawn:
    """A figure, what it shows in words and its description for those who cannot see it."""

    figure: go.Figure
    finding: str
    alt: str
