"""Reading CIFAR-10: both official layouts, and every way in which a file can be wrong."""

import hashlib
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torchvision.datasets import CIFAR10

from core.data import files, official
from core.data.files import DataError
from core.vocabulary.datasets import DATASETS
from tests.unit import small_cifar

OFFICIAL = pytest.mark.parametrize("form", official.layouts_of("cifar10"), ids=lambda form: form.folder)


def check_against_contents(dataset: files.Dataset) -> None:
    images, labels = small_cifar.contents()
    train = 5 * small_cifar.IMAGES
    np.testing.assert_array_equal(dataset.train_images, images[:train])
    np.testing.assert_array_equal(dataset.train_labels, labels[:train])
    np.testing.assert_array_equal(dataset.test_images, images[train:])
    np.testing.assert_array_equal(dataset.test_labels, labels[train:])
    assert dataset.train_images.dtype == dataset.train_labels.dtype == np.uint8


@OFFICIAL
@pytest.mark.parametrize("named", ["the folder above", "the folder itself", "any other name"])
def test_reads_layout_wherever_it_lies(tmp_path: Path, form: official.Layout, named: str) -> None:
    folder = tmp_path / ("elsewhere" if named == "any other name" else form.folder)
    layout = small_cifar.write(folder, form)
    where = str(tmp_path if named == "the folder above" else folder)
    check_against_contents(files.load(where, [layout]))
    assert files.sizes(where, [layout]) == (5 * small_cifar.IMAGES, small_cifar.IMAGES)
    assert files.verify(where, [layout]) == folder


@OFFICIAL
def test_test_pictures_alone_need_no_other_file(tmp_path: Path, form: official.Layout) -> None:
    layout = small_cifar.write(tmp_path, form)
    whole = files.load(str(tmp_path), [layout])
    *training, test = layout.files
    for name in training:
        (tmp_path / name).unlink()
    images, labels = files.load_test(str(tmp_path), [layout])
    np.testing.assert_array_equal(images, whole.test_images)
    np.testing.assert_array_equal(labels, whole.test_labels)
    (tmp_path / test).write_bytes(bytes((tmp_path / test).stat().st_size))
    with pytest.raises(DataError, match="not the official file"):
        files.load_test(str(tmp_path), [layout])


def test_test_pictures_of_the_sample() -> None:
    images, labels = files.load_test("sample")
    np.testing.assert_array_equal(images, files.load("sample").test_images)
    np.testing.assert_array_equal(labels, files.load("sample").test_labels)


def test_torchvision_reads_the_same_from_the_python_layout(tmp_path: Path) -> None:
    """Torchvision unpickles what this project only lists: the same pictures and labels must come out."""
    layout = small_cifar.write(tmp_path / official.PYTHON.folder, official.PYTHON)
    meta = pickle.dumps({"label_names": list(DATASETS["cifar10"].classes)}, protocol=2)
    (tmp_path / layout.folder / "batches.meta").write_bytes(meta)
    sums = [[name, checksum] for name, (_, checksum) in layout.files.items()]

    described = CIFAR10.meta | {"md5": hashlib.md5(meta).hexdigest()}
    small = type("Small", (CIFAR10,), {"train_list": sums[:5], "test_list": sums[5:], "meta": described})
    ours = files.load(str(tmp_path), [layout])
    for train, images, labels in (
        (True, ours.train_images, ours.train_labels),
        (False, ours.test_images, ours.test_labels),
    ):
        theirs = small(tmp_path, train=train)
        np.testing.assert_array_equal(theirs.data, images.transpose(0, 2, 3, 1))
        assert theirs.targets == labels.tolist()


def test_a_pickle_is_never_run(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.mkdir, (tmp_path / "exploded",)

    official.parse_python(pickle.dumps({"data": Bomb(), "x": "y" * official.PIXELS}, protocol=2))
    assert not (tmp_path / "exploded").exists()
    pickle.loads(pickle.dumps(Bomb(), protocol=2))  # noqa: S301 (shows that this bomb is a live one)
    assert (tmp_path / "exploded").exists()


def test_checksums_are_those_that_torchvision_knows() -> None:
    known = dict(CIFAR10.train_list + CIFAR10.test_list)
    assert {name: checksum for name, (_, checksum) in official.PYTHON.files.items()} == known


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def zero_the_end(path: Path) -> None:
    """Space was reserved, but the writing stopped half-way."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))


Damage = Callable[[Path], None]
BY_SIZE: list[tuple[str, Damage]] = [("missing", Path.unlink), ("missing", make_folder), ("too long", lengthen)]
BY_SIZE += [("cut short", shorten), ("cut short", empty)]
BY_CHECKSUM: list[tuple[str, Damage]] = [("not the official file", flip_a_bit), ("not the official file", zero_the_end)]


@OFFICIAL
@pytest.mark.parametrize("which", [0, 3, 5])
@pytest.mark.parametrize(("words", "damage"), BY_SIZE + BY_CHECKSUM)
def test_a_wrong_file_is_named_and_refused(
    tmp_path: Path, form: official.Layout, which: int, words: str, damage: Damage
) -> None:
    layout = small_cifar.write(tmp_path / form.folder, form)
    name = list(layout.files)[which]
    damage(tmp_path / form.folder / name)
    for read in (files.load, files.verify, *([files.sizes] if (words, damage) in BY_SIZE else [])):
        with pytest.raises(DataError, match=words) as refused:
            read(str(tmp_path), [layout])
        assert name in str(refused.value)
        assert small_cifar.is_sentence(str(refused.value))


def test_reserved_but_unwritten_official_files_are_refused(tmp_path: Path) -> None:
    for name, (size, _) in official.BINARY.files.items():
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    assert files.sizes(str(tmp_path)) == (50_000, 10_000)
    with pytest.raises(DataError, match=r'data_batch_1\.bin" is not the official file'):
        files.load(str(tmp_path))


def test_a_good_copy_is_used_beside_a_damaged_one(tmp_path: Path) -> None:
    layouts = [small_cifar.write(tmp_path / form.folder, form) for form in official.layouts_of("cifar10")]
    flip_a_bit(tmp_path / official.BINARY.folder / "data_batch_2.bin")
    check_against_contents(files.load(str(tmp_path), layouts))
    assert files.verify(str(tmp_path), layouts).name == official.PYTHON.folder
    flip_a_bit(tmp_path / official.PYTHON.folder / "test_batch")
    with pytest.raises(DataError, match=r"data_batch_2\.bin"):
        files.load(str(tmp_path), layouts)


@pytest.mark.parametrize("where", ["nowhere", "~nobody-of-this-name/data", "a\0b", "x" * 5000, "/dev/null", "Sample"])
@pytest.mark.parametrize("read", [files.load, files.sizes, files.verify])
def test_a_folder_without_cifar10_is_refused(where: str, read: Any) -> None:
    with pytest.raises(DataError, match="There is no CIFAR-10 in") as refused:
        read(where)
    assert small_cifar.is_sentence(str(refused.value))


@pytest.mark.parametrize("damage", [Path.unlink, empty, flip_a_bit, zero_the_end])
@pytest.mark.parametrize("name", ["train_cat.png", "SHA256SUMS"])
def test_a_damaged_sample_is_refused(tmp_path: Path, name: str, damage: Any) -> None:
    folder = Path(shutil.copytree(files.SAMPLE_FOLDER, tmp_path / "sample"))
    files.load_sample(folder)
    damage(folder / name)
    with pytest.raises(DataError) as refused:
        files.load_sample(folder)
    assert small_cifar.is_sentence(str(refused.value))
    if name != "SHA256SUMS":
        assert name in str(refused.value)
