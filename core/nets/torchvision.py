"""torchvision's names for the parameters of the nets that both projects have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

RENAMES = [
    # ResNet, ResNeXt, Wide ResNet; torchvision counts blocks from 0
    (r"conv1\.(\w+)", r"stem.\1"),
    (r"bn1\.(\w+)", r"norm.\1"),
    (r"layer(\d+)\.(\d+)\.conv(\d)\.(\w+)", r"stage\1.block{\2}.branch.conv\3.\4"),
    (r"layer(\d+)\.(\d+)\.bn(\d)\.(\w+)", r"stage\1.block{\2}.branch.norm\3.\4"),
    (r"layer(\d+)\.(\d+)\.downsample\.0\.(\w+)", r"stage\1.block{\2}.shortcut.conv.\3"),
    (r"layer(\d+)\.(\d+)\.downsample\.1\.(\w+)", r"stage\1.block{\2}.shortcut.norm.\3"),
    (r"(fc\.\w+)", r"\1"),
    # DenseNet; published weights say norm.1 where the module says norm1
    (r"features\.conv0\.(\w+)", r"stem.\1"),
    (r"features\.norm0\.(\w+)", r"stem_norm.\1"),
    (r"features\.denseblock(\d+)\.denselayer(\d+)\.(norm|conv)\.?(\d)\.(\w+)", r"block\1.layer\2.\3\4.\5"),
    (r"features\.transition(\d+)\.(norm|conv)\.(\w+)", r"transition\1.\2.\3"),
    (r"features\.norm5\.(\w+)", r"norm.\1"),
    (r"classifier\.(\w+)", r"fc.\1"),
]


def from_torchvision(state: Mapping[str, T]) -> dict[str, T]:
    """The state dict of a torchvision ResNet, ResNeXt, Wide ResNet or DenseNet, by the names of this project's net.

    What stands under a name may be a tensor or anything that stands for it.

    Raises ValueError where a name is of none of these.
    """
    return {_renamed(name): tensor for name, tensor in state.items()}


def _renamed(name: str) -> str:
    for pattern, here in RENAMES:
        match = re.fullmatch(pattern, name)
        if match:
            return re.sub(r"\{(\d+)\}", lambda block: str(int(block[1]) + 1), match.expand(here))
    raise ValueError(f'"{name}" is no parameter of a torchvision ResNet or DenseNet: choose weights of one of these.')
