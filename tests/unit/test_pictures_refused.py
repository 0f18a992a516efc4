"""Files that are no pictures, damaged or far too large: one sentence each, in bounded memory, and no warning."""

from __future__ import annotations

import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from core.data import metadata, pictures
from core.data.pictures import PictureError, read
from tests.unit.picture_files import chunk, with_chunks, with_segments
from tests.unit.small_cifar import is_sentence
from tests.unit.small_pictures import coded, png_of, read_elsewhere, scene

pytestmark = pytest.mark.slow


def refused(data: bytes) -> str:
    with pytest.raises(PictureError) as error:
        read(data)
    assert is_sentence(str(error.value))
    return str(error.value)


def test_empty_file() -> None:
    assert refused(b"") == "The file is empty: choose another one."


@pytest.mark.parametrize(
    "data",
    [
        b"Dear diary, this is a text file that is named picture.png.\n" * 20,
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        bytes(1000),
        coded(scene(), "BMP"),
        coded(scene(), "TIFF"),
        coded(Image.fromarray(scene()), "EPS"),  # reading one would start Ghostscript
    ],
)
def test_no_picture_or_none_that_is_allowed(data: bytes) -> None:
    assert refused(data).startswith("This is not a PNG, JPEG, WebP or GIF file: choose one that is")


DAMAGED = "The picture is damaged or cut short: save or download it again, or choose another one."


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_cut_short(form: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    whole = coded(noise, form)
    assert refused(whole[: int(len(whole) * share)]) == DAMAGED


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x10\0\0\0WEBPVP8 "])
def test_nothing_but_a_beginning(data: bytes) -> None:
    """It is one of the four kinds, so nobody is told that it is not."""
    assert refused(data) == DAMAGED


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_whatever_the_bytes_nothing_but_a_picture_or_a_sentence_comes_back(form: str) -> None:
    random = np.random.default_rng(1)
    whole = np.frombuffer(coded(scene(), form), np.uint8)
    for _ in range(200):
        damaged = whole.copy()
        where = random.integers(0, min(len(whole), random.choice([40, len(whole)])), 4)
        damaged[where] = random.integers(0, 256, 4)
        said = ""
        try:
            read(damaged.tobytes())
        except PictureError as error:
            said = str(error)
        assert said == "" or is_sentence(said)


def test_too_many_bytes_are_refused_before_anything_looks_at_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("opened")

    data = coded(scene()) + bytes(60_000_000)
    monkeypatch.setattr(metadata, "split", never)
    assert refused(data) == "The file has more than 50 MB: choose a smaller one or save it smaller."


TOO_LARGE = "The picture has more than 65 million pixels: choose a smaller one or save it smaller."


def bomb(side: int) -> bytes:
    """A real picture of so many grey pixels a side: each row a filter byte and zeros, packed a thousandfold."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side + 1)) for _ in range(side)) + packer.flush()
    return png_of(struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0), rows)


def test_thirty_thousand_pixels_a_side_are_refused_in_little_memory() -> None:
    data = bomb(30_000)
    assert len(data) < 2_000_000  # no reason to refuse it
    said, grew = read_elsewhere(data)
    assert said == TOO_LARGE
    assert grew < 20e6  # where 900 MB would be


def webp_of(width: int, height: int) -> bytes:
    """An animation on a canvas of that size, of one frame of 16 x 16 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body

    def numbers(*values: int) -> bytes:
        return b"".join(value.to_bytes(3, "little") for value in values)

    frame = numbers(0, 0, 15, 15, 100) + b"\0" + coded(Image.new("RGB", (16, 16)), "WEBP")[12:]
    canvas = chunk(b"VP8X", b"\2\0\0\0" + numbers(width - 1, height - 1))
    body = b"WEBP" + canvas + chunk(b"ANIM", bytes(6)) + chunk(b"ANMF", frame)
    return chunk(b"RIFF", body)


# Between Pillow's warning (89 million pixels) and its error (179 million), and beyond that.
@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("side", [10_000, 14_000])
def test_too_large_in_every_format(form: str, side: int) -> None:
    """A JPEG in passes, too, of which all must be kept until the last one has come."""
    image = Image.new("L", (side, side))
    data = webp_of(side, side) if form == "WEBP" else coded(image, form, progressive=True)
    said, grew = read_elsewhere(data)
    assert said == TOO_LARGE
    assert grew < 30e6


def test_a_jpeg_in_parts_is_one_in_passes() -> None:
    """Where red, green and blue come one after the other; only the first is there, and it is refused before."""
    data = coded(Image.new("RGB", (10_000, 10_000)), "JPEG")
    at = data.index(b"\xff\xda")
    said, grew = read_elsewhere(data[:at] + b"\xff\xda\0\x08\1\1\0\0\x3f\0" + bytes(1000))
    assert said == TOO_LARGE
    assert grew < 30e6


def test_what_hides_the_passes_does_not_help() -> None:
    data = coded(Image.new("L", (10_000, 10_000)), "JPEG", progressive=True)
    said, _ = read_elsewhere(data[:20] + b"junk" + data[20:])
    assert said == TOO_LARGE


def test_a_jpeg_that_no_camera_makes() -> None:
    said, grew = read_elsewhere(coded(Image.new("L", (16_000, 16_000)), "JPEG"))
    assert said == TOO_LARGE.replace("65", "250")
    assert grew < 30e6


def test_the_largest_that_is_read_stays_within_bounds() -> None:
    said, grew = read_elsewhere(bomb(7_000))
    assert said == "(1024, 1024, 3)"
    assert grew < 100e6
    said, grew = read_elsewhere(coded(Image.new("RGBA", (7_000, 7_000)), compress_level=1))
    assert said == "(1024, 1024, 3)"
    assert grew < 500e6


@pytest.mark.parametrize(
    "data",
    [
        with_chunks(coded(scene()), *[chunk(b"teXt", b"")] * 1_000_000),
        with_chunks(coded(scene()), *[chunk(b"IDAT", b"")] * 1_000_000),
        with_segments(coded(scene(), "JPEG"), *[(0xFE, b"")] * 1_000_000),
        coded(scene(), "WEBP") + b"none" + bytes(8_000_000),
    ],
)
def test_a_file_in_a_million_pieces_takes_no_time(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before a decoder sees it, which would need half a minute."""
    decoded: list[object] = []
    monkeypatch.setattr(pictures, "FORMS", dict.fromkeys(pictures.FORMS, decoded.append))
    assert refused(data) == DAMAGED
    assert not decoded


def test_a_long_filling_is_one_step() -> None:
    data = coded(scene(), "JPEG")
    np.testing.assert_array_equal(read(data[:2] + b"\xff" * 1_000_000 + data[2:]).pixels, read(data).pixels)


def test_no_warning_leaks() -> None:
    data = coded(Image.new("1", (10_000, 9_500)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert refused(data) == TOO_LARGE
        assert read(coded(scene(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")).notes == ()
