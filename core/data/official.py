"""The official forms of the data sets: which files they are made of, their checksums, and how to read one.

Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, and the archives published with it.
"""

from __future__ import annotations

import math
import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.vocabulary.datasets import CIFAR100_GROUPS, DATASETS

_GROUPS = {name: index for index, group in enumerate(CIFAR100_GROUPS.values()) for name in group}
GROUP_OF = np.array([_GROUPS[name] for name in DATASETS["cifar100"].classes], np.uint8)  # by fine label, the coarse one
PIXELS = math.prod(DATASETS["cifar10"].shape)  # bytes of one image: planes R, G, B


@dataclass(frozen=True)
class Layout:
    """One official form of a data set."""

    dataset: str  # its name in the vocabulary
    folder: str  # its name in the official archive
    algorithm: str  # of the checksums
    # name -> bytes and checksum, None where they are not known; training files in order, the test file last
    files: Mapping[str, tuple[int | None, str | None]]
    # a file -> uint8 images (n, 3072), labels (n,); ValueError where it sees that the file is not the official one
    parse: Callable[[bytes], tuple[np.ndarray, np.ndarray]]
    images: int = 10_000  # in each training file
    test_images: int = 10_000


def parse_binary(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """One label byte and 3,072 pixel bytes an image -> uint8 images (n, 3072), labels (n,)."""
    rows = np.frombuffer(data, np.uint8).reshape(-1, 1 + PIXELS)
    return rows[:, 1:], rows[:, 0]


def parse_binary_hundred(data: bytes, coarse: bool) -> tuple[np.ndarray, np.ndarray]:
    """A coarse and a fine label byte and 3,072 pixel bytes an image -> uint8 images (n, 3072), labels (n,).

    Nobody publishes checksums of these files. So their labels are looked at: each class has equally many images, and
    each image's two labels belong together. What damaged pixels alone goes unseen. Raises ValueError.
    """
    rows = np.frombuffer(data, np.uint8).reshape(-1, 2 + PIXELS)
    group, fine = rows[:, 0], rows[:, 1]
    count = len(GROUP_OF)
    if fine.max() >= count or (group != GROUP_OF[fine]).any() or np.ptp(np.bincount(fine, minlength=count)):
        raise ValueError("its labels are not the official ones")
    return rows[:, 2:], group if coarse else fine


def parse_python(data: bytes, key: str = "labels") -> tuple[np.ndarray, np.ndarray]:
    """A pickled dict with labels and "data" (Python 2, protocol 2) -> uint8 images (n, 3072), labels (n,).

    A pickle is a program, and this project runs none. The files are known to the last bit, so it is enough to list
    the program's instructions: the labels are the small integers that follow the string ``key``, the pixels are the
    one long string.
    """
    labels: list[int] = []
    pixels = last = ""
    for opcode, value, _ in pickletools.genops(data):
        if isinstance(value, str):
            last = value
            pixels = max(pixels, value, key=len)
        elif isinstance(value, int) and opcode.name == "BININT1" and last == key:
            labels.append(value)
    return np.frombuffer(pixels.encode("latin-1"), np.uint8).reshape(-1, PIXELS), np.array(labels, np.uint8)


_BINARY_BYTES = 30_730_000

BINARY = Layout(
    dataset="cifar10",
    folder="cifar-10-batches-bin",
    algorithm="sha256",
    files={
        "data_batch_1.bin": (_BINARY_BYTES, "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
        "data_batch_2.bin": (_BINARY_BYTES, "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
        "data_batch_3.bin": (_BINARY_BYTES, "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
        "data_batch_4.bin": (_BINARY_BYTES, "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
        "data_batch_5.bin": (_BINARY_BYTES, "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
        "test_batch.bin": (_BINARY_BYTES, "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
    },
    parse=parse_binary,
)

PYTHON = Layout(
    dataset="cifar10",
    folder="cifar-10-batches-py",
    algorithm="md5",
    files={
        "data_batch_1": (31_035_704, "c99cafc152244af753f735de768cd75f"),
        "data_batch_2": (31_035_320, "d4bba439e000b95fd0a9bffe97cbabec"),
        "data_batch_3": (31_035_999, "54ebc095f3ab1f0389bbae665268c751"),
        "data_batch_4": (31_035_696, "634d18415352ddfa80567beed471001a"),
        "data_batch_5": (31_035_623, "482c414d41f54cd18b22e5b47cb7c3cb"),
        "test_batch": (31_035_526, "40351d587109b95175f43aff81a1287e"),
    },
    parse=parse_python,
)


def _hundred(dataset: str, coarse: bool) -> list[Layout]:
    """Both forms of CIFAR-100, read for its fine or its coarse labels."""
    return [
        Layout(
            dataset=dataset,
            folder="cifar-100-binary",
            algorithm="sha256",
            files={"train.bin": (50_000 * (2 + PIXELS), None), "test.bin": (10_000 * (2 + PIXELS), None)},
            parse=partial(parse_binary_hundred, coarse=coarse),
            images=50_000,
        ),
        Layout(
            dataset=dataset,
            folder="cifar-100-python",
            algorithm="md5",
            files={
                "train": (None, "16019d7e3df5f24257cddd939b257f8d"),
                "test": (None, "f0ef6b0ae62326f3e7ffdfab6717acfc"),
            },
            parse=partial(parse_python, key="coarse_labels" if coarse else "fine_labels"),
            images=50_000,
        ),
    ]


LAYOUTS = [BINARY, PYTHON, *_hundred("cifar100", coarse=False), *_hundred("cifar100-coarse", coarse=True)]


def layouts_of(name: str) -> tuple[Layout, ...]:
    """The official forms of one data set."""
    return tuple(layout for layout in LAYOUTS if layout.dataset == name)
