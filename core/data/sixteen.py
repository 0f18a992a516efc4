"""PNG files of 16 bits a value, as pictures of eight. No torch.

Many instruments fill only 8, 10, 12 or 14 of the 16 bits, and nothing in the file says so: such a picture would be
nearly black. Pillow keeps all bits of greys, but only the upper byte of colours; the lower one is had by decoding the
file once more, as if its bytes were in the other order.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngImageFile

NOTE = "Only {} of its 16 bits were filled: it was made brighter to match."


def eight_bits(data: bytes) -> tuple[Image.Image, str]:
    """The picture in the file as L, LA, RGB or RGBA, and a note, empty unless it was made brighter."""
    image = PngImageFile(io.BytesIO(data))
    key = image.info.pop("transparency", None)  # the one value, or colour, that stands for transparent
    if image.mode == "I;16":
        return _greys(np.asarray(image), key)
    filled = _filled(_brightest(image) << 8)
    if filled == 16 and key is None:
        return image, ""
    lower = _lower(data)
    bright, note = _brighter(image, lower, filled) if filled < 16 else (image, "")
    if key is not None:
        bright.putalpha(_opaque(image, lower, key))
    return bright, note


def _greys(values: np.ndarray, key: int | None) -> tuple[Image.Image, str]:
    """uint16 (H, W) -> L, or LA where there is a key."""
    brightest = int(values.max())
    filled = _filled(brightest)
    image = Image.fromarray((values >> (filled - 8)).astype(np.uint8))
    if key is not None:
        image.putalpha(Image.fromarray(np.where(values == key, 0, 255).astype(np.uint8)))
    return image, NOTE.format(filled) if brightest and filled < 16 else ""


def _filled(brightest: int) -> int:
    """Bits that are filled, of those that instruments have."""
    return next(bits for bits in (8, 10, 12, 14, 16) if brightest < 2**bits)


def _lower(data: bytes) -> Image.Image:
    """The lower bytes of the colours in the file, in the mode in which Pillow gives the upper ones."""
    image = PngImageFile(io.BytesIO(data))
    tile = image.tile[0]
    if tile.args == "LA;16B":  # four bytes a pixel, as eight bits of red, green, blue and alpha are
        image.tile = [tile._replace(args="RGBA")]
        _, grey, _, alpha = image.split()
        return Image.merge("RGBA", (grey, grey, grey, alpha))
    image.tile = [tile._replace(args=f"{str(tile.args)[:-1]}L")]
    return image


def _brighter(upper: Image.Image, lower: Image.Image, filled: int) -> tuple[Image.Image, str]:
    """The eight uppermost of the ``filled`` bits; alpha, which is always whole, as it was."""
    from_upper = [value << (16 - filled) & 255 for value in range(256)]
    from_lower = [value >> (filled - 8) for value in range(256)]
    bands = [
        ImageChops.add(upper.getchannel(band).point(from_upper), lower.getchannel(band).point(from_lower))
        for band in range(3)
    ]
    bright = Image.merge(upper.mode, bands if upper.mode == "RGB" else [*bands, upper.getchannel("A")])
    return bright, NOTE.format(filled) if _brightest(bright) else ""


def _brightest(image: Image.Image) -> int:
    """The largest value of any colour; alpha is none."""
    return max(index % 256 for index, count in enumerate(image.histogram()[: 3 * 256]) if count)


def _opaque(upper: Image.Image, lower: Image.Image, key: tuple[int, ...]) -> Image.Image:
    """An alpha channel: 0 where the colour is the key, else 255."""
    differs = Image.new("L", upper.size)
    for band_upper, band_lower, value in zip(upper.split(), lower.split(), key, strict=False):
        for band, byte in ((band_upper, value >> 8), (band_lower, value & 255)):
            other = band.point([0 if number == byte else 255 for number in range(256)])
            differs = ImageChops.lighter(differs, other)
    return differs
