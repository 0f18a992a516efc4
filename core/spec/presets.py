"""Nets with a name: those of the papers, and torchvision's."""

from __future__ import annotations

from typing import Any

from core.spec.base import SpecError, shortened
from core.spec.net import NetSpec


def _imagenet(depth: int, **fields: Any) -> NetSpec:
    return NetSpec(form="imagenet", depth=depth, **fields)


def _preact(depth: int, **fields: Any) -> NetSpec:
    return NetSpec(depth=depth, activation_order="pre", **fields)


def _dense(depth: int, growth_rate: int) -> NetSpec:
    return NetSpec(family="densenet", depth=depth, growth_rate=growth_rate)


def _dense_bc(depth: int, growth_rate: int) -> NetSpec:
    return _dense(depth, growth_rate).but(bottleneck=True, compression=0.5)


PRESETS: dict[str, NetSpec] = {
    # CIFAR form: 32x32 pictures, 10 classes
    "smallresnet": NetSpec(depth=14, shortcut="B"),  # of the BN study: 6 basic blocks, 175,258 parameters
    "smallresnet-nobn": NetSpec(depth=14, shortcut="B", norm="none"),
    **{f"plain{depth}": NetSpec(depth=depth, skip=False) for depth in (20, 32, 44, 56, 110)},
    **{f"resnet{depth}": NetSpec(depth=depth) for depth in (20, 32, 44, 56, 110, 1202)},
    **{f"resnet{depth}-b": NetSpec(depth=depth, shortcut="B") for depth in (20, 32, 56, 110)},
    **{f"resnet{depth}-c": NetSpec(depth=depth, shortcut="C") for depth in (20, 110)},
    "resnet110-sd": NetSpec(depth=110, survival_probability=0.5),  # stochastic depth of Huang 2016
    # He 2016: shortcut and branch each times 0.5 (table 1), and activation orders between the two usual ones (table 2)
    "resnet110-half": NetSpec(depth=110, shortcut_scale=0.5, branch_scale=0.5),
    "resnet110-bn-after-add": NetSpec(depth=110, activation_order="bn-after-add"),
    "resnet110-relu-before-add": NetSpec(depth=110, activation_order="relu-before-add"),
    "resnet110-relu-only-pre": NetSpec(depth=110, activation_order="relu-only-pre"),
    "resnet110-scaled": NetSpec(depth=110, branch_scale="1/L"),  # each branch times one over the number of blocks
    "resnet164": NetSpec(depth=164, bottleneck=True, shortcut="B"),
    **{f"preact{depth}": _preact(depth) for depth in (20, 56, 110)},
    # as in the code of He 2016, which halves the map in the first 1x1 convolution
    **{f"preact{depth}": _preact(depth, bottleneck=True, stride_on="1x1", shortcut="B") for depth in (164, 1001)},
    **{
        f"wrn{depth}-{k}": NetSpec(family="wide", depth=depth, width_multiplier=k)
        for depth, k in ((16, 4), (16, 8), (28, 10), (40, 4))
    },
    "wrn28-10-dropout": NetSpec(family="wide", depth=28, width_multiplier=10, dropout=0.3),
    "resnext29-8x64d": NetSpec(depth=29, bottleneck=True, width=64, groups=8, base_width=64, shortcut="B"),
    "se-resnet20": NetSpec(depth=20, se_reduction=16),
    "se-resnet20-b": NetSpec(depth=20, se_reduction=16, shortcut="B"),
    **{f"densenet-{depth}-12": _dense(depth, 12) for depth in (40, 100)},
    **{f"densenet-bc-{depth}-{k}": _dense_bc(depth, k) for depth, k in ((40, 12), (100, 12), (250, 24), (190, 40))},
    **{f"vgg{depth}-cifar": NetSpec(family="vgg", depth=depth) for depth in (11, 13, 16, 19)},
    "vgg16-cifar-nobn": NetSpec(family="vgg", depth=16, norm="none"),
    # four stages behind a 3x3 stem: the commonest ResNets for CIFAR-10, 10 classes
    **{f"resnet{depth}-3x3": _imagenet(depth, stem="3x3") for depth in (18, 34, 50)},
    # ImageNet form: 224x224 pictures, 1000 classes; torchvision's names
    **{f"plain{depth}": _imagenet(depth, skip=False) for depth in (18, 34)},
    **{f"resnet{depth}": _imagenet(depth) for depth in (18, 34, 50, 101, 152)},
    **{f"resnet{depth}-a": _imagenet(depth, shortcut="A") for depth in (18, 34)},
    "resnet34-c": _imagenet(34, shortcut="C"),
    **{f"resnet{depth}-v1": _imagenet(depth, stride_on="1x1") for depth in (50, 101, 152)},
    "resnext50_32x4d": _imagenet(50, groups=32, base_width=4),
    "resnext101_32x8d": _imagenet(101, groups=32, base_width=8),
    "resnext101_64x4d": _imagenet(101, groups=64, base_width=4),
    **{f"wide_resnet{depth}_2": _imagenet(depth, base_width=128) for depth in (50, 101)},
    **{f"densenet{depth}": _imagenet(depth, family="densenet") for depth in (121, 169, 201, 264)},
    "densenet161": _imagenet(161, family="densenet", growth_rate=48),
    **{f"vgg{depth}": _imagenet(depth, family="vgg", norm="none") for depth in (11, 13, 16, 19)},
    **{f"vgg{depth}_bn": _imagenet(depth, family="vgg") for depth in (11, 13, 16, 19)},
}


def preset(name: str) -> NetSpec:
    """The preset of that name. Raises SpecError with the names there are."""
    if name not in PRESETS:
        raise SpecError(f'There is no preset "{shortened(name)}": choose one of {", ".join(PRESETS)}.')
    return PRESETS[name]
