"""A trained net as it answers: its weights from a file, in eval mode, with what its inputs and outputs mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.inspect import catalogue, pretrained, weights
from core.inspect.catalogue import Entry, WeightsError
from core.nets import Net
from core.vocabulary.datasets import DATASETS

PREFIX = "net."  # in a checkpoint; the rest is what training needs to go on


@dataclass(frozen=True, eq=False)
class Trained:
    """A net in eval mode on the CPU, float32, and how pictures go in and names come out. Nobody changes it for good."""

    net: Net
    classes: tuple[str, ...]
    mean: tuple[float, ...]  # of its training pictures, per channel, on the scale 0 to 1
    std: tuple[float, ...]

    @property
    def size(self) -> int:
        """Pixels a side of the pictures it was trained on."""
        return self.net.spec.image_size

    def normalise(self, pictures: np.ndarray) -> Tensor:
        """Pictures (B, S, S, 3), 0 to 255, -> float32 (B, 3, S, S) as the net was trained on them."""
        scaled = torch.from_numpy(np.ascontiguousarray(pictures, np.float32)).movedim(3, 1) / 255
        return (scaled - torch.tensor(self.mean).view(3, 1, 1)) / torch.tensor(self.std).view(3, 1, 1)


def of_entry(entry: Entry) -> Trained:
    """The net of the catalogue, as its file is now. Raises WeightsError."""
    if entry.path is None:
        raise WeightsError(
            f"The weights of {entry.title} are not on this machine: fetch them with "
            f'"python -m core fetch --net {entry.ref}", or name the folder that holds them in DEPTHLAB_WEIGHTS.'
        )
    if entry.classes == "imagenet":
        net = pretrained.restore(entry.ref, entry.path)
        return Trained(net, pretrained.class_names(entry.ref), pretrained.MEAN, pretrained.STD)
    return restore(entry.path)


def restore(path: Path) -> Trained:
    """The net of a checkpoint of this project, as it was at that step. Nothing in the file is ever executed.

    Raises WeightsError where the file is not a whole checkpoint, or its tensors are not those of its net.
    """
    entry = catalogue.of_file(path)
    spec, pictures = entry.net, DATASETS[entry.classes]
    if spec.num_classes != len(pictures.classes):
        raise WeightsError(
            f"{path} tells {spec.num_classes} classes apart, not {pictures.label}'s {len(pictures.classes)}: "
            "choose another one."
        )
    return Trained(weights.from_safetensors(path, spec, _of_net), pictures.classes, pictures.mean, pictures.std)


def _of_net(names: list[str]) -> dict[str, str]:
    return {name.removeprefix(PREFIX): name for name in names if name.startswith(PREFIX)}
