"""Minibatches: augmentation against torchvision image by image, and batches that depend on seed and step alone."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torchvision.transforms import functional as TF

from core.data import batches, files
from core.data.batches import Batches
from core.data.files import DataError, Dataset
from core.spec import Epoch
from core.vocabulary.datasets import DATASETS
from tests.unit import small_cifar

DEVICES = ["cpu"] + (["cuda"] if torch.cuda.is_available() else [])


@pytest.fixture(scope="module")
def sample() -> Dataset:
    return files.load("sample")


def numbered(count: int) -> Dataset:
    """Pictures that carry their own number in their colour: hundreds in red, the rest in green."""
    numbers = np.arange(count)
    images = np.zeros((count, 3, 32, 32), np.uint8)
    images[:, 0], images[:, 1] = (numbers // 100)[:, None, None], (numbers % 100)[:, None, None]
    labels = (numbers % 10).astype(np.uint8)
    return Dataset(DATASETS["cifar10"], images, labels, images.copy(), labels.copy())


def as_uint8(images: torch.Tensor) -> torch.Tensor:
    """Undo the normalisation."""
    mean, std = (
        torch.tensor(values).view(1, 3, 1, 1) for values in ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
    )
    return ((images.cpu() * std + mean) * 255).round().to(torch.uint8)


def numbers_of(images: torch.Tensor) -> list[int]:
    corner = as_uint8(images)[:, :, 0, 0].int()
    return (corner[:, 0] * 100 + corner[:, 1]).tolist()


@pytest.mark.parametrize("device", DEVICES)
def test_crop_and_flip_as_torchvision_does_one_by_one(sample: Dataset, device: str) -> None:
    """All 81 offsets, flipped and not; torchvision pads, crops and mirrors PIL pictures."""
    cases = [(down, right, flip) for down in range(9) for right in range(9) for flip in (False, True)]
    originals = sample.train_images[: len(cases)]
    down, right, flip = (torch.tensor(column, device=device) for column in zip(*cases, strict=True))
    rows = torch.arange(len(cases), device=device)
    ours = batches.flipped(batches.cropped(torch.from_numpy(originals).to(device), rows, down, right), flip)
    for original, mine, (top, left, mirrored) in zip(originals, ours.cpu(), cases, strict=True):
        picture = TF.crop(TF.pad(Image.fromarray(original.transpose(1, 2, 0)), 4), top, left, 32, 32)
        if mirrored:
            picture = TF.hflip(picture)
        assert torch.equal(mine, TF.pil_to_tensor(picture))


@pytest.mark.parametrize("device", DEVICES)
def test_every_picture_of_a_batch_is_a_crop_of_its_own(sample: Dataset, device: str) -> None:
    """The batch is the unaugmented one, each picture at one of the 162 crops; over some batches all offsets occur."""
    augmented, plain = (Batches(sample, 100, 3, device, augment) for augment in (True, False))
    seen = set()
    for step in range(6):
        images, labels = augmented.batch(step)
        originals, same_labels = plain.batch(step)
        assert torch.equal(labels, same_labels)
        padded = torch.nn.functional.pad(as_uint8(originals), (4, 4, 4, 4))
        for mine, canvas in zip(as_uint8(images), padded, strict=True):
            crops = {
                (y, x, flip): canvas[:, y : y + 32, x : x + 32].flip(2 if flip else ())
                for y in range(9)
                for x in range(9)
                for flip in (0, 1)
            }
            found = [offset for offset, crop in crops.items() if torch.equal(crop, mine)]
            assert found
            seen.add(found[0])
    assert {offset[:2] for offset in seen} == {(y, x) for y in range(9) for x in range(9)}
    assert {offset[2] for offset in seen} == {0, 1}


def test_normalised_as_torchvision_does(sample: Dataset) -> None:
    images = torch.from_numpy(sample.train_images[:50])
    ours = Batches(sample, 10, 0, "cpu", False).normalise(images)
    theirs = TF.normalize(TF.convert_image_dtype(images), (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6, check_stride=False)


@pytest.mark.parametrize("augment", [True, False])
@pytest.mark.parametrize("device", DEVICES)
def test_form_of_a_batch(sample: Dataset, augment: bool, device: str) -> None:
    images, labels = Batches(sample, 12, 0, device, augment).batch(0)
    assert images.shape == (12, 3, 32, 32)
    assert labels.shape == (12,)
    assert (images.dtype, labels.dtype) == (torch.float32, torch.int64)
    assert images.device.type == labels.device.type == device
    assert images.is_contiguous(memory_format=torch.channels_last)


@settings(max_examples=25)
@given(st.integers(0, 2**31 - 1), st.lists(st.integers(0, 30), min_size=1, max_size=8), st.booleans())
def test_a_batch_depends_on_seed_and_step_alone(seed: int, steps: list[int], augment: bool) -> None:
    """In whatever order the steps are asked for, a fresh object gives the same bits."""
    dataset = numbered(50)
    used = Batches(dataset, 8, seed, "cpu", augment)
    for step in steps:
        fresh = Batches(dataset, 8, seed, "cpu", augment).batch(step)
        again = used.batch(step)
        assert torch.equal(fresh[0], again[0])
        assert torch.equal(fresh[1], again[1])


def test_seeds_and_epochs_differ() -> None:
    dataset = numbered(200)
    orders = [
        tuple(numbers_of(Batches(dataset, 200, seed, "cpu", False).batch(epoch)[0]))
        for seed in (0, 1, 2**31 - 1)
        for epoch in (0, 1)
    ]
    assert len(set(orders)) == len(orders)
    assert {tuple(sorted(order)) for order in orders} == {tuple(range(200))}


def test_an_epoch_shows_no_picture_twice_and_drops_the_remainder() -> None:
    made = Batches(numbered(1003), 100, 7, "cpu", False)
    assert made.epoch.steps == 10
    dropped = set()
    for epoch in range(4):
        seen: list[int] = []
        for step in range(10):
            images, labels = made.batch(epoch * 10 + step)
            numbers = numbers_of(images)
            assert [number % 10 for number in numbers] == labels.tolist()
            seen += numbers
        assert len(set(seen)) == 1000
        dropped |= set(range(1003)) - set(seen)
    assert len(dropped) > 3  # others each epoch: no picture is left out for ever


def test_last_smaller_minibatch_shows_every_picture_once() -> None:
    """The whole minibatches are those of a run that leaves the rest out, bit for bit; the last has the others."""
    dataset = numbered(1003)
    kept, dropped = (Batches(dataset, 100, 7, "cpu", True, drop_last) for drop_last in (False, True))
    assert (kept.epoch.steps, dropped.epoch.steps) == (11, 10)
    plain = Batches(dataset, 100, 7, "cpu", False, False)
    for epoch in range(2):
        seen: list[int] = []
        for position in range(11):
            images, labels = kept.batch(epoch * 11 + position)
            assert len(images) == len(labels) == (100 if position < 10 else 3)
            if position < 10:
                assert torch.equal(images, dropped.batch(epoch * 10 + position)[0])
            seen += numbers_of(plain.batch(epoch * 11 + position)[0])
        assert sorted(seen) == list(range(1003))


@given(st.integers(1, 3000), st.integers(1, 3000), st.booleans(), st.integers(0, 40))
def test_epoch_counts_what_it_cuts(images: int, batch_size: int, drop_last: bool, steps: int) -> None:
    """Against a list of pictures that is cut with slices."""
    batch_size = min(batch_size, images)
    cut = [len(range(images)[start : start + batch_size]) for start in range(0, images, batch_size)]
    cut = [size for size in cut if size == batch_size or not drop_last]
    epoch = Epoch(images, batch_size, drop_last)
    assert [epoch.size(position) for position in range(epoch.steps)] == cut
    assert (epoch.seen, epoch.left_out) == (sum(cut), images - sum(cut))
    assert epoch.pictures(steps) == sum(cut[step % len(cut)] for step in range(steps))


@pytest.mark.parametrize(
    ("epoch", "sentence"),
    [
        (Epoch(5000, 100), "An epoch is 50 steps of 100 pictures, all 5,000."),
        (Epoch(5000, 5000), "An epoch is 1 step of 5,000 pictures, all 5,000."),
        (Epoch(5000, 128), "An epoch is 39 steps of 128 pictures; 8 of the 5,000 are left out, others each time."),
        (Epoch(5000, 2600), "An epoch is 1 step of 2,600 pictures; 2,400 of the 5,000 are left out, others each time."),
        (Epoch(5000, 128, False), "An epoch is 40 steps: 128 pictures each and 8 in the last one, all 5,000."),
        (Epoch(5000, 100, False), "An epoch is 50 steps of 100 pictures, all 5,000."),
    ],
)
def test_epoch_says_what_it_is(epoch: Epoch, sentence: str) -> None:
    assert epoch.sentence == sentence


def test_batches_leave_global_randomness_alone(sample: Dataset) -> None:
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state(legacy=False)["state"]["key"].copy()
    made = Batches(sample, 64, 0, "cpu", True)
    made.batch(0), made.batch(made.epoch.steps), made.probe_batch(32)
    assert torch.equal(torch_before, torch.get_rng_state())
    np.testing.assert_array_equal(numpy_before, np.random.get_state(legacy=False)["state"]["key"])


if torch.cuda.is_available():

    def test_cuda_sees_the_same_minibatches_without_waiting(sample: Dataset) -> None:
        on_cpu, on_cuda = (Batches(sample, 128, 5, device, True) for device in ("cpu", "cuda"))
        on_cuda.batch(0)
        torch.cuda.set_sync_debug_mode("error")
        try:
            made = [on_cuda.batch(step) for step in range(1, 4)]
        finally:
            torch.cuda.set_sync_debug_mode("default")
        for step, (images, labels) in enumerate(made, 1):
            expected, expected_labels = on_cpu.batch(step)
            assert torch.equal(as_uint8(images), as_uint8(expected))
            assert torch.equal(labels.cpu(), expected_labels)


@pytest.mark.parametrize("size", [1000, 300, 7])
def test_test_batches_are_the_whole_test_set_in_order(sample: Dataset, size: int) -> None:
    made = list(Batches(sample, 128, 0, "cpu", True).test_batches(size))
    assert [len(labels) for _, labels in made[:-1]] == [size] * (len(made) - 1)
    images, labels = (torch.cat(parts) for parts in zip(*made, strict=True))
    np.testing.assert_array_equal(as_uint8(images).numpy(), sample.test_images)
    np.testing.assert_array_equal(labels.numpy(), sample.test_labels)


@pytest.mark.parametrize("count", [2, 32, 50])
def test_probe_batch_is_fixed_and_balanced(sample: Dataset, count: int) -> None:
    images, labels = Batches(sample, 128, 0, "cpu", True).probe_batch(count)
    other_images, other_labels = Batches(sample, 16, 99, "cpu", False).probe_batch(count)
    assert torch.equal(images, other_images)
    assert torch.equal(labels, other_labels)
    share = torch.bincount(labels, minlength=10)
    assert share.max() - share.min() <= 1
    seen = {image.tobytes() for image in as_uint8(images).numpy()}
    assert len(seen) == count
    assert seen <= {image.tobytes() for image in sample.train_images}


def test_probe_pictures_are_the_first_of_each_class_in_any_order(sample: Dataset) -> None:
    """So the sample and the full set are watched through the same pictures, though their order differs."""
    by_class = np.argsort(sample.train_labels, kind="stable")
    sorted_sample = Dataset(
        DATASETS["cifar10"],
        sample.train_images[by_class],
        sample.train_labels[by_class],
        sample.test_images,
        sample.test_labels,
    )
    expected = Batches(sample, 10, 0, "cpu", False).probe_batch(32)
    found = Batches(sorted_sample, 10, 0, "cpu", False).probe_batch(32)
    assert torch.equal(expected[0], found[0])
    assert torch.equal(expected[1], found[1])


def test_balanced_takes_one_of_each_class_in_turn() -> None:
    order = batches.balanced(np.array([2, 2, 0, 1, 2, 1, 0], np.uint8))
    assert order.tolist() == [2, 3, 0, 6, 5, 1, 4]


def test_more_than_there_is_is_refused() -> None:
    dataset = numbered(50)
    assert Batches(dataset, 50, 0, "cpu", True).epoch.steps == 1
    with pytest.raises(DataError, match="choose at most") as refused:
        Batches(dataset, 51, 0, "cpu", True)
    assert small_cifar.is_sentence(str(refused.value))
    with pytest.raises(DataError, match="choose at most 50") as refused:
        Batches(dataset, 10, 0, "cpu", True).probe_batch(51)
    assert small_cifar.is_sentence(str(refused.value))
