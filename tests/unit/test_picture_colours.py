"""Colour profiles and gamma: obeyed, said, and no reason to refuse a picture."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from core.data import colours
from core.data.pictures import read
from tests.unit.picture_files import (
    COLOURS,
    DRAWING,
    chunk,
    cmyk_profile,
    grey_profile,
    icc,
    palette,
    rgb_profile,
    with_chunks,
)
from tests.unit.small_pictures import apart, coded, scene

pytestmark = pytest.mark.slow


SWAPPED = rgb_profile("grb")  # of which a viewer that obeys it shows what is red as green
FORMS: list[tuple[str, dict[str, Any]]] = [("PNG", {}), ("JPEG", {"quality": 95}), ("WEBP", {"lossless": True})]


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


D65, SRGB = (0.3127, 0.329), ((0.64, 0.33), (0.3, 0.6), (0.15, 0.06))
P3 = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
P3_TO_SRGB = np.array(  # of light; CSS Color Module Level 4, section 17
    ((1.2249402, -0.2249402, 0), (-0.042057, 1.042057, 0), (-0.0196376, -0.078636, 1.0982736))
)


def primaries(white: tuple[float, float], colours: tuple[tuple[float, float], ...]) -> bytes:
    numbers = [round(100_000 * number) for pair in (white, *colours) for number in pair]
    return chunk(b"cHRM", struct.pack(">8I", *numbers))


def test_primaries() -> None:
    """Of a wider space; without a gamma the usual one holds."""
    data = with_chunks(coded(scene()), primaries(D65, P3))
    light = ((scene() / 255) ** 2.2) @ P3_TO_SRGB.T
    assert apart(data, 255 * light.clip(0, 1) ** (1 / 2.2)) <= 1
    assert read(data).notes == (colours.BY_PRIMARIES,)
    linear = chunk(b"gAMA", struct.pack(">I", 100_000))
    light = (scene() / 255) @ P3_TO_SRGB.T
    assert apart(with_chunks(data, linear), 255 * light.clip(0, 1) ** (1 / 2.2)) <= 1


def test_primaries_of_other_names_and_another_white() -> None:
    """Red that is called green is red; and white stays white, whatever it was called."""
    red, green, blue = SRGB
    assert apart(with_chunks(coded(scene()), primaries(D65, (green, red, blue))), scene()[:, :, [1, 0, 2]]) <= 1
    grey = scene()[:, :, [0, 0, 0]]
    assert apart(with_chunks(coded(grey), primaries((0.3457, 0.3585), P3)), grey) <= 1


@pytest.mark.parametrize(
    "chunks",
    [
        [primaries(D65, SRGB)],
        [primaries((0.3127, 0.3291), SRGB)],
        [primaries(D65, P3), chunk(b"sRGB", b"\0")],
        [primaries((0, 0), P3)],
        [primaries(D65, (D65, D65, D65))],
        [primaries(D65, ((0.3, 0), (0.3, 0), (0.3, 0)))],
        [chunk(b"cHRM", bytes(12))],
    ],
)
def test_primaries_that_say_nothing_new_or_nothing_at_all(chunks: list[bytes]) -> None:
    data = with_chunks(coded(scene()), *chunks)
    assert apart(data, scene()) == 0
    assert read(data).notes == ()


def test_a_profile_goes_before_primaries() -> None:
    data = with_chunks(coded(scene(), icc_profile=SWAPPED), primaries(D65, P3))
    assert np.array_equal(read(data).pixels, read(coded(scene(), icc_profile=SWAPPED)).pixels)
