"""A small data set in either official layout, with checksums of its own, for tests of reading and fetching."""

import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.data.official import BINARY, PIXELS, PYTHON, Layout

IMAGES = 30  # in each of the six files


def contents(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Noise for pictures (180, 3, 32, 32), and their labels, each class among them."""
    random = np.random.default_rng(seed)
    count = 6 * IMAGES
    return random.integers(0, 256, (count, 3, 32, 32), dtype=np.uint8), random.permutation(count).astype(np.uint8) % 10


def write(folder: Path, official: Layout, seed: int = 0) -> Layout:
    """Write the six files into ``folder`` and describe them as a layout."""
    folder.mkdir(parents=True, exist_ok=True)
    images, labels = contents(seed)
    files = {}
    for index, name in enumerate(official.files):
        rows = slice(index * IMAGES, (index + 1) * IMAGES)
        data = ENCODERS[official.folder](images[rows].reshape(-1, PIXELS), labels[rows])
        (folder / name).write_bytes(data)
        files[name] = (len(data), hashlib.new(official.algorithm, data).hexdigest())
    return replace(official, files=files, images=IMAGES, test_images=IMAGES)


def binary(images: np.ndarray, labels: np.ndarray) -> bytes:
    """As the official binary files: label byte, then pixels, for each image."""
    return b"".join(bytes([label]) + image.tobytes() for image, label in zip(images, labels, strict=True))


def python2_pickle(images: np.ndarray, labels: np.ndarray) -> bytes:
    """As Python 2's cPickle wrote the official files with protocol 2, instruction by instruction."""

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value

    array = (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x06cnumpy\nndarray\nq\x07K\x00\x85U\x01b\x87Rq\x08(K\x01"
        + b"".join(b"M" + struct.pack("<H", side) for side in images.shape)
        + b"\x86cnumpy\ndtype\nq\x09U\x02u1K\x00K\x01\x87Rq\x0a(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        + b"\x89T"
        + struct.pack("<i", images.size)
        + images.tobytes()
        + b"tb"
    )
    numbers = b"".join(b"K" + bytes([label]) for label in labels)
    names = b"".join(text(b"labels_s_%06d.png" % index) for index in range(len(labels)))
    return (
        b"\x80\x02}q\x01("
        + (text(b"batch_label") + b"q\x02" + text(b"training batch 1 of 5") + b"q\x03")
        + (text(b"labels") + b"q\x04]q\x05(" + numbers + b"e")
        + (text(b"data") + array)
        + (text(b"filenames") + b"]q\x0b(" + names + b"e")
        + b"u."
    )


ENCODERS = {BINARY.folder: binary, PYTHON.folder: python2_pickle}


def is_sentence(message: str) -> bool:
    """What a user is told: one line, one sentence, from capital or quoted name to full stop."""
    return "\n" not in message and message.endswith(".") and (message[0].isupper() or message[0] == '"')
