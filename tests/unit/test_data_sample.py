"""The bundled sample: it is what the official set holds, and it is rebuilt byte for byte."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.data import files, sample, sheets
from core.vocabulary.datasets import DATASETS

# SHA-256 over pixels, then labels, of the first 500 and 100 images of each class of the official full set, class by
# class; computed from cifar-10-batches-bin without this project's code.
OFFICIAL_DIGESTS = {
    "train": "37821cb4003c7e2fc81e02a7f978695d344367d271258667881701c85267f846",
    "test": "8111fc0344a14a7172dc1491434dc88fd48ce862b3719653ad6a98623e85731a",
}
FULL = os.environ.get("DEPTHLAB_CIFAR10", "")  # a folder with the whole set, where there is one


@pytest.fixture(scope="module")
def dataset() -> files.Dataset:
    return files.load("sample")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "README.txt"}


def test_pictures_are_the_official_ones(dataset: files.Dataset) -> None:
    splits = {
        "train": (dataset.train_images, dataset.train_labels),
        "test": (dataset.test_images, dataset.test_labels),
    }
    for split, (images, labels) in splits.items():
        by_class = np.argsort(labels, kind="stable")
        digest = hashlib.sha256(images[by_class].tobytes() + labels[by_class].tobytes()).hexdigest()
        assert digest == OFFICIAL_DIGESTS[split]


def test_shapes_and_balance(dataset: files.Dataset) -> None:
    assert dataset.train_images.shape == (5000, 3, 32, 32)
    assert dataset.test_images.shape == (1000, 3, 32, 32)
    assert dataset.train_images.dtype == dataset.train_labels.dtype == np.uint8
    assert np.bincount(dataset.train_labels).tolist() == [500] * 10
    assert np.bincount(dataset.test_labels).tolist() == [100] * 10
    assert files.sizes("sample") == (len(dataset.train_labels), len(dataset.test_labels))


def test_rebuilt_byte_for_byte(dataset: files.Dataset, tmp_path: Path) -> None:
    """From a larger set that starts with these pictures, in which the classes lie in another order."""
    shuffled = np.random.default_rng(0).permutation(10)[np.arange(5000) % 10] + np.arange(5000) // 10 * 10
    more = replace(
        dataset,
        train_images=np.concatenate([dataset.train_images[shuffled], 255 - dataset.train_images]),
        train_labels=np.concatenate([dataset.train_labels[shuffled], dataset.train_labels]),
    )
    sample.build(more, tmp_path)
    assert contents(tmp_path) == contents(files.SAMPLE_FOLDER)


if FULL:

    def test_rebuilt_from_the_full_set(tmp_path: Path) -> None:
        sample.build(files.load(FULL), tmp_path)
        assert contents(tmp_path) == contents(files.SAMPLE_FOLDER)


def test_fits_and_can_be_looked_at(dataset: files.Dataset) -> None:
    assert sum(map(len, contents(files.SAMPLE_FOLDER).values())) <= 16e6
    sheet = Image.open(files.SAMPLE_FOLDER / "train_frog.png")
    assert (sheet.format, sheet.mode, sheet.size) == ("PNG", "RGB", (25 * 32, 20 * 32))
    frogs = dataset.train_images[dataset.train_labels == DATASETS["cifar10"].classes.index("frog")]
    second_of_third_row = sheet.crop((32, 64, 64, 96))
    np.testing.assert_array_equal(np.asarray(second_of_third_row), frogs[2 * 25 + 1].transpose(1, 2, 0))


def test_checksums_file_is_as_sha256sum_writes_it() -> None:
    lines = (files.SAMPLE_FOLDER / sheets.SUMS).read_text().splitlines()
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((files.SAMPLE_FOLDER / name).read_bytes()).hexdigest() == digest
    assert len(lines) == 20


@settings(max_examples=20)
@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_sheets_lose_nothing(rows: int, seed: int) -> None:
    images = np.random.default_rng(seed).integers(0, 256, (rows * sheets.COLUMNS, 3, 32, 32), dtype=np.uint8)
    np.testing.assert_array_equal(sheets.decode(sheets.encode(images)), images)


def test_the_digest_tells_data_sets_apart(dataset: files.Dataset) -> None:
    labels = dataset.test_labels.copy()
    labels[0] += 1
    assert dataset.digest == files.load("sample").digest
    assert dataset.digest != replace(dataset, test_labels=labels).digest


def test_the_digest_is_that_of_pictures_and_labels_in_turn(dataset: files.Dataset) -> None:
    arrays = (dataset.train_images, dataset.train_labels, dataset.test_images, dataset.test_labels)
    assert dataset.digest == hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()
