"""The bundled sample's own format: one lossless PNG sheet per class and split, which anybody can look at.

A sheet shows the first images of one class, in the official order, row by row; its file name is their label.
"""

from __future__ import annotations

import io
import zlib

import numpy as np
from PIL import Image

from core.vocabulary.datasets import DATASETS, USUAL

COUNTS = {"train": 500, "test": 100}  # images of each class
SIDE = DATASETS[USUAL].size  # pixels
COLUMNS = 25  # images in a row of a sheet
SUMS = "SHA256SUMS"  # the sheets' checksums, as `sha256sum -c` reads them


def sheet_name(split: str, class_name: str) -> str:
    """``train_airplane.png``: the only place where a sheet's labels are written."""
    return f"{split}_{class_name}.png"


def encode(images: np.ndarray) -> bytes:
    """uint8 images (n, 3, 32, 32), n a multiple of COLUMNS -> PNG bytes, the same on every machine."""
    rows = images.reshape(-1, COLUMNS, 3, SIDE, SIDE)
    pixels = rows.transpose(0, 3, 1, 4, 2).reshape(len(rows) * SIDE, COLUMNS * SIDE, 3)
    file = io.BytesIO()
    # Run lengths only, no search for matches: costs 1 % of size, and unlike the default strategy zlib and zlib-ng
    # write the same bytes, whatever the processor (zlib-ng's match search depends on its instructions).
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG", compress_level=9, compress_type=zlib.Z_RLE)
    return file.getvalue()


def decode(png: bytes) -> np.ndarray:
    """What :func:`encode` was given: uint8 (n, 3, 32, 32)."""
    pixels = np.asarray(Image.open(io.BytesIO(png), formats=["PNG"]))
    rows = pixels.reshape(-1, SIDE, COLUMNS, SIDE, 3)
    return np.ascontiguousarray(rows.transpose(0, 2, 4, 1, 3)).reshape(-1, 3, SIDE, SIDE)
