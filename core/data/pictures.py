"""Pictures that people bring: read from bytes nobody has checked, turned upright, cut to a square. No torch."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps


class PictureError(ValueError):
    """A picture cannot be used; the message is one sentence for the user: what is wrong and what to do."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as people see it."""

    pixels: np.ndarray  # uint8 (H, W, 3)
    notes: tuple[str, ...] = ()  # what was done to it, for people


@dataclass(frozen=True)
class Crop:
    """The square that a net sees, in shares of the picture's shorter side and of the room that is left."""

    x: float = 0.5  # 0 is at the left, 1 at the right
    y: float = 0.5  # 0 is at the top, 1 at the bottom
    size: float = 1.0  # of the shorter side


def read(data: bytes) -> Picture:
    """Raises PictureError."""
    try:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    except OSError:
        raise PictureError("This is not a picture: choose a PNG, JPEG or WebP file.") from None
    return Picture(np.asarray(image.convert("RGB")))


def square(pixels: np.ndarray, crop: Crop, size: int) -> np.ndarray:
    """Cut the square out of (H, W, 3) and shrink or enlarge it to uint8 (size, size, 3)."""
    left, top, side = box(pixels, crop)
    image = Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC, (left, top, left + side, top + side))
    return np.asarray(image)


def box(pixels: np.ndarray, crop: Crop) -> tuple[float, float, float]:
    """Left, top and side of the square, in pixels of (H, W, 3)."""
    height, width = pixels.shape[:2]
    side = crop.size * min(height, width)
    return crop.x * (width - side), crop.y * (height - side), side


def to_png(pixels: np.ndarray) -> bytes:
    """uint8 (H, W, 3) or (H, W, 4) -> the bytes of a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
