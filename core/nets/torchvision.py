"""torchvision's names for the parameters of the nets that both projects have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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

HEAD_OF_VGG = {"classifier.0": "head.fc1", "classifier.3": "head.fc2", "classifier.6": "head.fc"}


def from_torchvision(state: Mapping[str, T]) -> dict[str, T]:
    """The state dict of a torchvision ResNet, ResNeXt, Wide ResNet, DenseNet or VGG, by the names of the net here.

    What stands under a name may be a tensor or anything that stands for it.

    Raises ValueError where a name is of none of these.
    """
    vgg = _modules_of_vgg(state)
    return {_renamed(name, vgg): tensor for name, tensor in state.items()}


def _modules_of_vgg(names: Iterable[str]) -> dict[str, str]:
    """Ours by theirs, for a VGG; nothing for other nets.

    They number all layers in a row, those without weights as well: where one more than usual lies between two
    convolutions it is the maxima, and a stage ends.
    """
    numbered = [match for match in (re.fullmatch(r"features\.(\d+)\.(\w+)", name) for name in names) if match]
    norms = {int(match[1]) for match in numbered if match[2] == "running_mean"}
    convolutions = sorted({int(match[1]) for match in numbered} - norms)
    usual = 3 if norms else 2  # from one convolution to the next: itself, its norm, its ReLU
    stage, layer, before = 1, 0, -usual
    modules = {}
    for number in convolutions:
        stage, layer = (stage, layer + 1) if number - before == usual else (stage + 1, 1)
        modules[f"features.{number}"] = f"stage{stage}.layer{layer}.conv"
        modules[f"features.{number + 1}"] = f"stage{stage}.layer{layer}.norm"
        before = number
    return modules | (HEAD_OF_VGG if modules else {})


def _renamed(name: str, vgg: Mapping[str, str]) -> str:
    module, _, own = name.rpartition(".")
    if module in vgg:
        return f"{vgg[module]}.{own}"
    for pattern, here in RENAMES:
        match = re.fullmatch(pattern, name)
        if match:
            return re.sub(r"\{(\d+)\}", lambda block: str(int(block[1]) + 1), match.expand(here))
    raise ValueError(
        f'"{name}" is no parameter of a torchvision ResNet, DenseNet or VGG: choose weights of one of these.'
    )
