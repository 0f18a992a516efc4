"""A trained net as it answers: its weights from a file, in eval mode, with what its inputs and outputs mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.batches import MEAN, STD
from core.data.files import CLASSES
from core.nets import Net, skeleton
from core.spec import NetSpec, SpecError
from core.train import checkpoint
from core.train.checkpoint import CheckpointError


@dataclass(frozen=True, eq=False)
class Trained:
    """A net in eval mode on the CPU, float32, and how pictures go in and names come out. Nobody changes it for good."""

    net: Net
    classes: tuple[str, ...]
    mean: tuple[float, ...] = MEAN  # of its training pictures, per channel, on the scale 0 to 1
    std: tuple[float, ...] = STD

    @property
    def size(self) -> int:
        """Pixels a side of the pictures it was trained on."""
        return self.net.spec.image_size

    def normalise(self, pictures: np.ndarray) -> Tensor:
        """Pictures (B, S, S, 3), 0 to 255, -> float32 (B, 3, S, S) as the net was trained on them."""
        scaled = torch.from_numpy(np.ascontiguousarray(pictures, np.float32)).movedim(3, 1) / 255
        return (scaled - torch.tensor(self.mean).view(3, 1, 1)) / torch.tensor(self.std).view(3, 1, 1)


def restore(path: Path) -> Trained:
    """The net of a checkpoint of this project, as it was at that step. Nothing in the file is ever executed.

    Raises CheckpointError where the file is not a whole checkpoint, or its tensors are not those of its net.
    """
    state, meta = checkpoint.load(path)
    try:
        spec = NetSpec.make(**meta["spec"]["net"])
    except (KeyError, TypeError, SpecError):
        raise CheckpointError(f"{path} does not say which net it holds: choose another one or train again.") from None
    weights = {name.removeprefix("net."): tensor for name, tensor in state.items() if name.startswith("net.")}
    return Trained(_filled(spec, weights, path), CLASSES)


def _filled(spec: NetSpec, weights: Mapping[str, Tensor], path: Path) -> Net:
    net = skeleton(spec)
    wanted: dict[str, Any] = net.state_dict()
    unlike = sorted(
        name
        for name in wanted.keys() | weights.keys()
        if name not in wanted or name not in weights or wanted[name].shape != weights[name].shape
    )
    if unlike:
        raise CheckpointError(
            f"{path} holds tensors of another net than its {spec.name} ({unlike[0]} differs): choose another one."
        )
    net.load_state_dict(weights, assign=True)
    return net.eval().requires_grad_(False)
