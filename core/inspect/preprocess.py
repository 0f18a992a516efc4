"""How a picture becomes what a net reads. No torch."""

from __future__ import annotations

import numpy as np
from PIL import Image

from core.data.pictures import Crop, box, square
from core.inspect.catalogue import Entry

THINNEST = 16  # times as long as wide; of thinner pictures the middle is enough, and resizing all would take gigabytes


def preprocess(pixels: np.ndarray, crop: Crop, entry: Entry) -> np.ndarray:
    """Picture uint8 (H, W, 3) -> uint8 (S, S, 3), as the net reads it.

    Nets of CIFAR-10 get the square, resized (bicubic). Published nets get what torchvision's transforms of their
    weights make of a picture: its shorter side resized to ``entry.resize`` pixels (bilinear), and of that the middle;
    where somebody cropped by hand, the same of that square.
    """
    if entry.resize is None:
        return square(pixels, crop, entry.size)
    left, top, right, bottom = _whole(pixels) if crop == Crop() else _square(pixels, crop)
    short = min(right - left, bottom - top)
    resized = [int(entry.resize * side / short) for side in (right - left, bottom - top)]
    image = Image.fromarray(pixels).resize(resized, Image.Resampling.BILINEAR, (left, top, right, bottom))
    x, y = (round((side - entry.size) / 2) for side in resized)
    return np.asarray(image.crop((x, y, x + entry.size, y + entry.size)))


def _whole(pixels: np.ndarray) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the picture, or of the middle of a strip."""
    height, width = pixels.shape[:2]
    most = THINNEST * min(height, width)
    left, top = (max(0, side - most) // 2 for side in (width, height))
    return left, top, min(width, left + most), min(height, top + most)


def _square(pixels: np.ndarray, crop: Crop) -> tuple[float, float, float, float]:
    left, top, side = box(pixels, crop)
    return left, top, left + side, top + side
