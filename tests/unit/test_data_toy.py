"""A data set that stands in the tables alone: it is read, trained on, judged and drawn like any other."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from core.cli.arguments import parse, run_of
from core.data import files, official
from core.data.batches import Batches
from core.data.official import Layout
from core.figures import testset as figures
from core.inspect.outcome import outcome
from core.inspect.trained import restore
from core.spec import NetSpec, RunSpec, SpecError, TrainSpec
from core.spec.command import command
from core.train import checkpoint
from core.train.loop import train
from core.train.trainer import Trainer
from core.vocabulary.datasets import DATASETS, DataSet, dataset_of, joined, parted
from core.web.data_form import state_of

TOY = DataSet("Toys", "All toys", ("ball", "car", "doll"), mean=(0.2, 0.4, 0.6), std=(0.1, 0.2, 0.3))
IMAGES = 12


def parse_toy(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    rows = np.frombuffer(data, np.uint8).reshape(-1, 3073)
    return rows[:, 1:], rows[:, 0]


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The folder where two files of toys lie; rows of the two tables say the rest."""
    random = np.random.default_rng(0)
    known = {}
    for name in ("toys_train", "toys_test"):
        rows = random.integers(0, 256, (IMAGES, 3073), dtype=np.uint8)
        rows[:, 0] = np.arange(IMAGES) % 3
        (tmp_path / name).write_bytes(rows.tobytes())
        known[name] = (rows.size, hashlib.sha256(rows.tobytes()).hexdigest())
    layout = Layout("toys", "toys", "sha256", known, parse_toy, images=IMAGES, test_images=IMAGES)
    monkeypatch.setitem(DATASETS, "toys", TOY)
    official.LAYOUTS.append(layout)
    yield str(tmp_path)
    official.LAYOUTS.remove(layout)


def toy_run(folder: str, *flags: str) -> RunSpec:
    words = ["train", "resnet20", "--depth", "8", "--width", "4", "--data", folder, "--batch-size", "4"]
    return run_of(parse([*words, "--epochs", "1", "--threads", "1", "--device", "cpu", *flags]))


def test_the_number_of_classes_follows_the_pictures(toys: str) -> None:
    spec = toy_run(toys)
    assert spec.train.data == f"{toys}#toys"
    assert spec.net.num_classes == 3
    with pytest.raises(SpecError, match="tells 10 classes apart and the pictures have 3"):
        toy_run(toys, "--num-classes", "10")
    with pytest.raises(SpecError, match="tells 10 classes apart and the pictures have 3"):
        RunSpec.make(net=NetSpec(), train=TrainSpec(data=f"{toys}#toys"))
    assert files.sizes(spec.train.data) == (IMAGES, IMAGES)
    with pytest.raises(files.DataError, match="There is no CIFAR-10 in"):
        files.sizes(toys)  # a spec says what it means


def test_pictures_are_scaled_by_their_own_mean_and_std(toys: str) -> None:
    data = files.load(toy_run(toys).train.data)
    assert data.kind is TOY
    images, labels = Batches(data, 4, 0, "cpu", augment=False).probe_batch(6)
    back = images * torch.tensor(TOY.std).view(1, 3, 1, 1) + torch.tensor(TOY.mean).view(1, 3, 1, 1)
    assert torch.equal((back * 255).round().to(torch.uint8), torch.from_numpy(data.train_images[:6]))
    assert labels.tolist() == [0, 1, 2, 0, 1, 2]


def test_a_net_that_was_trained_on_them_says_so(toys: str, tmp_path: Path) -> None:
    spec = toy_run(toys)
    said = list(train(Trainer(spec, files.load(spec.train.data)), None, lambda seconds: []))
    assert said[0].payload["data"] == "Toys"
    (kept,) = [event.payload for event in said if event.kind == "checkpoint"]
    path = tmp_path / "net.safetensors"
    checkpoint.save(path, kept["state"], kept["meta"])
    found = restore(path)
    assert (found.classes, found.mean, found.std) == (TOY.classes, TOY.mean, TOY.std)
    assert command(spec).endswith("--seed 0")
    assert "--data 'DIR#toys'" in command(spec)
    assert "num-classes" not in command(spec)


def test_charts_and_forms_name_its_classes(toys: str) -> None:
    labels = np.arange(IMAGES) % 3
    shares = np.eye(3, dtype=np.float32)[np.where(labels == 1, 2, labels)]
    assert figures.confusion(outcome(shares, labels), TOY.classes).finding == "Mostly car taken for doll: 4 of 4."
    assert state_of(f"{toys}#toys", "i_") == {"i_data": "All toys", "i_folder": toys}
    assert "Toys" in dataset_of(f"{toys}#toys").label


def test_a_name_that_no_data_set_has_is_part_of_the_folder() -> None:
    assert parted("a/b#nothing") == ("a/b#nothing", "")
    assert parted("a#b#cifar10") == ("a#b", "cifar10")
    assert joined("a", "cifar10") == "a"
