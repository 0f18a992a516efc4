"""How a picture becomes what a net reads. No torch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PIL import Image

from core.data.pictures import Crop, box, square, with_short_side
from core.inspect.catalogue import Entry


def preprocess(
    pixels: np.ndarray, crop: Crop, entry: Entry, resized: Mapping[int, np.ndarray] | None = None
) -> np.ndarray:
    """Picture uint8 (H, W, 3) -> uint8 (S, S, 3), as the net reads it.

    Nets of CIFAR-10 get the square, resized (bicubic). Published nets get what torchvision's transforms of their
    weights make of a picture: its shorter side resized to ``entry.resize`` pixels (bilinear), and of that the middle;
    where somebody cropped by hand, the same of that square. Of a picture that is kept smaller than it came, what all
    its pixels were ``resized`` to.
    """
    if entry.resize is None:
        return square(pixels, crop, entry.size)
    if crop != Crop():
        return _centre(_square(pixels, crop, entry.resize), entry.size)
    if resized and entry.resize in resized:
        return _centre(Image.fromarray(resized[entry.resize]), entry.size)
    return _centre(with_short_side(Image.fromarray(pixels), entry.resize), entry.size)


def _square(pixels: np.ndarray, crop: Crop, size: int) -> Image.Image:
    left, top, side = box(pixels, crop)
    edges = (left, top, left + side, top + side)
    return Image.fromarray(pixels).resize((size, size), Image.Resampling.BILINEAR, edges)


def _centre(image: Image.Image, size: int) -> np.ndarray:
    x, y = (round((side - size) / 2) for side in image.size)
    return np.asarray(image.crop((x, y, x + size, y + size)))
