"""Data sets from files: the bundled sample, or a full set in any official layout, always verified."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from core.data import sheets
from core.data.official import LAYOUTS, Layout
from core.folders import named
from core.spec import shortened
from core.vocabulary.datasets import DATASETS, SAMPLE, USUAL, DataSet, joined, name_of, parted

SAMPLE_FOLDER = Path(__file__).parents[2] / "assets" / "cifar10-sample"
T = TypeVar("T")


class DataError(ValueError):
    """The pictures cannot be had; the message is one sentence for the user: what is wrong and what to do."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Pictures and labels; the full set in the official order, the sample taking one of each class in turn."""

    kind: DataSet
    train_images: np.ndarray  # uint8 (N, C, S, S), planes R, G, B
    train_labels: np.ndarray  # uint8 (N,), indices into the classes
    test_images: np.ndarray
    test_labels: np.ndarray

    @property
    def digest(self) -> str:
        """SHA-256 over the pictures and labels as they are here, in hexadecimal: what tells two data sets apart."""
        return self._digests[1]

    @property
    def train_digest(self) -> str:
        """The same over those for training."""
        return self._digests[0]

    @cached_property
    def _digests(self) -> tuple[str, str]:
        found, digests = hashlib.sha256(), []
        for arrays in ((self.train_images, self.train_labels), (self.test_images, self.test_labels)):
            for array in arrays:
                found.update(np.ascontiguousarray(array).data)
            digests.append(found.hexdigest())
        return digests[0], digests[1]


def load(where: str, layouts: Sequence[Layout] = LAYOUTS) -> Dataset:
    """Read and verify "sample", or a data set in a folder or in its official sub-folder.

    Raises DataError that names the file which is missing, cut short or not the official one.
    """
    if where == SAMPLE:
        return load_sample(SAMPLE_FOLDER)
    return _first_good(_load, where, layouts)


def load_test(where: str, layouts: Sequence[Layout] = LAYOUTS) -> tuple[np.ndarray, np.ndarray]:
    """The test pictures alone, uint8 (N, C, S, S), and their labels, uint8 (N,): of a folder one file.

    Raises DataError.
    """
    if where == SAMPLE:
        sample = load_sample(SAMPLE_FOLDER)
        return sample.test_images, sample.test_labels
    return _first_good(_load_test, where, layouts)


def sizes(where: str, layouts: Sequence[Layout] = LAYOUTS) -> tuple[int, int]:
    """Number of training and of test images, judged by file sizes alone, at once. Raises DataError."""
    if where == SAMPLE:
        classes = len(DATASETS[USUAL].classes)
        return sheets.COUNTS["train"] * classes, sheets.COUNTS["test"] * classes
    return _first_good(_count, where, layouts)


def resolved(where: str, wanted: str = "", layouts: Sequence[Layout] = LAYOUTS) -> str:
    """``where`` with the data set that lies there, where it does not say one: the ``wanted`` one if it is there too,
    else the first of the table. As it is where nothing is found."""
    if where == SAMPLE or parted(where)[1]:
        return where
    lying = {layout.dataset for _, layout in _lying(where, layouts)}
    found = wanted if wanted in lying else next((name for name in DATASETS if name in lying), USUAL)
    return joined(where, found)


def verify(where: str, layouts: Sequence[Layout] = LAYOUTS) -> Path:
    """The folder whose every file has its official checksum, found as :func:`load` finds it. Raises DataError."""
    return _first_good(_verify, where, layouts)


def load_sample(folder: Path) -> Dataset:
    """Read and verify a sample as ``core.data.sample`` writes it. Raises DataError."""
    sums = _sample_sums(folder)
    kind = DATASETS[USUAL]
    arrays = []
    for split, count in sheets.COUNTS.items():
        # One of each class in turn, so that any first few pictures already show every class.
        images = np.empty((count, len(kind.classes), *kind.shape), np.uint8)
        for label, name in enumerate(kind.classes):
            file = sheets.sheet_name(split, name)
            images[:, label] = sheets.decode(_sample_file(folder / file, sums.get(file)))
        arrays += [images.reshape(-1, *kind.shape), np.tile(np.arange(len(kind.classes), dtype=np.uint8), count)]
    return Dataset(kind, *arrays)


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
    """Folders that hold at least one official file of the data set that is meant, each with its layout."""
    folder, name = parted(where)[0], name_of(where)
    mine = [layout for layout in layouts if layout.dataset == name]
    if found := _lying(folder, mine):
        return found
    names = " or ".join(layout.folder for layout in mine)
    fetch = ", or fetch it there" if name == USUAL else ""
    raise DataError(
        f'There is no {DATASETS[name].label} in "{shortened(folder)}": name a folder that holds {names}{fetch}.'
    )


def _lying(folder: str, layouts: Sequence[Layout]) -> list[tuple[Path, Layout]]:
    """Where in a folder at least one file of these layouts is, each place with its layout."""
    try:
        return [
            (place, layout)
            for layout in layouts
            for place in (named(folder), named(folder) / layout.folder)
            if any((place / name).is_file() for name in layout.files)
        ]
    except (OSError, ValueError):  # unreadable, a zero byte in the name
        return []


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
    kind = DATASETS[layout.dataset]
    images = np.empty((sum(counts), *kind.shape), np.uint8)
    labels = np.empty(sum(counts), np.uint8)
    for index, name in enumerate(layout.files):  # one file at a time: the whole set is held only once
        rows = slice(index * layout.images, min((index + 1) * layout.images, sum(counts)))
        pixels, labels[rows] = _parsed(place / name, layout)
        images[rows] = pixels.reshape(-1, *kind.shape)
    train = counts[0]
    return Dataset(kind, images[:train], labels[:train], images[train:], labels[train:])


def _load_test(place: Path, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    pixels, labels = _parsed(place / list(layout.files)[-1], layout)
    return pixels.reshape(-1, *DATASETS[layout.dataset].shape), labels


def _verify(place: Path, layout: Layout) -> Path:
    _count(place, layout)
    for name in layout.files:
        _parsed(place / name, layout)
    return place


def _count(place: Path, layout: Layout) -> tuple[int, int]:
    for name, (expected, _) in layout.files.items():
        path = place / name
        if not path.is_file():
            raise DataError(f'"{name}" is missing from "{place}": {_again(layout)}.')
        size = path.stat().st_size
        if expected is not None and size != expected:
            wrong = "cut short" if size < expected else "too long"
            raise DataError(f'"{path}" is {wrong} ({size:,} of {expected:,} bytes): delete it and {_again(layout)}.')
    return layout.images * (len(layout.files) - 1), layout.test_images


def _parsed(path: Path, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """The file's pictures and labels, after it was found to be the official one, as far as that can be known."""
    data, known = _read(path), layout.files[path.name][1]
    if known and hashlib.new(layout.algorithm, data, usedforsecurity=False).hexdigest() != known:
        raise DataError(f'"{path}" is not the official file (its checksum differs): delete it and {_again(layout)}.')
    try:
        return layout.parse(data)
    except ValueError as error:
        raise DataError(f'"{path}" is not the official file ({error}): delete it and {_again(layout)}.') from None


def _again(layout: Layout) -> str:
    """What to do about a file that is not as it should be."""
    return f"fetch {DATASETS[USUAL].label} again" if layout.dataset == USUAL else "put the official one there"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f'"{path}" cannot be read ({error.strerror}): check that it is there and readable.') from None
