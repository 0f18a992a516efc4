"""Pictures of every mode and format, noted in whatever way that they lie on their side: all of them upright."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from core.data import colours
from core.data.pictures import read
from tests.unit.picture_files import (
    COLOURS,
    DRAWING,
    as_sensor_saw,
    chunk,
    exif_of,
    palette,
    with_chunks,
    with_segments,
    xmp_of,
)
from tests.unit.small_pictures import apart, coded, scene

pytestmark = pytest.mark.slow

TURNED = "Turned upright, as its camera noted."
ON_WHITE = "What is transparent was put on white."


GREYS = np.array([255, 170, 0, 85], np.uint8)
ALPHA = np.array([255, 128, 0, 64], np.uint8)


def on_white(values: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """What four colours (4, C) with four alphas look like, (4, 3)."""
    share = alpha[:, None] / 255
    return np.broadcast_to(share * values.reshape(4, -1) + (1 - share) * 255, (4, 3))


OPAQUE = np.full(4, 255, np.uint8)
KEYED = np.array([255, 255, 0, 255], np.uint8)  # the third colour stands for transparent
MODES: dict[str, tuple[Callable[[np.ndarray], Image.Image], dict[str, Any], np.ndarray]] = {
    "black and white": (lambda n: Image.fromarray(GREYS[n] > 128), {}, on_white((GREYS > 128) * 255.0, OPAQUE)),
    "grey": (lambda n: Image.fromarray(GREYS[n]), {}, on_white(GREYS, OPAQUE)),
    "grey, a key": (lambda n: Image.fromarray(GREYS[n]), {"transparency": 0}, on_white(GREYS, KEYED)),
    "grey, alpha": (lambda n: Image.fromarray(np.dstack([GREYS[n], ALPHA[n]])), {}, on_white(GREYS, ALPHA)),
    "grey, 16 bits": (lambda n: Image.fromarray(GREYS[n].astype(np.uint16) * 257), {}, on_white(GREYS, OPAQUE)),
    "palette": (palette, {}, on_white(COLOURS, OPAQUE)),
    "palette, a key": (palette, {"transparency": 2}, on_white(COLOURS, KEYED)),
    "palette, alphas": (palette, {"transparency": ALPHA.tobytes()}, on_white(COLOURS, ALPHA)),
    "colour": (lambda n: Image.fromarray(COLOURS[n]), {}, on_white(COLOURS, OPAQUE)),
    "colour, a key": (lambda n: Image.fromarray(COLOURS[n]), {"transparency": (0, 0, 0)}, on_white(COLOURS, KEYED)),
    "colour, alpha": (lambda n: Image.fromarray(np.dstack([COLOURS[n], ALPHA[n]])), {}, on_white(COLOURS, ALPHA)),
    "colour, opaque": (lambda n: Image.fromarray(np.dstack([COLOURS[n], OPAQUE[n]])), {}, on_white(COLOURS, OPAQUE)),
    "print": (lambda n: Image.fromarray(COLOURS[n]).convert("CMYK"), {}, on_white(COLOURS, OPAQUE)),
}
TRANSPARENT = {name for name in MODES if "key" in name or name.endswith(("alpha", "alphas"))}
FORMATS = {
    "PNG": [name for name in MODES if name != "print"],
    "WEBP": ["colour", "colour, alpha", "colour, opaque"],
    "JPEG": ["grey", "colour", "print"],
}
OPTIONS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "WEBP": {"lossless": True, "exact": True},
    "JPEG": {"quality": 95, "subsampling": 0},
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("form", "mode"), [(form, mode) for form, modes in FORMATS.items() for mode in modes])
def test_upright_in_every_mode_and_format(form: str, mode: str, orientation: int) -> None:
    made, options, looks = MODES[mode]
    image = made(as_sensor_saw(DRAWING, orientation))
    picture = read(coded(image, form, exif=exif_of(orientation), **options, **OPTIONS[form]))
    assert picture.size == (40, 24)
    apart = np.abs(picture.pixels - looks[DRAWING])
    if form == "JPEG":
        assert apart.mean() < 4  # it blurs edges
    else:
        assert apart.max() <= 1
    notes = [colours.OF_PRINT] * (mode == "print") + [ON_WHITE] * (mode in TRANSPARENT) + [TURNED] * (orientation > 1)
    assert picture.notes == tuple(notes)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_as_pillow_turns_it(orientation: int) -> None:
    data = coded(scene(), exif=exif_of(orientation))
    assert apart(data, np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))) == 0


RAW_EXIF = f"\nexif\n{len(exif_of(6)):8}\n{exif_of(6).hex()}\n".encode()
XMP_TEXT = b"XML:com.adobe.xmp\0"
SIDE = as_sensor_saw(scene(), 6)
PNG, JPEG, WEBP = coded(SIDE), coded(SIDE, "JPEG", quality=95), coded(SIDE, "WEBP", lossless=True, xmp=xmp_of(6))
XMP_SEGMENT = (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp_of(6))


@pytest.mark.parametrize(
    "data",
    [
        with_chunks(PNG, chunk(b"eXIf", exif_of(6)), before=b"IEND"),
        with_chunks(PNG, chunk(b"tEXt", b"Raw profile type exif\0" + RAW_EXIF)),
        with_chunks(PNG, chunk(b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(RAW_EXIF))),
        with_chunks(PNG, chunk(b"iTXt", XMP_TEXT + b"\0\0\0\0" + xmp_of(6))),
        with_chunks(PNG, chunk(b"iTXt", XMP_TEXT + b"\1\0\0\0" + zlib.compress(xmp_of(6)))),
        with_chunks(PNG, chunk(b"eXIf", exif_of(6)), chunk(b"iTXt", XMP_TEXT + b"\0\0\0\0" + xmp_of(8))),
        with_chunks(PNG, chunk(b"eXIf", exif_of(9)), chunk(b"iTXt", XMP_TEXT + b"\0\0\0\0" + xmp_of(6))),
        with_segments(JPEG, XMP_SEGMENT),
        with_segments(JPEG, (0xE1, b"Exif\0\0" + exif_of(6).removeprefix(b"Exif\0\0")), XMP_SEGMENT),
        WEBP,
    ],
)
def test_wherever_it_is_noted_it_is_turned_once(data: bytes) -> None:
    assert apart(data, scene()) <= 8
    assert read(data).notes == (TURNED,)


@pytest.mark.parametrize("noted", [0, 9, 65535])
def test_an_orientation_that_there_is_not(noted: int) -> None:
    data = coded(scene(), exif=exif_of(noted))
    assert apart(data, scene()) == 0
    assert read(data).notes == ()
