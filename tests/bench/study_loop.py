"""The other side of the comparison: the BN study's training loop, as notebooks write it.

Pictures go one by one through torchvision's transforms on PIL, a DataLoader with two worker processes stacks them, the
net trains in float32, and the loss is read after every step. ``python tests/bench/study_loop.py NET DATA DEVICE`` is
such a process of its own, without what our workers set up first: for each line it reads it trains an epoch and prints
the seconds.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset
from torchvision import transforms

from core.data.files import Dataset, load
from core.nets import build
from core.spec import preset
from core.vocabulary.datasets import DATASETS

WORKERS = 2


class Pictures(TorchDataset[tuple[torch.Tensor, int]]):
    """One PIL picture at a time, as torchvision's CIFAR10 hands them out."""

    def __init__(self, dataset: Dataset) -> None:
        self.images = np.ascontiguousarray(dataset.train_images.transpose(0, 2, 3, 1))  # (N, 32, 32, 3)
        self.labels = dataset.train_labels
        self.transform = transforms.Compose(
            [
                transforms.RandomCrop(32, padding=4),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                transforms.Normalize(DATASETS["cifar10"].mean, DATASETS["cifar10"].std),
            ]
        )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(Image.fromarray(self.images[index])), int(self.labels[index])


class StudyLoop:
    """Same net, same data, same batch, same optimiser as ours."""

    def __init__(self, net: nn.Module, dataset: Dataset, batch_size: int, device: torch.device) -> None:
        self.net = net.to(device)
        self.device = device
        # as notebooks have it: the worker processes start anew each epoch
        self.loader = DataLoader(Pictures(dataset), batch_size, shuffle=True, num_workers=WORKERS, drop_last=True)
        self.optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
        self.loss = nn.CrossEntropyLoss()

    def epoch(self) -> float:
        """Train one epoch; its mean loss."""
        total = 0.0
        for images, labels in self.loader:
            images, labels = images.to(self.device), labels.to(self.device)
            self.optimizer.zero_grad()
            loss = self.loss(self.net(images), labels)
            loss.backward()
            self.optimizer.step()
            total += loss.item()
        return total / len(self.loader)


def main() -> None:
    net, data, device = sys.argv[1:]
    loop = StudyLoop(build(preset(net)), load(data), 128, torch.device(device))
    for _ in sys.stdin:
        start = time.perf_counter()
        loop.epoch()  # the loss is read in each step, so nothing is left to wait for
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
