"""Minibatches made on the training device: the data set lies there as uint8, flip and crop are batched."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.files import DataError, Dataset
from core.spec import Epoch

PAD = 4  # black pixels around a picture before it is cropped back to its size


class Batches:
    """What a run trains and is judged on; ``batch(step)`` depends on the seed and on ``step`` alone.

    Raises DataError where the batch is larger than the training set.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int,
        seed: int,
        device: torch.device | str,
        augment: bool = True,
        drop_last: bool = True,
    ) -> None:
        count = len(dataset.train_labels)
        if batch_size > count:
            raise DataError(
                f"A batch of {batch_size:,} is larger than the {count:,} pictures: choose at most {count:,}."
            )
        self.epoch = Epoch(count, batch_size, drop_last)
        self.seed = seed
        self.device = torch.device(device)
        self.augment = augment
        self._train = self._on_device(dataset.train_images, dataset.train_labels)
        self._test = self._on_device(dataset.test_images, dataset.test_labels)
        kind = dataset.kind
        self._scale = self._channels([1 / (255 * std) for std in kind.std])
        self._shift = self._channels([-mean / std for mean, std in zip(kind.mean, kind.std, strict=True)])
        self._rows = torch.arange(batch_size, device=self.device)
        self._probe_order = balanced(dataset.train_labels)
        self._drawn = -1  # the epoch that was drawn last
        self._draws: tuple[Tensor, ...] = ()

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Minibatch of the global ``step``: float32 (B, 3, 32, 32) channels_last, int64 labels (B,).

        B is the batch size, but for a last, smaller minibatch of an epoch where that is kept.
        """
        epoch, position = divmod(step, self.epoch.steps)
        if epoch != self._drawn:
            self._draw(epoch)
        first = position * self.epoch.batch_size
        here = slice(first, first + self.epoch.size(position))
        order, down, right, flip = (draw[here] for draw in self._draws)
        images, labels = (data.index_select(0, order) for data in self._train)
        if self.augment:
            images = flipped(cropped(images, self._rows[: len(order)], down, right), flip)
        return self.normalise(images), labels

    def test_batches(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The whole test set in order, normalised, in batches of ``size`` and one of what remains."""
        for images, labels in zip(*(data.split(size) for data in self._test), strict=True):
            yield self.normalise(images), labels

    def probe_batch(self, count: int) -> tuple[Tensor, Tensor]:
        """The same ``count`` training pictures for every run: the first of each class in turn, not augmented."""
        if count > len(self._probe_order):
            most = len(self._probe_order)
            raise DataError(f"There are only {most:,} pictures to watch, not {count:,}: choose at most {most:,}.")
        first = torch.from_numpy(self._probe_order[:count]).to(self.device)
        images, labels = (data.index_select(0, first) for data in self._train)
        return self.normalise(images), labels

    def normalise(self, images: Tensor) -> Tensor:
        """uint8 (B, 3, 32, 32) -> float32 channels_last, the mean of the data set taken off and its std divided out."""
        return (images.float() * self._scale + self._shift).contiguous(memory_format=torch.channels_last)

    def _draw(self, epoch: int) -> None:
        """Order, crops and flips of one epoch: drawn on the CPU, so that every device trains on the same pictures."""
        random = np.random.default_rng((self.seed, epoch))
        count = len(self._train[1])
        order = random.permutation(count)
        down, right = random.integers(0, 2 * PAD + 1, (2, count))
        flip = random.integers(0, 2, count).astype(bool)
        self._draws = tuple(torch.from_numpy(draw).to(self.device) for draw in (order, down, right, flip))
        self._drawn = epoch

    def _on_device(self, images: np.ndarray, labels: np.ndarray) -> tuple[Tensor, Tensor]:
        return torch.from_numpy(images).to(self.device), torch.from_numpy(labels).to(self.device, torch.int64)

    def _channels(self, values: list[float]) -> Tensor:
        return torch.tensor(values, device=self.device).view(1, -1, 1, 1)


def cropped(images: Tensor, rows: Tensor, down: Tensor, right: Tensor) -> Tensor:
    """Pad (B, 3, H, W) by PAD black pixels and cut each image out at its own offset, 0 to 2 * PAD from the top left.

    ``rows`` is ``arange(B)`` on the images' device. All windows are views of the padded images; only those
    asked for are copied, so there is no loop over images and no host synchronisation.
    """
    height, width = images.shape[2:]
    windows = F.pad(images, (PAD, PAD, PAD, PAD)).unfold(2, height, 1).unfold(3, width, 1)
    return windows[rows, :, down, right]


def flipped(images: Tensor, flip: Tensor) -> Tensor:
    """Mirror left and right those of (B, 3, H, W) where ``flip`` (B,) is true."""
    return torch.where(flip[:, None, None, None], images.flip(3), images)


def balanced(labels: np.ndarray) -> np.ndarray:
    """Indices of all images, first the first of each class, then the second of each, and so on."""
    place = np.empty(len(labels), np.int64)  # how many of its class come before an image
    for label in np.unique(labels):
        mine = labels == label
        place[mine] = np.arange(mine.sum())
    return np.lexsort((labels, place))
