"""All that is not pixels: orientation in every mode and format, texts, further pictures, profiles, bits of a value."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from picture_files import (
    as_sensor_saw,
    chunk,
    cmyk_profile,
    exif_of,
    grey_profile,
    icc,
    rgb_profile,
    with_chunks,
    with_segments,
    xmp_of,
)
from PIL import Image, ImageCms, ImageOps
from small_pictures import coded, png_of, read_elsewhere, scene

from core.data import colours, sixteen
from core.data.pictures import read

pytestmark = pytest.mark.slow

TURNED = "Turned upright, as its camera noted."
ON_WHITE = "What is transparent was put on white."


def apart(data: bytes, expected: np.ndarray) -> float:
    """Largest difference of any value."""
    pixels = read(data).pixels
    assert pixels.dtype == np.uint8
    assert pixels.shape == expected.shape
    return float(np.abs(pixels.astype(float) - expected).max())


# Modes × formats × orientations ---------------------------------------------------------------------------------------

DRAWING = np.zeros((24, 40), np.uint8)  # numbers of four colours, different in each corner
DRAWING[:8, :16], DRAWING[:8, 16:], DRAWING[8:, 32:] = 1, 2, 3
COLOURS = np.array([(250, 240, 10), (20, 200, 40), (0, 0, 0), (30, 60, 220)], np.uint8)
GREYS = np.array([255, 170, 0, 85], np.uint8)
ALPHA = np.array([255, 128, 0, 64], np.uint8)


def on_white(values: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """What four colours (4, C) with four alphas look like, (4, 3)."""
    share = alpha[:, None] / 255
    return np.broadcast_to(share * values.reshape(4, -1) + (1 - share) * 255, (4, 3))


def palette(numbers: np.ndarray) -> Image.Image:
    image = Image.fromarray(numbers, "P")
    image.putpalette(COLOURS.tobytes())
    return image


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


# What is no picture is passed over ------------------------------------------------------------------------------------

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
    assert Image.open(io.BytesIO(data)).is_animated  # so Pillow calls it
    assert apart(data, scene()) <= 6
    assert read(data).notes == ()


def test_an_animation_of_which_only_the_first_picture_is_whole() -> None:
    frames = [Image.fromarray(scene()), Image.effect_noise((80, 60), 90).convert("RGB")]
    data = coded(frames[0], save_all=True, append_images=frames[1:])
    data = data[: data.index(b"fdAT") + 500]
    assert apart(data, scene()) == 0
    assert read(data).notes == ("The first picture of an animation.",)


# Colour profiles ------------------------------------------------------------------------------------------------------

SWAPPED = rgb_profile("grb")  # of which a viewer that obeys it shows what is red as green
FORMS = [("PNG", {}), ("JPEG", {"quality": 95}), ("WEBP", {"lossless": True})]


@pytest.mark.parametrize(("form", "options"), FORMS)
def test_a_profile_is_obeyed(form: str, options: dict[str, Any]) -> None:
    data = coded(scene(), form, icc_profile=SWAPPED, **options)
    assert apart(data, scene()[:, :, [1, 0, 2]]) < 20  # its curve is 2.2, not sRGB's
    assert read(data).notes == (colours.BY_PROFILE,)


def test_a_profile_of_every_mode_that_has_one() -> None:
    rgba = np.dstack([scene(), np.full((60, 80), 255, np.uint8)])
    expected = read(coded(scene(), icc_profile=SWAPPED)).pixels
    assert apart(coded(rgba, icc_profile=SWAPPED), expected) == 0
    assert apart(coded(palette(DRAWING), icc_profile=SWAPPED), COLOURS[DRAWING][:, :, [1, 0, 2]]) < 20
    grey = np.arange(256, dtype=np.uint8)[None].repeat(4, 0)
    light = np.arange(256) / 255  # what a profile of gamma 1 says of it; as a screen has it (IEC 61966-2-1):
    screen = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    expected = np.broadcast_to(screen[None, :, None], (4, 256, 3))
    assert apart(coded(grey, icc_profile=grey_profile(1.0)), expected) <= 2
    with_alpha = np.dstack([grey, np.full_like(grey, 255)])
    assert apart(coded(with_alpha, icc_profile=grey_profile(1.0)), expected) <= 2


RED = (136, 208, 195)


def test_colours_of_print_by_their_profile() -> None:
    """Of which any ink is a bright red, Lab (53, 80, 67); without it cyan would be cyan."""
    profile = cmyk_profile(RED)
    ink = Image.new("CMYK", (40, 30), (255, 0, 0, 0))
    paper = Image.new("CMYK", (40, 30), (0, 0, 0, 0))
    assert apart(coded(ink, "JPEG"), np.full((30, 40, 3), (0, 255, 255))) <= 6
    assert apart(coded(ink, "JPEG", icc_profile=profile), np.full((30, 40, 3), (255, 0, 0))) <= 12
    assert apart(coded(paper, "JPEG", icc_profile=profile), np.full((30, 40, 3), 255)) <= 6
    assert read(coded(ink, "JPEG", icc_profile=profile)).notes == (colours.BY_PROFILE,)


def test_a_large_profile_in_parts() -> None:
    whole = rgb_profile("grb", padding=300_000)
    data = coded(scene(), "JPEG", quality=95, icc_profile=whole)
    assert data.count(b"ICC_PROFILE") > 4
    assert apart(data, scene()[:, :, [1, 0, 2]]) < 20
    assert apart(coded(scene(), icc_profile=rgb_profile("grb", padding=3_000_000)), scene()[:, :, [1, 0, 2]]) < 20


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile",
        SWAPPED[:200],
        b"\xff" * 5000,
        grey_profile(1.0),  # of other colours than the picture
        cmyk_profile(RED),
        icc(b"RGB ", b"XYZ ", {}),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(),
    ],
)
@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_profile_that_is_broken_or_does_not_fit(profile: bytes, form: str) -> None:
    options = dict(FORMS)[form]
    data = coded(scene(), form, icc_profile=profile, **options)
    assert np.array_equal(read(data).pixels, read(coded(scene(), form, **options)).pixels)
    assert read(data).notes == ()


def test_a_profile_that_changes_nothing_is_not_mentioned() -> None:
    data = coded(scene(), icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    assert apart(data, scene()) == 0
    assert read(data).notes == ()


def test_gamma() -> None:
    """Values that are proportional to light are brighter on a screen; a profile goes before, and sRGB says it all."""
    data = coded(scene())
    linear = chunk(b"gAMA", struct.pack(">I", 100_000))
    assert apart(with_chunks(data, linear), 255 * (scene() / 255) ** (1 / 2.2)) <= 1
    assert read(with_chunks(data, linear)).notes == (colours.BY_GAMMA,)
    usual = with_chunks(data, chunk(b"gAMA", struct.pack(">I", 45_455)))
    for other in (usual, with_chunks(data, linear, chunk(b"sRGB", b"\0"))):
        assert apart(other, scene()) == 0
        assert read(other).notes == ()


# 16 bits --------------------------------------------------------------------------------------------------------------

TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # of a PNG, by the number of channels


def png_of_16_bits(values: np.ndarray, *chunks: bytes) -> bytes:
    """Values (H, W, channels): filter byte 0, then big-endian values, for each row."""
    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", width, height, 16, TYPES[channels], 0, 0, 0)
    return with_chunks(png_of(head, zlib.compress(rows)), *chunks)


def wide(channels: int, bits: int) -> np.ndarray:
    """Values of so many bits: smooth colours that reach from 0 to the largest, and alpha, which fills its 16."""
    x = np.linspace(0, 1, 80)[None].repeat(60, 0)
    scale = 2**bits - 1
    grey, rgb = np.dstack([x]), np.dstack([x, x[:, ::-1], x**2])
    opaque = np.full((60, 80, 1), 65535.0)
    made = {1: [grey * scale], 2: [grey * scale, opaque], 3: [rgb * scale], 4: [rgb * scale, opaque]}
    return np.concatenate(made[channels], 2).round().astype(np.uint16)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_bits_that_are_not_filled(channels: int, bits: int) -> None:
    """As bright as meant, and said; 16 bits that are filled are nothing to speak of."""
    values = wide(channels, bits)
    expected = values[:, :, : 1 if channels < 3 else 3] / (2**bits - 1) * 255
    data = png_of_16_bits(values)
    assert apart(data, np.broadcast_to(expected, (60, 80, 3))) <= 1
    assert read(data).notes == ((sixteen.NOTE.format(bits),) if bits < 16 else ())


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_black_stays_black_and_half_transparent_half_transparent(channels: int) -> None:
    values = np.zeros((6, 8, channels), np.uint16)
    has_alpha = channels in (2, 4)
    if has_alpha:
        values[:, :, -1] = 0x8000
    data = png_of_16_bits(values)
    assert apart(data, np.full((6, 8, 3), 127 if has_alpha else 0)) <= 1
    assert read(data).notes == ((ON_WHITE,) if has_alpha else ())


@pytest.mark.parametrize("channels", [1, 3])
def test_a_key_of_16_bits(channels: int) -> None:
    """The very value is transparent, not its neighbours with the same upper byte."""
    values = np.full((6, 8, channels), 0xC001, np.uint16)
    values[:, 4:] = 0xC000
    values[0, 0] = 0xFFFF
    data = png_of_16_bits(values, chunk(b"tRNS", struct.pack(">H", 0xC000) * channels))
    expected = np.full((6, 8, 3), 255)
    expected[:, :4] = 0xC0
    expected[0, 0] = 255
    assert apart(data, expected) == 0
    assert read(data).notes == (ON_WHITE,)


@pytest.mark.parametrize(("depth", "key"), [(1, 1), (2, 1), (4, 5), (8, 85)])
def test_a_key_of_few_bits(depth: int, key: int) -> None:
    """Greys of so few bits are spread from 0 to 255; so is the one that stands for transparent."""
    rows = (b"\0" + (b"\xff" if depth == 1 else b"\x55") * depth + b"\0" * depth) * 8
    head = struct.pack(">IIBBBBB", 16, 8, depth, 0, 0, 0, 0)
    data = png_of(head, zlib.compress(rows))
    expected = np.zeros((8, 16, 3))
    expected[:, :8] = 255 if depth == 1 else 85
    assert apart(data, expected) == 0
    expected[:, :8] = 255
    assert apart(with_chunks(data, chunk(b"tRNS", struct.pack(">H", key))), expected) == 0


# Limits ---------------------------------------------------------------------------------------------------------------


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
