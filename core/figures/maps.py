"""Feature maps as they are drawn: order, scale, findings, and the bytes that a browser or a file gets.

Pure functions of numpy arrays; maps are float32 (C, h, w).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from core.figures import colour_maps, palette
from core.vocabulary.numbers import percent

MOST_VALUES = 262_144  # of one layer's maps that are sent to be drawn; a tile has no room for more
TILE = 48  # pixels a side at least, in a saved grid
LABEL = 13  # pixels under a tile
GAP = 4


@dataclass(frozen=True, eq=False)
class Tiles:
    """Maps in 256 steps each, between their own extremes: what is needed to draw them small."""

    steps: np.ndarray  # uint8 (C, h, w), perhaps averaged to fewer pixels
    low: np.ndarray  # float32 (C,), the value of step 0
    high: np.ndarray  # float32 (C,), the value of step 255


def tiles(maps: np.ndarray, most: int = MOST_VALUES) -> Tiles:
    """Averages 2x2 values as often as it takes to send at most ``most`` values, if a map has so many."""
    drawn = maps
    while drawn.size > most and min(drawn.shape[1:]) > 8:
        height, width = (side // 2 * 2 for side in drawn.shape[1:])
        drawn = drawn[:, :height, :width].reshape(len(drawn), height // 2, 2, width // 2, 2).mean((2, 4))
    low, high = drawn.min((1, 2)), drawn.max((1, 2))
    span = np.where(high > low, high - low, 1)[:, None, None]
    steps = np.rint(255 * (drawn - low[:, None, None]) / span).astype(np.uint8)
    return Tiles(steps, low.astype(np.float32), high.astype(np.float32))


def strength(maps: np.ndarray) -> np.ndarray:
    """Mean |value| of each map (C,): how strongly it responds."""
    return np.abs(maps).mean((1, 2))


def by_response(maps: np.ndarray) -> np.ndarray:
    """Channel numbers (C,), the strongest response first; equals in the order of their numbers."""
    return np.argsort(-strength(maps), kind="stable")


def scales(maps: np.ndarray, per: str, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The magnitude (C,) at the end of the colours of each map: its own largest ("unit"), the largest of all these maps
    ("layer"), or of the whole net ("net"), whose layers' extremes are ``low`` and ``high`` (L,)."""
    own = np.abs(maps).max((1, 2))
    if per == "unit":
        return own
    largest = own.max() if per == "layer" else max(np.abs(low).max(), np.abs(high).max())
    return np.full(len(maps), largest, np.float32)


def is_silent(maps: np.ndarray) -> np.ndarray:
    """Which maps (C,) are zero everywhere."""
    return (maps == 0).all((1, 2))


def finding(maps: np.ndarray, part: str, sources: Sequence[str]) -> str:
    """What stands out in these maps, in one sentence."""
    if sources:
        return sources_finding(sources)
    count, silent = len(maps), int(is_silent(maps).sum())
    if part == "activation":
        zeros = float((maps == 0).mean())
        words = f"{silent} of {count} maps" if silent else "No map"
        return f"{words} {'are' if silent > 1 else 'is'} 0 everywhere; {percent(zeros, 0)} of all values are 0."
    if silent:
        return f"{silent} of {count} maps {'are' if silent > 1 else 'is'} 0 everywhere."
    strongest, weakest = by_response(maps)[[0, -1]]
    ranked = strength(maps)
    return (
        f"Map {strongest} responds most, mean |value| {ranked[strongest]:.3g}; map {weakest} least, "
        f"{ranked[weakest]:.2g}."
    )


def sources_finding(sources: Sequence[str]) -> str:
    """``216 maps: 24 from the stem, 12 from each of 16 layers.``"""
    counts = Counter(sources)
    first, *layers = counts
    rest = [counts[layer] for layer in layers]
    words = f"{len(sources)} maps: {counts[first]} from {'the stem' if first == 'stem' else first}"
    if not rest:
        return f"{words}, the block's input."
    same = f"{rest[0]} from each of {len(rest)} layers" if len(rest) > 1 else f"{rest[0]} from layer 1"
    return f"{words}, {same}."


def padded_finding(shortcut: np.ndarray, read: int) -> str:
    """Of a shortcut of option A, maps (C, h, w) of which ``read`` come from the block's input."""
    return (
        f"Option A: the shortcut carries {read} maps and adds {len(shortcut) - read} of zeros, "
        f"maps {read} to {len(shortcut) - 1}."
    )


def grid_picture(
    maps: np.ndarray, order: Sequence[int], scale: np.ndarray, diverging: bool, sources: Sequence[str], title: str
) -> np.ndarray:
    """The maps as tiles with their numbers, uint8 (H, W, 3), on white; ``sources`` stripe them as on the page."""
    columns = max(4, int(np.ceil(np.sqrt(len(maps) * 1.6))))
    times = max(1, -(-TILE // maps.shape[2]))
    high, wide = maps.shape[1] * times, maps.shape[2] * times
    rows = -(-len(maps) // columns)
    step_down, step_right = high + LABEL + GAP, wide + GAP
    sheet = Image.new("RGB", (columns * step_right + GAP, rows * step_down + LABEL + 3 * GAP), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((GAP, GAP), title, fill="black")
    stripes = source_stripes(sources)
    for place, channel in enumerate(order):
        left, top = GAP + place % columns * step_right, LABEL + 3 * GAP + place // columns * step_down
        colours = colour_maps.coloured(maps[channel], float(scale[channel]), diverging)
        sheet.paste(Image.fromarray(colours).resize((wide, high), Image.Resampling.NEAREST), (left, top))
        pen.text((left, top + high), str(channel), fill="black")
        if stripes:
            pen.rectangle((left, top + high - 3, left + wide - 1, top + high - 1), fill=stripes[channel])
    return np.asarray(sheet)


def source_stripes(sources: Sequence[str], theme: str = "light") -> list[str]:
    """The colour (C,) of each channel's source."""
    names = list(dict.fromkeys(sources))
    colours = dict(zip(names, palette.source_colours(len(names), theme), strict=True))
    return [colours[source] for source in sources]


def overlay_picture(
    picture: np.ndarray, values: np.ndarray, scale: float, diverging: bool, opacity: float = 0.6, side: int = 448
) -> np.ndarray:
    """``values`` (h, w) in colours over ``picture`` (S, S, 3), uint8 (side, side, 3)."""
    below = _enlarged(picture, side).astype(np.float32)
    above = _enlarged(colour_maps.coloured(values, scale, diverging), side).astype(np.float32)
    return np.rint(below + opacity * (above - below)).astype(np.uint8)


def _enlarged(pixels: np.ndarray, side: int) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.NEAREST))
