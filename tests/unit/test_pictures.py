"""Pictures that people bring: every kind of file is read rightly, and squares are cut out of it without aliasing."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.data.pictures import Crop, Picture, box, read, square, to_png
from tests.unit.small_pictures import areas, coded, png_of, read_elsewhere, rms, scene, zone_plate


def apart(picture: Picture, expected: np.ndarray) -> float:
    """Largest difference of any value."""
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.shape == expected.shape
    return float(np.abs(picture.pixels.astype(float) - expected).max())


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


@pytest.mark.parametrize(("mode", "colour"), [("RGB", (0, 0, 0)), ("L", 0)])
def test_a_colour_that_stands_for_transparent(mode: str, colour: int | tuple[int, ...]) -> None:
    image = Image.new(mode, (40, 40), colour)
    image.paste("grey", (20, 0, 40, 40))
    picture = read(coded(image, transparency=colour))
    expected = np.full((40, 40, 3), 255)
    expected[:, 20:] = 128
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


# Squares --------------------------------------------------------------------------------------------------------------


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
