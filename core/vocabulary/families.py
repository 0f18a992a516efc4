"""Families of nets: how their depth counts, what they are usually, and which fields mean nothing in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from core.vocabulary.colours import BLUE, GREEN, PINK, VERMILION
from core.vocabulary.orders import ActivationOrder

FamilyName = Literal["resnet", "wide", "densenet", "vgg"]
Form = Literal["cifar", "imagenet"]
Kind = Literal["plain", "resnet", "densenet", "vgg"]  # with a colour of its own; plain is a ResNet without skips

MOST_BLOCKS = 1000  # a stage, in the CIFAR form


class Colours(NamedTuple):
    """Those of one kind of net."""

    usual: str
    beside: str = PINK  # a second quantity of the same net, in one panel with the first


KINDS: dict[Kind, Colours] = {
    "plain": Colours(VERMILION),
    "resnet": Colours(BLUE),
    "densenet": Colours(GREEN),
    "vgg": Colours(PINK, beside=BLUE),
}
IMAGE_SIZES: dict[Form, int] = {"cifar": 32, "imagenet": 224}  # pixels a side of the pictures that it is made for


class DepthRule(NamedTuple):
    """Depths in the CIFAR form: step * n + offset, n being the blocks of each of three stages, from 1 on."""

    step: int
    offset: int
    formula: str  # with the paper's letter
    key: str  # of the depth in the address; each rule has its own, because each slider offers other depths


class Remark(NamedTuple):
    """One sentence about what a net's own numbers do not say."""

    about: Literal["depth", "biases"]
    text: str
    only: Callable[[Mapping[str, Any]], bool] = lambda net: True  # of a net's fields: where it holds


@dataclass(frozen=True)
class Family:
    """One family, as the papers have it."""

    label: str
    called: str  # in a sentence, at its beginning
    kind: Kind  # its colour in every chart, but for a plain net
    rule: DepthRule | None  # of the CIFAR form; none: the table of stages has the depths of both forms
    meaningless: tuple[str, ...]  # fields of a NetSpec that say nothing here: they take their defaults
    sizes: tuple[str, ...]  # fields that make a net large, in the order in which they are named to the user
    bottleneck_rule: DepthRule | None = None  # where a bottleneck is possible
    # Blocks of each stage by depth in the ImageNet form, without a rule in both; empty where there is no such form.
    stages: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    basic_depths: tuple[int, ...] = ()  # of the ImageNet form without bottlenecks
    # What a field that is not given is, by form, where it is not the default of NetSpec.
    usual: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    usual_bottleneck_depth: int | None = None  # in the CIFAR form; none: the usual depth is one of both rules
    start: Mapping[str, Any] = field(default_factory=dict)  # what a form begins with, where that is not the usual net
    order: ActivationOrder | None = None  # where norms and ReLUs sit; none: the field of that name says it
    remarks: tuple[Remark, ...] = ()

    @property
    def of_table(self) -> str:
        """The depths of its table, in words."""
        *others, deepest = self.stages
        return f"{', '.join(map(str, others))} or {deepest}"


_OF_BOTTLENECKS = ("stride_on", "groups", "base_width")

FAMILIES: dict[str, Family] = {
    "resnet": Family(
        label="ResNet",
        called="A plain or residual net",
        kind="resnet",
        rule=DepthRule(6, 2, "6n+2", "depth"),
        bottleneck_rule=DepthRule(9, 2, "9n+2", "depth_bottleneck"),
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
        kind="resnet",
        rule=DepthRule(6, 4, "6n+4", "depth_wide"),
        meaningless=("growth_rate", "compression", "form", "stem", "bottleneck", *_OF_BOTTLENECKS),
        sizes=("depth", "width_multiplier"),
        usual={"cifar": {"depth": 28, "width_multiplier": 10, "activation_order": "pre", "shortcut": "B"}},
        remarks=(Remark("depth", "Depth counts the three projections and not the classifier (Zagoruyko 2016)."),),
    ),
    "densenet": Family(
        label="DenseNet",
        called="A DenseNet",
        kind="densenet",
        rule=DepthRule(3, 4, "3N+4", "depth_dense"),
        bottleneck_rule=DepthRule(6, 4, "6N+4", "depth_bc"),
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
        order="pre",
        remarks=(
            Remark(
                "depth",
                "The blocks that the paper's table lists for DenseNet-264 make 265 layers.",
                only=lambda net: net["depth"] == 264 and net["form"] == "imagenet",
            ),
        ),
    ),
    "vgg": Family(
        label="VGG",
        called="A VGG",
        kind="vgg",
        rule=None,
        meaningless=(
            *("skip", "stem", "width_multiplier", "growth_rate", "bottleneck", "compression", "activation_order"),
            *("shortcut", "shortcut_scale", "branch_scale", "se_reduction", "dropout", "survival_probability"),
            *_OF_BOTTLENECKS,
        ),
        sizes=("width",),
        # Simonyan and Zisserman 2015, table 1: A, B, D and E; convolutions of each stage
        stages={11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)},
        usual={
            "cifar": {"depth": 16, "width": 64, "skip": False},
            "imagenet": {"depth": 16, "width": 64, "skip": False, "dropout": 0.5, "num_classes": 1000},
        },
        order="post",
        remarks=(
            Remark(
                "depth",
                "The number counts three linear layers, as in the paper; the CIFAR form has only one, so it has two "
                "layers with weights fewer than its name says.",
                only=lambda net: net["form"] == "cifar",
            ),
            Remark(
                "biases",
                "Its convolutions have biases, as published, even where a norm follows: the one exception to the rule "
                "of this lab that a convolution has a bias exactly where no norm follows.",
                only=lambda net: net["norm"] != "none",
            ),
        ),
    ),
}


def depth_rule(family: str, form: str = "cifar", bottleneck: bool = False) -> DepthRule | None:
    """The rule of a family's depths; none where its table has them."""
    found = FAMILIES[family]
    if form == "imagenet":
        return None
    return found.bottleneck_rule if bottleneck and found.bottleneck_rule else found.rule


def nearest_depth(wanted: int, family: str, bottleneck: bool = False) -> int:
    """The depth nearest to that one which a family can have in the CIFAR form."""
    rule = depth_rule(family, bottleneck=bottleneck)
    if rule is None:
        return min(FAMILIES[family].stages, key=lambda depth: abs(depth - wanted))
    return rule.step * max(1, round((wanted - rule.offset) / rule.step)) + rule.offset


def remarks(net: Mapping[str, Any], *about: str) -> list[str]:
    """What is to be said about a net's numbers, of all its fields; only of what is named, where something is."""
    found = FAMILIES[net["family"]].remarks
    return [remark.text for remark in found if remark.about in (about or (remark.about,)) and remark.only(net)]


def usual(given: Mapping[str, Any]) -> dict[str, Any]:
    """What fields that are not given are beside those that are, where they are not the defaults of NetSpec."""
    found, form = FAMILIES[given.get("family", "resnet")], str(given.get("form", "cifar"))
    fields = dict(found.usual.get(form, {}))
    if form == "cifar" and given.get("bottleneck") and found.usual_bottleneck_depth:
        fields["depth"] = found.usual_bottleneck_depth
    if given.get("stem") == "3x3":  # made for pictures of CIFAR-10
        fields.pop("num_classes", None)
    return fields
