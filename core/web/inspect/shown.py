"""The picture on the Inspect page, wherever it comes from."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from PIL import Image

from core.data.pictures import to_png

LONGEST = 640  # pixels a side that the browser is sent of a large picture
SMALL = 64  # pixels a side up to which people see every single one


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture and what is known about it."""

    name: str  # tells it from all others
    pixels: np.ndarray  # uint8 (H, W, 3)
    title: str  # for people
    truth: str | None = None  # its class, where it has one
    outside: bool = False  # whether it is known to be of none of the classes
    notes: tuple[str, ...] = ()  # about it, for people
    private: bool = False  # whether the viewer brought it
    size: tuple[int, int] | None = None  # width and height that it came with, where the pixels may be fewer
    resized: Mapping[int, np.ndarray] = field(default_factory=dict)  # as in core.data.pictures.Picture

    @property
    def has_room(self) -> bool:
        """Whether there is anything to crop: a small square is what the nets read, as it is."""
        height, width = self.pixels.shape[:2]
        return height != width or height > SMALL

    @cached_property
    def url(self) -> str:
        """The picture for the browser, inside of an address."""
        if max(self.pixels.shape) <= SMALL:
            return png_url(self.pixels)
        image = Image.fromarray(self.pixels)
        image.thumbnail((LONGEST, LONGEST))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=88)
        return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def png_url(pixels: np.ndarray) -> str:
    """uint8 (H, W, 3) as a PNG inside of an address."""
    return f"data:image/png;base64,{base64.b64encode(to_png(pixels)).decode()}"
