"""Colours of picture files as those of a screen, sRGB, which nets were trained on. No torch."""

from __future__ import annotations

import io
from contextlib import suppress

import numpy as np
from PIL import Image, ImageChops, ImageCms

from core.data.metadata import Metadata

SEEN = 2  # of 255: a difference that is no larger is rounding, and nobody sees it
SCREEN_GAMMA = 1 / 2.2
SCREEN = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)  # x and y of its white, red, green, blue: IEC 61966-2-1
BRADFORD = np.array(((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296)))  # XYZ to cones
ALIKE = 0.01  # of the light: primaries that differ by less are those of a screen, rounded
SPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}  # of a mode, as profiles call it
OF_PRINT = "Its colours for print (CMYK) were turned into those of a screen."
BY_PROFILE = "Its colours were turned into those of a screen, as its colour profile says."
BY_PRIMARIES = "Its colours were turned into those of a screen, as its primaries say."
BY_GAMMA = "Its brightness was turned into that of a screen, as its gamma says."


def of_screen(image: Image.Image, said: Metadata) -> tuple[Image.Image, str]:
    """L, RGB or CMYK -> RGB, and a note, empty where nothing changed that can be seen."""
    plain = image.convert("RGB")
    found, note = plain, ""
    if said.profile:
        found, note = _by_profile(image, said.profile) or plain, BY_PROFILE
    elif (matrix := _to_screen(said.primaries)) is not None:
        found, note = _by_primaries(plain, matrix, said.gamma or SCREEN_GAMMA), BY_PRIMARIES
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


def _to_screen(primaries: tuple[float, ...]) -> np.ndarray | None:
    """(3, 3): light of these primaries -> light of a screen's, white becoming white (Bradford's adaptation).

    None where there are none, where they are a screen's, or where no colours could be made of them.
    """
    if not primaries:
        return None
    with suppress(np.linalg.LinAlgError), np.errstate(divide="ignore", invalid="ignore"):
        source, screen = _to_xyz(primaries), _to_xyz(SCREEN)
        gains = (BRADFORD @ screen.sum(1)) / (BRADFORD @ source.sum(1))
        matrix = np.linalg.solve(screen, np.linalg.solve(BRADFORD, gains[:, None] * BRADFORD) @ source)
        if np.isfinite(matrix).all() and np.abs(matrix - np.eye(3)).max() > ALIKE:
            return matrix
    return None


def _to_xyz(primaries: tuple[float, ...]) -> np.ndarray:
    """(3, 3): light of red, green and blue -> CIE's XYZ, where all three together are white of Y = 1."""
    x, y = np.reshape(primaries, (4, 2)).T
    white, *colours = np.stack([x, y, 1 - x - y], 1) / y[:, None]
    matrix = np.transpose(colours)
    return matrix * np.linalg.solve(matrix, white)


def _by_primaries(image: Image.Image, matrix: np.ndarray, gamma: float) -> Image.Image:
    light = ((np.arange(256) / 255) ** (1 / gamma)).astype(np.float32)[np.asarray(image)]
    screen = (light @ matrix.T.astype(np.float32)).clip(0, 1) ** np.float32(SCREEN_GAMMA)
    return Image.fromarray((255 * screen).round().astype(np.uint8))
