"""CIFAR-10 from files: the bundled sample, or the full set in either official layout, always verified."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from core.data import official, sheets
from core.data.official import LAYOUTS, Layout
from core.folders import named
from core.spec import shortened

CLASSES = official.CLASSES
SAMPLE = "sample"
SAMPLE_FOLDER = Path(__file__).parents[2] / "assets" / "cifar10-sample"
FETCH_AGAIN = "fetch CIFAR-10 again"

T = TypeVar("T")


class DataError(ValueError):
    """The pictures cannot be had; the message is one sentence for the user: what is wrong and what to do."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Pictures and labels; the full set in the official order, the sample taking one of each class in turn."""

    name: str
    train_images: np.ndarray  # uint8 (N, 3, 32, 32), planes R, G, B
    train_labels: np.ndarray  # uint8 (N,), indices into CLASSES
    test_images: np.ndarray
    test_labels: np.ndarray


def load(where: str, layouts: Sequence[Layout] = LAYOUTS) -> Dataset:
    """Read and verify "sample", or CIFAR-10 in a folder or in its official sub-folder.

    Raises DataError that names the file which is missing, cut short or not the official one.
    """
    if where == SAMPLE:
        return load_sample(SAMPLE_FOLDER)
    return _first_good(_load, where, layouts)


def load_test(where: str, layouts: Sequence[Layout] = LAYOUTS) -> tuple[np.ndarray, np.ndarray]:
    """The test pictures alone, uint8 (N, 3, 32, 32), and their labels, uint8 (N,): of a folder one file of six.

    Raises DataError.
    """
    if where == SAMPLE:
        sample = load_sample(SAMPLE_FOLDER)
        return sample.test_images, sample.test_labels
    return _first_good(_load_test, where, layouts)


def sizes(where: str, layouts: Sequence[Layout] = LAYOUTS) -> tuple[int, int]:
    """Number of training and of test images, judged by file sizes alone, at once. Raises DataError."""
    if where == SAMPLE:
        return sheets.COUNTS["train"] * len(CLASSES), sheets.COUNTS["test"] * len(CLASSES)
    return _first_good(_count, where, layouts)


def verify(where: str, layouts: Sequence[Layout] = LAYOUTS) -> Path:
    """The folder whose every file has its official checksum, found as :func:`load` finds it. Raises DataError."""
    return _first_good(_verify, where, layouts)


def load_sample(folder: Path) -> Dataset:
    """Read and verify a sample as ``core.data.sample`` writes it. Raises DataError."""
    sums = _sample_sums(folder)
    arrays = []
    for split, count in sheets.COUNTS.items():
        # One of each class in turn, so that any first few pictures already show every class.
        images = np.empty((count, len(CLASSES), 3, 32, 32), np.uint8)
        for label, name in enumerate(CLASSES):
            file = sheets.sheet_name(split, name)
            images[:, label] = sheets.decode(_sample_file(folder / file, sums.get(file)))
        arrays += [images.reshape(-1, 3, 32, 32), np.tile(np.arange(len(CLASSES), dtype=np.uint8), count)]
    return Dataset(SAMPLE, *arrays)


def _sample_sums(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / sheets.SUMS).read_text().splitlines()
        return {name: digest for digest, name in map(str.split, lines)}
    except (OSError, ValueError):
        raise DataError(
            f'The list of checksums "{folder / sheets.SUMS}" is missing or damaged: restore it with git checkout.'
        ) from None


def _sample_file(path: Path, checksum: str | None) -> bytes:
    data = _read(path)
    if hashlib.sha256(data).hexdigest() != checksum:
        raise DataError(f'The picture sheet "{path}" is damaged: restore it with git checkout.')
    return data


def _candidates(where: str, layouts: Sequence[Layout]) -> list[tuple[Path, Layout]]:
    """Folders that hold at least one official file, each with its layout."""
    try:
        folder = named(where)
        found = [
            (place, layout)
            for layout in layouts
            for place in (folder, folder / layout.folder)
            if any((place / name).exists() for name in layout.files)
        ]
    except (OSError, ValueError):  # unreadable, a zero byte in the name
        found = []
    if not found:
        names = " or ".join(layout.folder for layout in layouts)
        raise DataError(
            f'There is no CIFAR-10 in "{shortened(where)}": name a folder that holds {names}, or fetch it there.'
        )
    return found


def _first_good(read: Callable[[Path, Layout], T], where: str, layouts: Sequence[Layout]) -> T:
    """Of several copies the first that reads well; what is wrong with the first one where none does."""
    errors = []
    for place, layout in _candidates(where, layouts):
        try:
            return read(place, layout)
        except DataError as error:
            errors.append(error)
    raise errors[0]


def _load(place: Path, layout: Layout) -> Dataset:
    counts = _count(place, layout)
    images = np.empty((sum(counts), 3, 32, 32), np.uint8)
    labels = np.empty(sum(counts), np.uint8)
    for index, name in enumerate(layout.files):  # one file at a time: the whole set is held only once
        rows = slice(index * layout.images, (index + 1) * layout.images)
        pixels, labels[rows] = layout.parse(_official_file(place / name, layout))
        images[rows] = pixels.reshape(-1, 3, 32, 32)
    train = counts[0]
    return Dataset("CIFAR-10", images[:train], labels[:train], images[train:], labels[train:])


def _load_test(place: Path, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    pixels, labels = layout.parse(_official_file(place / list(layout.files)[-1], layout))
    return pixels.reshape(-1, 3, 32, 32), labels


def _verify(place: Path, layout: Layout) -> Path:
    _count(place, layout)
    for name in layout.files:
        _official_file(place / name, layout)
    return place


def _count(place: Path, layout: Layout) -> tuple[int, int]:
    for name, (expected, _) in layout.files.items():
        path = place / name
        if not path.is_file():
            raise DataError(f'"{name}" is missing from "{place}": {FETCH_AGAIN}.')
        size = path.stat().st_size
        if size != expected:
            wrong = "cut short" if size < expected else "too long"
            raise DataError(f'"{path}" is {wrong} ({size:,} of {expected:,} bytes): delete it and {FETCH_AGAIN}.')
    return layout.images * (len(layout.files) - 1), layout.images


def _official_file(path: Path, layout: Layout) -> bytes:
    """The file's bytes, after its checksum was found right."""
    data = _read(path)
    checksum = hashlib.new(layout.algorithm, data, usedforsecurity=False).hexdigest()
    if checksum != layout.files[path.name][1]:
        raise DataError(f'"{path}" is not the official file (its checksum differs): delete it and {FETCH_AGAIN}.')
    return data


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f'"{path}" cannot be read ({error.strerror}): check that it is there and readable.') from None
