"""CIFAR-100 in both official layouts, with its fine and its coarse labels."""

import hashlib
import pickle
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from torchvision.datasets import CIFAR100

from core.cli.arguments import parse, run_of
from core.data import files, official
from core.data.files import DataError
from core.data.official import GROUP_OF, PIXELS, Layout
from core.figures import testset as figures
from core.inspect.outcome import outcome
from core.spec import NetSpec, RunSpec, SpecError, TrainSpec, preset
from core.vocabulary.datasets import CIFAR100_GROUPS, DATASETS
from tests.unit.small_cifar import is_sentence

FINE, COARSE = DATASETS["cifar100"], DATASETS["cifar100-coarse"]
TRAIN, TEST = 200, 100  # pictures
# coarse label of each fine one, as lists of it go round: a second source
KNOWN_GROUPS = (
    "4 1 14 8 0 6 7 7 18 3 3 14 9 18 7 11 3 9 7 11 6 11 5 10 7 6 13 15 3 15 0 11 1 10 12 14 16 9 11 5 5 19 8 8 15 13 "
    "14 17 18 10 16 4 17 4 2 0 17 4 18 17 10 3 2 12 12 16 12 1 9 19 2 10 0 1 16 12 9 13 15 13 16 19 2 4 6 19 5 5 8 19 "
    "18 1 2 15 6 0 17 8 14 13"
)


def text(value: str) -> bytes:
    return b"U" + bytes([len(value)]) + value.encode()


def pickled(images: np.ndarray, fine: np.ndarray, coarse: np.ndarray) -> bytes:
    """As Python 2's cPickle wrote the official files with protocol 2, instruction by instruction."""

    def numbers(labels: np.ndarray) -> bytes:
        return b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"

    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01"
        + b"".join(b"M" + struct.pack("<H", side) for side in images.shape)
        + b"\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T"
        + struct.pack("<i", images.size)
        + images.tobytes()
        + b"tb"
    )
    names = b"](" + b"".join(text(f"fine_labels_s_{index:06d}.png") for index in range(len(fine))) + b"e"
    parts = [text("filenames"), names, text("batch_label"), text("training batch 1 of 1")]
    parts += [text("fine_labels"), numbers(fine), text("coarse_labels"), numbers(coarse), text("data"), array]
    return b"\x80\x02}(" + b"".join(parts) + b"u."


def binary(images: np.ndarray, fine: np.ndarray, coarse: np.ndarray) -> bytes:
    return np.hstack([coarse[:, None], fine[:, None], images]).tobytes()


def contents() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noise for pictures (300, 3, 32, 32), and both labels of each."""
    random = np.random.default_rng(0)
    fine = np.concatenate([random.permutation(np.arange(count) % 100) for count in (TRAIN, TEST)]).astype(np.uint8)
    groups = np.array(KNOWN_GROUPS.split(), np.uint8)
    return random.integers(0, 256, (TRAIN + TEST, 3, 32, 32), dtype=np.uint8), fine, groups[fine]


def write(folder: Path, form: Layout) -> Layout:
    """Write the two files and describe them, with checksums only where the official files have some."""
    folder.mkdir(parents=True, exist_ok=True)
    images, fine, coarse = contents()
    known: dict[str, tuple[int | None, str | None]] = {}
    for name, rows in zip(form.files, (slice(TRAIN), slice(TRAIN, None)), strict=True):
        encode = binary if name.endswith(".bin") else pickled
        data = encode(images[rows].reshape(-1, PIXELS), fine[rows], coarse[rows])
        (folder / name).write_bytes(data)
        size, checksum = form.files[name]
        digest = hashlib.new(form.algorithm, data).hexdigest()
        known[name] = (None if size is None else len(data), None if checksum is None else digest)
    return replace(form, files=known, images=TRAIN, test_images=TEST)


FORMS = pytest.mark.parametrize(
    "form",
    [*official.layouts_of("cifar100"), *official.layouts_of("cifar100-coarse")],
    ids=lambda form: f"{form.dataset} {form.folder}",
)


@FORMS
@pytest.mark.parametrize("named", ["the folder above", "the folder itself"])
def test_reads_both_layouts_and_both_kinds_of_label(tmp_path: Path, form: Layout, named: str) -> None:
    layout = write(tmp_path / form.folder, form)
    where = f"{tmp_path if named == 'the folder above' else tmp_path / form.folder}#{form.dataset}"
    data = files.load(where, [layout])
    images, fine, coarse = contents()
    labels = fine if form.dataset == "cifar100" else coarse
    np.testing.assert_array_equal(data.train_images, images[:TRAIN])
    np.testing.assert_array_equal(data.train_labels, labels[:TRAIN])
    np.testing.assert_array_equal(data.test_images, images[TRAIN:])
    np.testing.assert_array_equal(data.test_labels, labels[TRAIN:])
    assert data.kind is DATASETS[form.dataset]
    assert files.sizes(where, [layout]) == (TRAIN, TEST)
    np.testing.assert_array_equal(files.load_test(where, [layout])[1], labels[TRAIN:])


def test_torchvision_reads_the_same_from_the_python_layout(tmp_path: Path) -> None:
    layout = write(tmp_path / "cifar-100-python", official.layouts_of("cifar100")[1])
    meta = pickle.dumps({"fine_label_names": list(FINE.classes)}, protocol=2)
    (tmp_path / layout.folder / "meta").write_bytes(meta)
    sums = [[name, checksum] for name, (_, checksum) in layout.files.items()]

    described = CIFAR100.meta | {"md5": hashlib.md5(meta).hexdigest()}
    small = type("Small", (CIFAR100,), {"train_list": sums[:1], "test_list": sums[1:], "meta": described})
    ours = files.load(f"{tmp_path}#cifar100", [layout])
    theirs = small(tmp_path, train=True)
    np.testing.assert_array_equal(theirs.data, ours.train_images.transpose(0, 2, 3, 1))
    assert theirs.targets == ours.train_labels.tolist()
    assert small(tmp_path, train=False).targets == ours.test_labels.tolist()


def test_checksums_are_those_that_torchvision_knows() -> None:
    known = dict(CIFAR100.train_list + CIFAR100.test_list)
    for name in ("cifar100", "cifar100-coarse"):
        assert {file: sum_ for file, (_, sum_) in official.layouts_of(name)[1].files.items()} == known


def test_classes_and_their_groups() -> None:
    assert len(FINE.classes) == len(set(FINE.classes)) == 100
    assert len(COARSE.classes) == 20
    assert [len(group) for group in CIFAR100_GROUPS.values()] == [5] * 20
    assert GROUP_OF.tolist() == [int(number) for number in KNOWN_GROUPS.split()]
    assert (FINE.classes[0], FINE.classes[23], FINE.classes[99]) == ("apple", "cloud", "worm")
    assert list(COARSE.classes) == sorted(COARSE.classes)


@pytest.mark.parametrize("damage", ["a fine label", "a coarse label", "a label of none", "the end"])
def test_a_binary_file_whose_labels_cannot_be_is_refused(tmp_path: Path, damage: str) -> None:
    """No checksums of these files are published; damaged pixels alone cannot be seen."""
    layout = write(tmp_path, official.layouts_of("cifar100")[0])
    path = tmp_path / "train.bin"
    data = bytearray(path.read_bytes())
    if damage == "the end":
        del data[-1]
    else:
        place = 0 if damage == "a coarse label" else 1
        data[place] = 255 if damage == "a label of none" else (data[place] + 1) % 20
    path.write_bytes(data)
    for read in (files.load, files.verify):
        with pytest.raises(DataError, match=r"train\.bin") as refused:
            read(f"{tmp_path}#cifar100", [layout])
        assert is_sentence(str(refused.value))


def test_a_python_file_with_a_wrong_bit_is_refused(tmp_path: Path) -> None:
    layout = write(tmp_path, official.layouts_of("cifar100")[1])
    data = bytearray((tmp_path / "test").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "test").write_bytes(data)
    with pytest.raises(
        DataError, match=r'test" is not the official file .*: delete it and put the official one there\.'
    ):
        files.load(f"{tmp_path}#cifar100", [layout])


def test_what_lies_in_a_folder_is_found(tmp_path: Path) -> None:
    assert files.resolved(str(tmp_path)) == str(tmp_path)
    write(tmp_path / "cifar-100-python", official.layouts_of("cifar100")[1])
    assert files.resolved(str(tmp_path)) == f"{tmp_path}#cifar100"
    assert files.resolved(str(tmp_path), "cifar100-coarse") == f"{tmp_path}#cifar100-coarse"
    assert files.resolved(f"{tmp_path}#cifar100-coarse") == f"{tmp_path}#cifar100-coarse"
    (tmp_path / "data_batch_1.bin").touch()
    assert files.resolved(str(tmp_path)) == str(tmp_path)  # CIFAR-10 lies there too
    assert files.resolved(str(tmp_path), "cifar100") == f"{tmp_path}#cifar100"


@pytest.mark.parametrize(("mark", "classes"), [("", 100), ("#cifar100", 100), ("#cifar100-coarse", 20)])
def test_the_net_is_for_as_many_classes_as_there_are(tmp_path: Path, mark: str, classes: int) -> None:
    write(tmp_path / "cifar-100-binary", official.layouts_of("cifar100")[0])
    spec = run_of(parse(["train", "resnet20", "--data", f"{tmp_path}{mark}"]))
    assert spec.net == preset("resnet20").but(num_classes=classes)
    with pytest.raises(SpecError, match=f"tells 10 classes apart and the pictures have {classes}: choose {classes} "):
        RunSpec.make(net=NetSpec(), train=TrainSpec(data=spec.train.data))


def test_charts_of_a_hundred_classes_show_those_with_most_to_say() -> None:
    labels = np.repeat(np.arange(100), 10)
    said = labels.copy()
    said[labels == FINE.classes.index("maple tree")] = FINE.classes.index("oak tree")
    found = outcome(np.eye(100, dtype=np.float32)[said], labels)
    drawn = figures.confusion(found, FINE.classes)
    assert drawn.finding.startswith("Mostly maple tree taken for oak tree: 10 of 10. ")
    assert drawn.finding.endswith(" Shown: the 10 most confused of 100 classes.")
    right, *_ = drawn.figure.data
    assert {"maple tree", "oak tree"} <= set(right.x)
    assert len(right.x) == len(right.y) == 10
    bars = figures.per_class(found, FINE.classes, "#0072B2")
    assert bars.finding.endswith("hardest: maple tree, 0.0 %. Shown: the 10 easiest and hardest of 100 classes.")
    assert bars.figure.data[0].y[-1] == "maple tree"
    assert len(bars.figure.data[0].y) == 10
