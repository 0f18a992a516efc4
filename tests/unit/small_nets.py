"""Trained nets for tests: small ones of this project in files of their own, and torchvision's with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn

from core.nets import build
from core.spec import NetSpec, RunSpec
from core.train import checkpoint

SPEC = NetSpec(depth=8, width=4)


def state_of(spec: NetSpec = SPEC, seed: int = 0) -> checkpoint.State:
    """By the names of a checkpoint, with what only training needs beside it."""
    state = {f"net.{name}": tensor for name, tensor in build(spec, seed).state_dict().items()}
    return state | {"optimizer.momentum": torch.ones(3), "step": torch.tensor(7)}


def meta_of(spec: NetSpec = SPEC, **more: Any) -> dict[str, Any]:
    return {"step": 7, "spec": RunSpec(net=spec).model_dump(mode="json"), **more}


def write(path: Path, spec: NetSpec = SPEC, seed: int = 0, **meta: Any) -> Path:
    """A whole checkpoint."""
    path.parent.mkdir(parents=True, exist_ok=True)
    checkpoint.save(path, state_of(spec, seed), meta_of(spec, **meta))
    return path


class Payload:
    """Whose pickle writes a file when it is executed."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return (Path.write_text, (self.mark, "executed"))


def of_torchvision(kind: str, seed: int = 0) -> nn.Module:
    """Their module with weights that keep signals in range, and norms that each do something of their own."""
    with torch.device("meta"):
        module = torchvision.models.get_model(kind, weights=None)
    module.to_empty(device="cpu")
    source = torch.Generator().manual_seed(seed)
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.Linear):
            part.weight.data.normal_(std=part.weight[0].numel() ** -0.5, generator=source)
            if part.bias is not None:
                part.bias.data.normal_(generator=source)
        if isinstance(part, nn.BatchNorm2d):
            state = part.state_dict()
            state["num_batches_tracked"].zero_()
            for name in ("weight", "running_var"):
                state[name].uniform_(0.5, 1.0, generator=source)
            for name in ("bias", "running_mean"):
                state[name].uniform_(-0.1, 0.1, generator=source)
    return module.eval()
