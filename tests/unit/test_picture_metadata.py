"""All that is no picture in a file: texts, notes, profiles, further pictures, and what cameras of every size write."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL.MpoImagePlugin import MpoImageFile

from core.data.pictures import read
from tests.unit.picture_files import (
    as_sensor_saw,
    chunk,
    exif_of,
    with_chunks,
    with_segments,
)
from tests.unit.small_pictures import apart, coded, read_elsewhere, scene

pytestmark = pytest.mark.slow

TURNED = "Turned upright, as its camera noted."


XMP_TEXT = b"XML:com.adobe.xmp\0"
LONG = bytes(2_000_000)
BROKEN = chunk(b"tEXt", b"Title\0a")[:-4] + b"\0\0\0\0"


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(b"zTXt", b"Note\0\0" + zlib.compress(LONG))],
        [chunk(b"iTXt", b"Note\0\1\0\0\0" + zlib.compress(LONG))],
        [chunk(b"tEXt", b"Note\0" + LONG)],
        [chunk(b"tEXt", b"Note%d\0" % number + LONG) for number in range(8)],
        [chunk(b"zTXt", b"Note%d\0\0" % number + zlib.compress(LONG[:1_000_000])) for number in range(200)],
        [chunk(b"zTXt", b"XML:com.adobe.xmp\0\0" + zlib.compress(bytes(200_000_000)))],
        [chunk(b"iTXt", XMP_TEXT + b"\1\0\0\0" + zlib.compress(LONG))],
        [chunk(b"iCCP", b"mine\0\0" + zlib.compress(LONG))],
        [chunk(b"iCCP", b"mine\0\0" + zlib.compress(bytes(200_000_000)))],
        [chunk(b"iCCP", b"mine\0\0" + b"not packed")],
        [chunk(b"iCCP", b"mine\0\7" + zlib.compress(LONG))],
        [chunk(b"iCCP", b"mine")],
        [chunk(b"iCCP", b"")],
        [chunk(b"eXIf", b"\xff" * 100)],
        [chunk(b"gAMA", b"")],
        [chunk(b"gAMA", bytes(4))],
        [chunk(b"pHYs", b"\1"), chunk(b"cHRM", b""), chunk(b"sRGB", b"")],
        [chunk(b"acTL", b"\0")],
        [chunk(b"acTL", bytes(8)), chunk(b"fcTL", b"\0\0\0\7" + bytes(22))],
        [chunk(b"prIV", b"for one program alone")],
        [BROKEN],
    ],
)
def test_chunks_of_a_png_that_are_no_picture(chunks: list[bytes]) -> None:
    data = with_chunks(coded(scene()), *chunks)
    said, grew = read_elsewhere(data)
    assert said == "(60, 80, 3)"
    assert grew < 3 * len(data) + 40e6
    assert apart(data, scene()) == 0
    assert read(data).notes == ()


@pytest.mark.parametrize(
    "segments",
    [
        [(0xE0, b"JFIF")],
        [(0xE1, b"Exif\0\0" + b"\xff" * 60_000)] * 20,
        [(0xE2, b"MPF\0" + b"\xff" * 50)],
        [(0xE2, b"MPF\0II*\0\x08\0\0\0" + b"\x01\0\x01\xb0\x04\0\x01\0\0\0\x09\0\0\0" + bytes(4))],
        [(0xE2, b"ICC_PROFILE\0")],
        [(0xE2, b"ICC_PROFILE\0\2\3" + bytes(100))],
        [(0xED, b"Photoshop 3.0\0" + b"8BIM" + b"\xff" * 20)],
        [(0xEE, b"Adobe")],
        [(0xFE, b"a comment" * 5000)] * 100,
    ],
)
def test_segments_of_a_jpeg_that_are_no_picture(segments: list[tuple[int, bytes]]) -> None:
    plain = coded(scene(), "JPEG", quality=95)
    picture = read(with_segments(plain, *segments))
    assert np.array_equal(picture.pixels, read(plain).pixels)
    assert picture.notes == ()


def test_notes_of_a_webp_that_are_cut_short() -> None:
    data = coded(scene(), "WEBP", lossless=True, exif=exif_of(6), xmp=bytes(3000))
    assert apart(data[:-2000], as_sensor_saw(scene(), 8)) == 0
    assert read(data[:-2000]).notes == (TURNED,)


def test_a_second_picture_is_no_animation() -> None:
    preview = Image.new("RGB", (20, 10), "red")
    data = coded(Image.fromarray(scene()), "MPO", save_all=True, append_images=[preview], quality=95)
    opened = Image.open(io.BytesIO(data))
    assert isinstance(opened, MpoImageFile)
    assert opened.is_animated  # so Pillow calls it
    assert apart(data, scene()) <= 6
    assert read(data).notes == ()


def test_an_animation_of_which_only_the_first_picture_is_whole() -> None:
    frames = [Image.fromarray(scene()), Image.effect_noise((80, 60), 90).convert("RGB")]
    data = coded(frames[0], save_all=True, append_images=frames[1:])
    data = data[: data.index(b"fdAT") + 500]
    assert apart(data, scene()) == 0
    assert read(data).notes == ("The first picture of an animation.",)


@pytest.mark.parametrize("size", [(4160, 3120), (8160, 6144), (8688, 5792), (12000, 9000), (16320, 12240)])
def test_what_cameras_of_13_to_200_megapixels_write(size: tuple[int, int]) -> None:
    image = Image.fromarray(scene(size[1] // 64, size[0] // 64))
    data = coded(image.resize(size, Image.Resampling.NEAREST), "JPEG", quality=70)
    said, grew = read_elsewhere(data)
    assert said == f"({round(1024 * size[1] / size[0])}, 1024, 3)"
    assert grew < 80e6
    assert read(data).size == size


def test_the_true_size_is_kept() -> None:
    assert read(coded(Image.new("RGB", (1, 10_000)))).size == (1, 10_000)
    assert read(coded(Image.new("RGB", (3000, 2000)), "JPEG", exif=exif_of(6))).size == (2000, 3000)


def test_a_jpeg_of_12_bits_is_called_what_it_is() -> None:
    data = bytearray(coded(scene(), "JPEG"))
    data[data.index(b"\xff\xc0") + 4] = 12
    with pytest.raises(ValueError, match=r"^This JPEG has 12 bits a colour, not 8: save it with 8, or as a PNG\.$"):
        read(bytes(data))
