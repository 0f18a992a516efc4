"""The nets in assets/nets are what they say: their accuracy, their recipe, and the command that makes them again."""

from __future__ import annotations

import json
import math
import shlex
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open

from core.check import never
from core.cli.arguments import parse, run_of
from core.data.files import Dataset, load
from core.inspect.catalogue import SHIPPED, SUFFIX, Entry, shipped
from core.inspect.predict import BATCH, accuracy, score
from core.inspect.trained import Trained, of_entry
from core.nets import build
from core.spec import RunSpec, preset
from core.spec.warmup import settled
from core.vocabulary.datasets import DATASETS
from tests.unit.small_nets import SPEC

KIND = DATASETS["cifar10"]
CLASSES = KIND.classes
pytestmark = pytest.mark.slow

# Accuracy on the 10,000 test pictures, at least: what is demanded of the first two; of the others somewhat less than
# they reached, so that a worse file cannot take their place unnoticed.
LEAST = {"resnet20": 0.91, "smallresnet": 0.88, "smallresnet-nobn": 0.87, "plain20": 0.9, "densenet-bc-40-12": 0.9}
TEST_SET = 10_000
SAMPLE = 1_000
Z = 3.0  # standard errors; were the stated accuracy true, a sample would be further off once in 370 nets

# Written out where there is none, so that an empty folder fails instead of testing nothing.
NAMES = sorted({path.stem for path in SHIPPED.glob(f"*{SUFFIX}")} | LEAST.keys())


def entry_of(name: str) -> Entry:
    found = {entry.ref: entry for entry in shipped()}
    assert name in found, f"there is no whole {name}{SUFFIX} in {SHIPPED}"
    return found[name]


def meta_of(entry: Entry) -> dict[str, Any]:
    with safe_open(entry.path, framework="numpy") as file:
        return json.loads(file.metadata()["meta"])


@cache
def sample() -> Dataset:
    return load("sample")


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_agrees_with_the_stated_accuracy(name: str) -> None:
    entry = entry_of(name)
    stated = entry.test_accuracy
    assert stated is not None
    measured = accuracy(of_entry(entry), sample())
    left_out = (TEST_SET - SAMPLE) / (TEST_SET - 1)  # the sample is a tenth of what the accuracy was measured on
    error = math.sqrt(stated * (1 - stated) / SAMPLE * left_out)
    assert abs(measured - stated) <= Z * error


@pytest.mark.parametrize("name", NAMES)
def test_what_it_says_about_itself_makes_sense(name: str) -> None:
    entry = entry_of(name)
    meta = meta_of(entry)
    run = RunSpec.make(**meta["spec"])
    assert entry.net == run.net == preset(name)
    assert entry.epochs == run.train.epochs  # trained to its end
    assert meta["step"] == run.train.epochs * (50_000 // run.train.batch_size)  # on the full training set
    assert run.train.data == "DIR"
    assert entry.test_accuracy is not None
    rights = entry.test_accuracy * TEST_SET  # measured on the full test set: so many pictures, whole ones
    assert abs(rights - round(rights)) < 1e-6
    (again,) = settled([run_of(parse(shlex.split(entry.command)[3:]))], 50_000)
    assert (again.net, again.train) == (run.net, run.train)


@pytest.mark.parametrize(("name", "least"), LEAST.items())
def test_trained_properly(name: str, least: float) -> None:
    stated = entry_of(name).test_accuracy
    assert stated is not None
    assert stated >= least


def test_together_they_are_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 12_000_000


# The measure itself ---------------------------------------------------------------------------------------------------


def by_hand(trained: Trained, images: np.ndarray) -> np.ndarray:
    """(N, 3, 32, 32) uint8 -> probabilities (N, 10), one picture at a time, in float64."""
    net = build(trained.net.spec)
    net.load_state_dict(trained.net.state_dict())
    net = net.eval().double()
    mean = np.array([0.4914, 0.4822, 0.4465]).reshape(3, 1, 1)
    std = np.array([0.2470, 0.2435, 0.2616]).reshape(3, 1, 1)
    rows = []
    with torch.no_grad():
        for image in images:
            logits = net(torch.from_numpy((image / 255 - mean) / std)[None])[0].numpy()
            powers = np.exp(logits - logits.max())
            rows.append(powers / powers.sum())
    return np.stack(rows)


@pytest.fixture
def fresh() -> Trained:
    return Trained(build(SPEC, seed=2).eval().requires_grad_(False), CLASSES, KIND.mean, KIND.std)


def test_scores_against_a_second_computation(fresh: Trained) -> None:
    images = sample().test_images[:40]
    found = score(fresh, images.transpose(0, 2, 3, 1), never)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, by_hand(fresh, images), atol=1e-5)


def test_accuracy_against_a_second_computation(fresh: Trained) -> None:
    """Of a number of pictures that batches do not divide."""
    count = BATCH + 37
    data = sample()
    part = Dataset(
        DATASETS["cifar10"],
        data.train_images[:0],
        data.train_labels[:0],
        data.test_images[:count],
        data.test_labels[:count],
    )
    expected = (by_hand(fresh, part.test_images).argmax(1) == part.test_labels).mean()
    assert 0 < expected < 1
    assert accuracy(fresh, part) == pytest.approx(expected, abs=1e-12)
