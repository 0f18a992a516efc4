"""Colours of picture files as those of a screen, sRGB, which nets were trained on. No torch."""

from __future__ import annotations

import io
from contextlib import suppress

import numpy as np
from PIL import Image, ImageChops, ImageCms

from core.data.metadata import Metadata

SEEN = 2  # of 255: a difference that is no larger is rounding, and nobody sees it
SCREEN_GAMMA = 1 / 2.2
SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}  # of a mode, as profiles call it
OF_PRINT = "Its colours for print (CMYK) were turned into those of a screen."
BY_PROFILE = "Its colours were turned into those of a screen, as its colour profile says."
BY_GAMMA = "Its brightness was turned into that of a screen, as its gamma says."


def of_screen(image: Image.Image, said: Metadata) -> tuple[Image.Image, str]:
    """L, RGB or CMYK -> RGB, and a note, empty where nothing changed that can be seen."""
    plain = image.convert("RGB")
    found, note = plain, ""
    if said.profile:
        found, note = _by_profile(image, said.profile) or plain, BY_PROFILE
    elif said.gamma:
        found, note = _by_gamma(plain, said.gamma), BY_GAMMA
    if np.asarray(ImageChops.difference(found, plain)).max() > SEEN:
        return found, note
    return plain, OF_PRINT if image.mode == "CMYK" else ""


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """None where the profile is broken or of other colours than the picture."""
    with suppress(Exception):  # whatever is wrong with a profile is no reason to refuse the picture
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() == SPACES[image.mode]:
            return _shades(image, source) if image.mode == "L" else _transformed(image, source)
    return None


def _shades(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    """Each of the 256 greys by itself: LittleCMS's shortcut is up to ten off in dark ones."""
    ramp = Image.frombytes("L", (256, 1), bytes(range(256)))
    shades = np.asarray(_transformed(ramp, source, ImageCms.Flags.NOOPTIMIZE))[0]
    return Image.fromarray(shades[np.asarray(image)])


def _transformed(
    image: Image.Image, source: ImageCms.ImageCmsProfile, flags: ImageCms.Flags = ImageCms.Flags.NONE
) -> Image.Image:
    transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), image.mode, "RGB", flags=flags)
    return transform.apply(image)


def _by_gamma(image: Image.Image, gamma: float) -> Image.Image:
    """``gamma``: the exponent that made the values in the file of light."""
    exponent = SCREEN_GAMMA / gamma
    return image.point([round(255 * (value / 255) ** exponent) for value in range(256)] * 3)
