"""Pictures that people bring: every kind of file is read rightly or refused in one sentence, in bounded memory."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import warnings
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image
from small_cifar import is_sentence

from core.data.pictures import Crop, Picture, PictureError, box, read, square, to_png
from core.engine.home import ROOT


def scene(height: int = 60, width: int = 80) -> np.ndarray:
    """Smooth, and different in each corner and each channel; uint8 (H, W, 3)."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return np.stack([40 + 180 * x, 30 + 200 * y, 200 - 150 * x * y], 2).round().astype(np.uint8)


def coded(image: Image.Image | np.ndarray, form: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, form, **options)
    return buffer.getvalue()


def apart(picture: Picture, expected: np.ndarray) -> float:
    """Largest difference of any value."""
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.shape == expected.shape
    return float(np.abs(picture.pixels.astype(float) - expected).max())


def refused(data: bytes) -> str:
    with pytest.raises(PictureError) as error:
        read(data)
    assert is_sentence(str(error.value))
    return str(error.value)


# What can be read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "options", "loss"),
    [("PNG", {}, 0), ("WEBP", {"lossless": True}, 0), ("JPEG", {"quality": 95}, 6), ("GIF", {}, 40)],
)
def test_each_format(form: str, options: dict[str, Any], loss: float) -> None:
    picture = read(coded(scene(), form, **options))
    assert apart(picture, scene()) <= loss
    assert picture.notes == ()


def test_greyscale_and_black_and_white_become_three_equal_channels() -> None:
    grey = scene()[:, :, 0]
    assert apart(read(coded(grey)), np.repeat(grey[:, :, None], 3, 2)) == 0
    sharp = Image.fromarray(grey > 128)
    assert apart(read(coded(sharp)), np.repeat(np.asarray(sharp)[:, :, None] * 255.0, 3, 2)) == 0


def test_16_bit_greyscale_keeps_its_range() -> None:
    wide = np.linspace(0, 65535, 80).round().astype(np.uint16)[None].repeat(60, 0)
    picture = read(coded(wide))
    assert apart(picture, np.repeat(wide[:, :, None] / 257.0, 3, 2)) <= 1
    assert picture.pixels.max() == 255


def test_16_bit_colour_keeps_its_range() -> None:
    """Pillow cannot write one, so this does: filter byte 0, then big-endian triples, for each row."""
    wide = scene().astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in wide)
    height, width = wide.shape[:2]
    data = png_of(struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0), zlib.compress(rows))
    assert apart(read(data), scene()) == 0


def test_cmyk_is_turned_into_rgb() -> None:
    picture = read(coded(Image.fromarray(scene()).convert("CMYK"), "JPEG", quality=95))
    assert apart(picture, scene()) <= 6
    assert picture.notes == ("Its colours for print (CMYK) were turned into those of a screen.",)


ON_WHITE = ("What is transparent was put on white.",)


def test_transparency_is_put_on_white() -> None:
    alpha = np.linspace(0, 255, 80).round()[None].repeat(60, 0)
    rgba = np.dstack([scene(), alpha.astype(np.uint8)])
    share = alpha[:, :, None] / 255
    picture = read(coded(rgba))
    assert apart(picture, share * scene() + (1 - share) * 255) <= 1
    assert picture.notes == ON_WHITE
    grey = read(coded(Image.fromarray(rgba[:, :, [0, 3]], "LA")))
    assert apart(grey, np.repeat(share * scene()[:, :, :1] + (1 - share) * 255, 3, 2)) <= 1
    assert grey.notes == ON_WHITE


def test_an_alpha_channel_that_hides_nothing_is_not_mentioned() -> None:
    picture = read(coded(np.dstack([scene(), np.full((60, 80), 255, np.uint8)])))
    assert apart(picture, scene()) == 0
    assert picture.notes == ()


def test_what_is_hidden_does_not_bleed_into_what_is_seen() -> None:
    """A black picture under full transparency is white, also where it is shrunk beside an opaque part."""
    rgba = np.zeros((2048, 2048, 4), np.uint8)
    rgba[:, 1024:] = 255
    assert apart(read(coded(rgba)), np.full((1024, 1024, 3), 255)) == 0


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_palette_with_a_transparent_colour(form: str) -> None:
    numbers = np.zeros((40, 40), np.uint8)
    numbers[:, 20:] = 1
    image = Image.fromarray(numbers, "P")
    image.putpalette([0, 0, 0, 200, 30, 10])
    picture = read(coded(image, form, transparency=0))
    expected = np.full((40, 40, 3), 255)
    expected[:, 20:] = (200, 30, 10)
    assert apart(picture, expected) == 0
    assert picture.notes == ON_WHITE


def test_a_palette_is_averaged_by_colour_and_not_by_number() -> None:
    numbers = np.indices((2048, 2048)).sum(0).astype(np.uint8) % 2 * 255  # a chessboard of the colours 0 and 255
    image = Image.fromarray(numbers, "P")
    image.putpalette([255, 0, 0] + [9] * 762 + [0, 0, 255])
    assert np.abs(read(coded(image)).pixels.astype(int) - (128, 0, 128)).max() <= 4  # at its edges


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_turned_upright(orientation: int, form: str) -> None:
    """What the camera's sensor saw, for each way to hold it; numpy turns the other way round."""
    sensor = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: np.rot90(a, 2),
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),  # the camera was turned, so its picture must be turned by 90 degrees clockwise
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation](scene())
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read(coded(np.ascontiguousarray(sensor), form, exif=exif.tobytes(), quality=95))
    assert apart(picture, scene()) <= 8
    assert picture.notes == (("Turned upright, as its camera noted.",) if orientation > 1 else ())


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\2"]
)
def test_damaged_exif_is_no_reason_to_refuse(exif: bytes) -> None:
    assert apart(read(coded(scene(), "JPEG", quality=95, exif=exif)), scene()) <= 6


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_picture(form: str) -> None:
    frames = [Image.new("RGB", (50, 40), colour) for colour in ("red", "lime", "blue")]
    picture = read(coded(frames[0], form, save_all=True, append_images=frames[1:], lossless=True))
    assert apart(picture, np.full((40, 50, 3), (255, 0, 0))) <= 1
    assert picture.notes == ("The first picture of an animation.",)


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((1, 1), (1, 1)),
        ((1024, 700), (1024, 700)),
        ((3000, 2000), (1024, 683)),
        ((1, 5000), (1, 4096)),  # a hair: as long as a thin picture may be
        ((5000, 1), (4096, 1)),
        ((4000, 500), (2048, 256)),  # a panorama keeps what nets see of it
        ((32, 32), (32, 32)),
    ],
)
def test_large_pictures_are_shrunk(size: tuple[int, int], kept: tuple[int, int]) -> None:
    width, height = kept
    assert read(coded(Image.new("RGB", size, "teal"))).pixels.shape == (height, width, 3)


def test_thin_and_tiny_pictures_become_squares() -> None:
    for size in ((1, 5000), (5000, 1), (1, 1)):
        picture = read(coded(Image.new("RGB", size, "teal")))
        assert (square(picture.pixels, Crop(), 32) == (0, 128, 128)).all()


def test_shrinking_averages() -> None:
    plate = zone_plate(2048)
    found = read(coded(plate, compress_level=1)).pixels.astype(float)
    assert rms(found - areas(plate, 1024)) < 20
    assert rms(plate[::2, ::2] - areas(plate, 1024)) > 40  # so the bound above can fail


def test_a_large_jpeg_is_not_decoded_at_its_size() -> None:
    """48 million pixels, as a telephone's camera makes them, are read without the 144 MB that they are."""
    data = coded(Image.fromarray(scene(600, 800)).resize((8000, 6000)), "JPEG")
    shape, grew = read_elsewhere(data)
    assert shape == "(768, 1024, 3)"
    assert grew < 60e6


# What cannot be read --------------------------------------------------------------------------------------------------


def test_empty_file() -> None:
    assert refused(b"") == "The file is empty: choose another one."


@pytest.mark.parametrize(
    "data",
    [
        b"Dear diary, this is a text file that is named picture.png.\n" * 20,
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"GIF89a",
        b"RIFF\x10\0\0\0WEBPVP8 ",
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


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_cut_short(form: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    whole = coded(noise, form)
    message = refused(whole[: int(len(whole) * share)])
    if form == "WEBP":  # whose header counts the bytes
        assert message.startswith("This is not")
    else:
        assert message.startswith("The picture is damaged or cut short: save or download it again")


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
    monkeypatch.setattr(Image, "open", never)
    assert refused(data) == "The file has more than 20 MB: choose a smaller one or save it smaller."


TOO_LARGE = "The picture has more than 50 million pixels: choose a smaller one or save it smaller."


def png_of(header: bytes, pixels: bytes) -> bytes:
    chunks = [(b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def bomb(side: int) -> bytes:
    """A real picture of so many grey pixels a side: each row a filter byte and zeros, packed a thousandfold."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side + 1)) for _ in range(side)) + packer.flush()
    return png_of(struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0), rows)


READER = """
import sys
from pathlib import Path
from core.data.pictures import PictureError, read

def peak():  # bytes that were ever held at once
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024

data = sys.stdin.buffer.read()
before = peak()
try:
    said = str(read(data).pixels.shape)
except PictureError as error:
    said = str(error)
print(said)
print(peak() - before)
"""


def read_elsewhere(data: bytes) -> tuple[str, int]:
    """In a fresh process: the shape or the refusal, and by how many bytes its memory grew at most."""
    result = subprocess.run([sys.executable, "-c", READER], cwd=ROOT, input=data, capture_output=True, check=True)
    assert result.stderr == b""  # no warning either
    said, grew = result.stdout.decode().splitlines()
    return said, int(grew)


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
    data = webp_of(side, side) if form == "WEBP" else coded(Image.new("L", (side, side)), form)
    said, grew = read_elsewhere(data)
    assert said == TOO_LARGE
    assert grew < 30e6


def test_the_largest_that_is_read_stays_within_bounds() -> None:
    said, grew = read_elsewhere(bomb(7_000))
    assert said == "(1024, 1024, 3)"
    assert grew < 300e6


def test_no_warning_leaks() -> None:
    data = coded(Image.new("1", (10_000, 9_500)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert refused(data) == TOO_LARGE
        assert read(coded(scene(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")).notes == ()


# Squares --------------------------------------------------------------------------------------------------------------


def zone_plate(side: int) -> np.ndarray:
    """Rings that get finer outwards, up to one pixel: what is passed over when shrinking shows as rings of its own."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    rings = 127.5 + 127.5 * np.cos(np.pi * side / 4 * (x**2 + y**2))
    return np.repeat(rings[:, :, None], 3, 2).round().astype(np.uint8)


def rms(values: np.ndarray) -> float:
    return float(np.sqrt((values**2).mean()))


def areas(pixels: np.ndarray, size: int) -> np.ndarray:
    """Each value the average of its own area of (S k, S k, 3)."""
    k = len(pixels) // size
    return pixels.reshape(size, k, size, k, 3).mean((1, 3))


@pytest.mark.parametrize("size", [32, 64])
def test_shrinking_to_a_square_passes_no_pixel_over(size: int) -> None:
    plate = zone_plate(512)
    expected = areas(plate, size)
    found = square(plate, Crop(), size).astype(float)
    passed_over = plate[:: 512 // size, :: 512 // size].astype(float)
    assert rms(found - expected) < 12
    assert rms(passed_over - expected) > 60


def test_a_fine_chessboard_becomes_grey() -> None:
    board = (np.indices((1024, 1024)).sum(0) % 2 * 255).astype(np.uint8)
    found = square(np.repeat(board[:, :, None], 3, 2), Crop(), 32)
    assert np.abs(found.astype(float) - 127.5).max() <= 2


def test_a_smooth_picture_shrinks_to_its_areas() -> None:
    pixels = scene(640, 640)
    for size in (32, 160):
        assert np.abs(square(pixels, Crop(), size) - areas(pixels, size)).max() < 2


def test_a_picture_of_the_nets_own_size_is_left_as_it_is() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    np.testing.assert_array_equal(square(noise, Crop(), 32), noise)


def test_the_square_is_where_the_crop_says() -> None:
    pixels = scene(60, 100)
    assert box(pixels, Crop()) == (20, 0, 60)
    assert box(pixels, Crop(x=0, y=1, size=0.5)) == (0, 30, 30)
    assert box(pixels, Crop(x=1, y=0, size=0.5)) == (70, 0, 30)
    np.testing.assert_array_equal(square(pixels, Crop(x=1, y=0, size=0.5), 30), pixels[:30, 70:])


def test_a_crop_from_a_link_is_kept_inside() -> None:
    pixels = scene(60, 100)
    for crop in (Crop(-3, 9, 2), Crop(float("inf"), float("-inf"), 0), Crop(float("nan"), float("nan"), float("nan"))):
        left, top, side = box(pixels, crop)
        assert side >= 1
        assert 0 <= left <= left + side <= 100
        assert 0 <= top <= top + side <= 60
        assert square(pixels, crop, 32).shape == (32, 32, 3)


@pytest.mark.parametrize("channels", [3, 4])
def test_png_round_trip(channels: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (9, 7, channels), dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(to_png(noise)))), noise)
