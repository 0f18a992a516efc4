"""PNG files of 16 bits a value, of which instruments fill fewer, and of 1 to 4."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from core.data import sixteen
from core.data.pictures import read
from tests.unit.picture_files import (
    chunk,
    with_chunks,
)
from tests.unit.small_pictures import apart, png_of

pytestmark = pytest.mark.slow

ON_WHITE = "What is transparent was put on white."


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
