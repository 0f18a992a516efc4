"""Pictures that people bring: read from bytes nobody has checked, turned upright, cut to a square. No torch."""

from __future__ import annotations

import io
import threading
import warnings
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")  # Pillow knows many more, written for files that can be trusted
MOST_BYTES = 20_000_000
MOST_PIXELS = 50_000_000  # what the largest common cameras make; 0.2 GB decoded, 0.8 GB at the worst (WebP)
LONG = 1024  # pixels of the longer side of what is kept
SHORT = 256  # of a panorama the shorter side keeps as many, because nets see a square of it, and the longer ...
LONGEST = 4 * LONG  # ... has at most these

_one_at_a_time = threading.Lock()  # so that thirty people who bring a large picture need the memory of one


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
    """Decode a PNG, JPEG, WebP or GIF file; the picture upright, opaque, at most LONG pixels a side or thin.

    Bytes and pixels are counted before anything is decoded, and nothing in the file is trusted. Raises PictureError.
    """
    if not data:
        raise PictureError("The file is empty: choose another one.")
    if len(data) > MOST_BYTES:
        raise PictureError(f"The file has more than {MOST_BYTES // 10**6} MB: choose a smaller one or save it smaller.")
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's: here they are refusals, or nobody's business
        with _opened(data) as image:
            try:
                return _upright_and_opaque(image)
            except Exception:  # decoders raise a dozen kinds, and all of them mean this
                raise PictureError(
                    "The picture is damaged or cut short: save or download it again, or choose another one."
                ) from None


def _opened(data: bytes) -> Image.Image:
    """The picture with its header read and nothing decoded. Raises PictureError."""
    too_large = PictureError(
        f"The picture has more than {MOST_PIXELS // 10**6} million pixels: choose a smaller one or save it smaller."
    )
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise too_large from None
    except Exception:
        raise PictureError(
            "This is not a PNG, JPEG, WebP or GIF file: choose one that is, or save the picture as one of these."
        ) from None
    if image.width * image.height > MOST_PIXELS:
        image.close()
        raise too_large
    return image


def _upright_and_opaque(image: Image.Image) -> Picture:
    notes = []
    if getattr(image, "is_animated", False):
        image.seek(0)
        notes.append("The first picture of an animation.")
    size = _kept_size(*image.size)
    image.draft(None, size)  # a JPEG can be decoded at a half, a quarter or an eighth of its size
    small = _resizable(image).resize(size, Image.Resampling.BICUBIC)
    if small.mode == "CMYK":
        notes.append("Its colours for print (CMYK) were turned into those of a screen.")
    if small.mode == "RGBA":
        if small.getchannel("A").getextrema() != (255, 255):
            notes.append("What is transparent was put on white.")
        small = Image.alpha_composite(Image.new("RGBA", size, "white"), small)
    if _orientation(image) in range(2, 9):
        small = ImageOps.exif_transpose(small)
        notes.append("Turned upright, as its camera noted.")
    return Picture(np.asarray(small.convert("RGB")), tuple(notes))


def _kept_size(width: int, height: int) -> tuple[int, int]:
    long, short = max(width, height), min(width, height)
    scale = min(1.0, max(LONG / long, SHORT / short), LONGEST / long)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _resizable(image: Image.Image) -> Image.Image:
    """In a mode whose values can be averaged: a palette's numbers cannot."""
    if image.mode.startswith("I"):  # 16 bit, which Pillow would clip at 255
        wide = np.asarray(image)
        return Image.fromarray((np.clip(wide, 0, 65535) >> 8).astype(np.uint8))
    mode = image.mode
    if image.has_transparency_data:
        mode = "RGBA"
    elif mode not in ("L", "RGB", "CMYK"):
        mode = "L" if mode == "1" else "RGB"
    return image if mode == image.mode else image.convert(mode)


def _orientation(image: Image.Image) -> int:
    """As Exif has it: 1 is upright. What a camera noted wrongly is no reason to refuse its picture."""
    with suppress(Exception):
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    return 1


def square(pixels: np.ndarray, crop: Crop, size: int) -> np.ndarray:
    """Cut the square out of (H, W, 3) and shrink or enlarge it to uint8 (size, size, 3), bicubic.

    Shrinking averages: the kernel is as many times wider (antialiasing), so that no pixel is passed over.
    """
    left, top, side = box(pixels, crop)
    image = Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC, (left, top, left + side, top + side))
    return np.asarray(image)


def box(pixels: np.ndarray, crop: Crop) -> tuple[float, float, float]:
    """Left, top and side of the square, in pixels of (H, W, 3); always inside, and at least one pixel."""
    height, width = pixels.shape[:2]
    side = max(1.0, _share(crop.size) * min(height, width))
    return _share(crop.x) * (width - side), _share(crop.y) * (height - side), side


def _share(value: float) -> float:
    return max(0.0, min(1.0, value))


def to_png(pixels: np.ndarray) -> bytes:
    """uint8 (H, W, 3) or (H, W, 4) -> the bytes of a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
