"""Pictures that people bring: read from bytes nobody has checked, turned upright, cut to a square. No torch."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from core.data import colours, metadata, sixteen
from core.data.metadata import Metadata

FORMS: dict[str, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
    "PNG": PngImageFile,
    "JPEG": JpegImageFile,
    "WEBP": WebPImageFile,
    "GIF": GifImageFile,
}
MOST_BYTES = 50_000_000  # what cameras write
MOST_PIXELS = 65_000_000  # of "64 megapixels"; 0.3 GB decoded, 1.1 GB at the worst (WebP)
MOST_OF_JPEG = 250_000_000  # of "200 megapixels" and more, which is decoded at a fraction of its size
WHOLE_JPEG = 13_000_000  # pixels up to which a JPEG is decoded as it is, in 52 MB; of a larger one at most half of them
FRACTIONS = {2: "a half", 4: "a quarter", 8: "an eighth"}  # of its size, at which a JPEG can be decoded
LONG = 1024  # pixels of the longer side of what is kept
SHORT = 256  # of a panorama the shorter side keeps as many, because nets see a square of it, and the longer ...
LONGEST = 4 * LONG  # ... has at most these
THINNEST = 16  # times as long as wide; of thinner pictures the middle is enough, and resizing all would take gigabytes

TURNS = {  # what to do with a picture of each orientation that is not upright, as Exif numbers them
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_one_at_a_time = threading.Lock()  # so that thirty people who bring a large picture need the memory of one


class PictureError(ValueError):
    """A picture cannot be used; the message is one sentence for the user: what is wrong and what to do."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as people see it."""

    pixels: np.ndarray  # uint8 (H, W, 3)
    size: tuple[int, int]  # pixels of width and height in the file, upright; more than are kept of a large picture
    notes: tuple[str, ...] = ()  # what was done to it, for people
    resized: Mapping[int, np.ndarray] = field(default_factory=dict)  # of one kept smaller, by pixels of a shorter side


@dataclass(frozen=True)
class Crop:
    """The square that a net sees, in shares of the picture's shorter side and of the room that is left."""

    x: float = 0.5  # 0 is at the left, 1 at the right
    y: float = 0.5  # 0 is at the top, 1 at the bottom
    size: float = 1.0  # of the shorter side


def read(data: bytes, short_sides: Collection[int] = ()) -> Picture:
    """Decode a PNG, JPEG, WebP or GIF file; the picture upright, opaque, at most LONG pixels a side or thin.

    Of a larger one each of these ``short_sides`` is kept too (:func:`with_short_side`), made of all its pixels. Bytes
    and pixels are counted before anything is decoded, and nothing in the file is trusted. Raises PictureError.
    """
    if not data:
        raise PictureError("The file is empty: choose another one.")
    if len(data) > MOST_BYTES:
        raise PictureError(f"The file has more than {MOST_BYTES // 10**6} MB: choose a smaller one or save it smaller.")
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's: here they are refusals, or nobody's business
        try:
            said, picture = _split(data)
            with FORMS[said.form](io.BytesIO(picture)) as image:
                _check_size(image, said)
                return _upright_and_opaque(image, said, picture, short_sides)
        except Image.DecompressionBombError:
            raise _too_large(MOST_PIXELS) from None
        except PictureError:
            raise
        except Exception:  # decoders raise a dozen kinds, and all of them mean this
            raise PictureError(
                "The picture is damaged or cut short: save or download it again, or choose another one."
            ) from None


def _split(data: bytes) -> tuple[Metadata, bytes]:
    """What the file says, and the file with nothing but its picture. Raises PictureError."""
    found = metadata.split(data)
    if found is None:
        raise PictureError(
            "This is not a PNG, JPEG, WebP or GIF file: choose one that is, or save the picture as one of these."
        )
    if found[0].form == "JPEG" and found[0].bits in (12, 16):
        raise PictureError(f"This JPEG has {found[0].bits} bits a colour, not 8: save it with 8, or as a PNG.")
    return found


def _check_size(image: ImageFile.ImageFile, said: Metadata) -> None:
    """Raises PictureError where too much memory would be needed."""
    most = MOST_OF_JPEG if said.form == "JPEG" and not said.in_passes else MOST_PIXELS
    if image.width * image.height > most:
        raise _too_large(most)


def _too_large(most: int) -> PictureError:
    return PictureError(
        f"The picture has more than {most // 10**6} million pixels: choose a smaller one or save it smaller."
    )


def _upright_and_opaque(
    image: ImageFile.ImageFile, said: Metadata, data: bytes, short_sides: Collection[int]
) -> Picture:
    """``data`` is the file of the ``image``, in which nothing but its header has been read yet."""
    notes = ["The first picture of an animation."] if said.animated or _is_animated_gif(data, said) else []
    width, height = image.size
    sideways = said.orientation > 4
    size = _kept_size(width, height)
    notes.append(_decoded_smaller(image))
    eight, note = sixteen.eight_bits(data) if said.bits == 16 else (_keyed(image, said.bits), "")
    notes.append(note)
    whole = _resizable(eight)
    pixels, changes = _finished(whole.resize(size, Image.Resampling.BICUBIC), said)
    resized = {}
    if size != (width, height):
        resized = {short: _finished(with_short_side(whole, short, sideways), said)[0] for short in short_sides}
    said_of_it = tuple(note for note in (*notes, *changes) if note)
    return Picture(pixels, (height, width) if sideways else (width, height), said_of_it, resized)


def _decoded_smaller(image: ImageFile.ImageFile) -> str:
    """Have a large JPEG decoded at a fraction of its size, which takes as much less memory; a note, or nothing."""
    pixels = image.width * image.height
    if image.format != "JPEG" or pixels <= WHOLE_JPEG:
        return ""
    parts = next(parts for parts in FRACTIONS if pixels <= parts**2 * WHOLE_JPEG / 2)
    image.draft(None, (image.width // parts, image.height // parts))
    return f"So large a JPEG is decoded at {FRACTIONS[parts]} of its size."


def _finished(image: Image.Image, said: Metadata) -> tuple[np.ndarray, list[str]]:
    """A picture small enough to keep, in the colours of a screen, opaque and upright; and what was done for that."""
    alpha = image.getchannel("A") if image.mode.endswith("A") else None
    image, note = colours.of_screen(image.convert(image.mode.removesuffix("A")), said)
    notes = [note]
    if alpha is not None and alpha.getextrema() != (255, 255):
        image.putalpha(alpha)
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
        notes.append("What is transparent was put on white.")
    if said.orientation in TURNS:
        image = image.transpose(TURNS[said.orientation])
        notes.append("Turned upright, as its camera noted.")
    return np.asarray(image), notes


def _is_animated_gif(data: bytes, said: Metadata) -> bool:
    """Looks at the file on its own: what is wrong with a second picture must not spoil the first."""
    with suppress(Exception):
        return said.form == "GIF" and GifImageFile(io.BytesIO(data)).is_animated
    return False


def _keyed(image: ImageFile.ImageFile, bits: int) -> Image.Image:
    """Pillow spreads greys of 2 or 4 bits from 0 to 255, but not the one that stands for transparent."""
    if image.mode == "L" and "transparency" in image.info:
        image.info["transparency"] *= 255 // (2**bits - 1)
    return image


def _kept_size(width: int, height: int) -> tuple[int, int]:
    long, short = max(width, height), min(width, height)
    scale = min(1.0, max(LONG / long, SHORT / short), LONGEST / long)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _resizable(image: Image.Image) -> Image.Image:
    """In a mode whose values can be averaged, L, LA, RGB, RGBA or CMYK: a palette's numbers cannot."""
    if image.mode == "CMYK":
        return image
    mode = "L" if image.mode in ("1", "L", "LA") else "RGB"
    if image.has_transparency_data:
        mode += "A"
    return image if mode == image.mode else image.convert(mode)


def with_short_side(image: Image.Image, short: int, sideways: bool = False) -> Image.Image:
    """Its shorter side resized to so many pixels, or that of the middle of a strip: bilinear, as torchvision resizes.

    That resizes rows first. ``sideways``: what are rows in a file will be columns, so they come last here.
    """
    left, top, right, bottom = _middle(*image.size)
    wide, high = right - left, bottom - top
    width, height = (int(short * side / min(wide, high)) for side in (wide, high))
    if not sideways:
        return image.resize((width, height), Image.Resampling.BILINEAR, (left, top, right, bottom))
    image = image.resize((image.width, height), Image.Resampling.BILINEAR, (0, top, image.width, bottom))
    return image.resize((width, height), Image.Resampling.BILINEAR, (left, 0, right, height))


def _middle(width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the picture, or of the middle of a strip."""
    most = THINNEST * min(width, height)
    left, top = (max(0, side - most) // 2 for side in (width, height))
    return left, top, min(width, left + most), min(height, top + most)


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
