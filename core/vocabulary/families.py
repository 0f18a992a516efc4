"""Families of nets: how their depth counts, what they are usually, and which fields mean nothing in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

FamilyName = Literal["resnet", "wide", "densenet"]
Form = Literal["cifar", "imagenet"]
Kind = Literal["plain", "resnet", "densenet"]  # what has a colour of its own; a plain net is a ResNet without skips

MOST_BLOCKS = 1000  # a stage, in the CIFAR form


class DepthRule(NamedTuple):
    """Depths in the CIFAR form: step * n + offset, n being the blocks of each of three stages, from 1 on."""

    step: int
    offset: int
    formula: str  # with the paper's letter


@dataclass(frozen=True)
class Family:
    """One family, as the papers have it."""

    label: str
    called: str  # in a sentence, at its beginning
    rule: DepthRule
    meaningless: tuple[str, ...]  # fields of a NetSpec that say nothing here: they take their defaults
    sizes: tuple[str, ...]  # fields that make a net large, in the order in which they are named to the user
    bottleneck_rule: DepthRule | None = None  # where a bottleneck is possible
    # Blocks of each stage by depth in the ImageNet form; empty where there is none.
    stages: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    basic_depths: tuple[int, ...] = ()  # of the ImageNet form without bottlenecks
    # What a field that is not given is, by form, where it is not the default of NetSpec.
    usual: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    usual_bottleneck_depth: int | None = None  # in the CIFAR form; none: the usual depth is one of both rules
    start: Mapping[str, Any] = field(default_factory=dict)  # what a form begins with, where that is not the usual net


_OF_BOTTLENECKS = ("stride_on", "groups", "base_width")

FAMILIES: dict[str, Family] = {
    "resnet": Family(
        label="ResNet",
        called="A plain or residual net",
        rule=DepthRule(6, 2, "6n+2"),
        bottleneck_rule=DepthRule(9, 2, "9n+2"),
        meaningless=("growth_rate", "compression", "width_multiplier"),
        sizes=("depth", "width", "groups", "base_width"),
        # He 2015, table 1, with bottlenecks from 50 layers on
        stages={18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)},
        basic_depths=(18, 34),
        usual={"imagenet": {"depth": 50, "width": 64, "shortcut": "B", "stem": "7x7", "num_classes": 1000}},
        usual_bottleneck_depth=29,
    ),
    "wide": Family(
        label="Wide",
        called="A Wide ResNet",
        rule=DepthRule(6, 4, "6n+4"),  # the three projections count, the classifier does not (Zagoruyko 2016)
        meaningless=("growth_rate", "compression", "form", "stem", "bottleneck", *_OF_BOTTLENECKS),
        sizes=("depth", "width_multiplier"),
        usual={"cifar": {"depth": 28, "width_multiplier": 10, "activation_order": "pre", "shortcut": "B"}},
    ),
    "densenet": Family(
        label="DenseNet",
        called="A DenseNet",
        rule=DepthRule(3, 4, "3N+4"),
        bottleneck_rule=DepthRule(6, 4, "6N+4"),
        meaningless=(
            *("width", "width_multiplier", "shortcut", "shortcut_scale", "branch_scale", "activation_order"),
            *("stem", "se_reduction", "dropout", "survival_probability", *_OF_BOTTLENECKS),
        ),
        sizes=("depth", "growth_rate"),
        stages={  # Huang 2017, table 1; 161 is torchvision's
            121: (6, 12, 24, 16),
            161: (6, 12, 36, 24),
            169: (6, 12, 32, 32),
            201: (6, 12, 48, 32),
            264: (6, 12, 64, 48),
        },
        usual={
            "cifar": {"depth": 40},
            "imagenet": {"depth": 121, "growth_rate": 32, "compression": 0.5, "stem": "7x7", "num_classes": 1000},
        },
        start={"bottleneck": True, "compression": 0.5},
    ),
}


def depth_rule(family: str, bottleneck: bool = False) -> DepthRule:
    """The rule of a family's depths in the CIFAR form."""
    found = FAMILIES[family]
    return found.bottleneck_rule if bottleneck and found.bottleneck_rule else found.rule


def stages(family: str) -> Mapping[int, tuple[int, ...]]:
    """Blocks of each stage by depth, in the ImageNet form of a family."""
    return FAMILIES[family].stages


def usual(given: Mapping[str, Any]) -> dict[str, Any]:
    """What fields that are not given are beside those that are, where they are not the defaults of NetSpec."""
    found, form = FAMILIES[given.get("family", "resnet")], str(given.get("form", "cifar"))
    fields = dict(found.usual.get(form, {}))
    if form == "cifar" and given.get("bottleneck") and found.usual_bottleneck_depth:
        fields["depth"] = found.usual_bottleneck_depth
    if given.get("stem") == "3x3":  # made for pictures of CIFAR-10
        fields.pop("num_classes", None)
    return fields
