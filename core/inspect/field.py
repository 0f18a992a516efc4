"""How much of the picture one number of a map depends on: by theory, and as its gradient shows (Luo 2016)."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from core import arith
from core.inspect.trained import Trained
from core.probes.taps import tap
from core.record.answers import Field
from core.spec import NetSpec

Box = list[float]  # left, top, right, bottom: edges in pixels of the net's picture, 0 at its left and top
MASS = 0.95


def field(trained: Trained, picture: np.ndarray, layer: int, channel: int, y: int, x: int) -> Field:
    """The receptive field of the response of convolution number ``layer`` at row ``y``, column ``x`` of its map.

    ``theory`` box, which may reach beyond the picture, and its ``size`` in pixels a side; ``support`` (S, S): |d
    response / d pixel| summed over the colours, for one ``channel``, or for the sum of all where it is -1; ``measured``
    box around all pixels where that is not 0, and ``mass``, the smallest box about the same centre that holds 95 % of
    it; both None where no pixel has any influence. In eval mode; the gates of squeeze-and-excitation reach everywhere.
    """
    convolutions = [layer for layer in trained.net.layers if isinstance(layer.module, nn.Conv2d)]
    here = convolutions[layer % len(convolutions)]
    image = trained.normalise(picture[None]).requires_grad_(True)
    with torch.enable_grad(), tap([here.signal]) as outputs:
        trained.net(image)
        response = outputs[here.signal][0, :, y, x]
        (gradient,) = torch.autograd.grad(response.sum() if channel < 0 else response[channel], image)
    support = gradient[0].abs().sum(0).numpy()
    theory, size = theoretical(trained.net.spec, here.name, y, x)
    return {
        "theory": theory,
        "size": size,
        "support": support,
        "measured": around(support > 0),
        "mass": holding(support, theory, MASS),
    }


def theoretical(spec: NetSpec, layer: str, y: int, x: int) -> tuple[Box, int]:
    """The box that position (y, x) of a layer's map can depend on, and its side."""
    row = next(row for row in arith.describe(spec).layers if row.name == layer)
    jump = spec.image_size // row.shape[1]  # pixels between neighbours of the map
    half = row.receptive_field / 2
    across, down = x * jump + row.offset + 0.5, y * jump + row.offset + 0.5
    return [across - half, down - half, across + half, down + half], row.receptive_field


def around(inside: np.ndarray) -> Box | None:
    """The smallest box around all that is true in (S, S)."""
    if not inside.any():
        return None
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    return [float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)]


def holding(support: np.ndarray, about: Box, share: float) -> Box | None:
    """The smallest square about the centre of a box that holds that share of the sum of (S, S)."""
    total = support.sum()
    if total == 0:
        return None
    across, down = (about[0] + about[2]) / 2, (about[1] + about[3]) / 2
    rows, columns = np.indices(support.shape) + 0.5
    distance = np.maximum(abs(rows - down), abs(columns - across))  # of each pixel's middle
    order = np.argsort(distance, axis=None)
    enough = np.searchsorted(np.cumsum(support.ravel()[order], dtype=np.float64), share * total)
    half = float(distance.ravel()[order[min(enough, len(order) - 1)]]) + 0.5
    return [across - half, down - half, across + half, down + half]
