"""Pictures and picture files for tests, and a process of its own to read them in."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from typing import Any

import numpy as np
from PIL import Image

from core.data.pictures import read
from core.store.home import ROOT


def scene(height: int = 60, width: int = 80) -> np.ndarray:
    """Smooth, and different in each corner and each channel; uint8 (H, W, 3)."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return np.stack([40 + 180 * x, 30 + 200 * y, 200 - 150 * x * y], 2).round().astype(np.uint8)


def coded(image: Image.Image | np.ndarray, form: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, form, **options)
    return buffer.getvalue()


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


def apart(data: bytes, expected: np.ndarray) -> float:
    """Largest difference of any value."""
    pixels = read(data).pixels
    assert pixels.dtype == np.uint8
    assert pixels.shape == expected.shape
    return float(np.abs(pixels.astype(float) - expected).max())


def png_of(header: bytes, pixels: bytes) -> bytes:
    chunks = [(b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


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
