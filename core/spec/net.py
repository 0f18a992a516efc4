"""The network: what its fields mean, which values are possible, and what follows from them."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import model_validator

from core.spec.base import Spec, SpecError, shortened, within
from core.spec.legend import name_of
from core.vocabulary.choices import STEMS, Init, Norm, Shortcut, Stem, Stride
from core.vocabulary.families import (
    FAMILIES,
    IMAGE_SIZES,
    MOST_BLOCKS,
    DepthRule,
    FamilyName,
    Form,
    Kind,
    depth_rule,
    usual,
)
from core.vocabulary.fields import NET
from core.vocabulary.orders import ORDERS, ActivationOrder, Order


class NetSpec(Spec):
    """A network. ``family="plain"`` is accepted for a ResNet with its skips off.

    Where a family or form has other usual values than the defaults below (1000 classes in the ImageNet form, say), a
    field that is not given takes those.
    """

    family: FamilyName = "resnet"
    form: Form = "cifar"  # three stages; imagenet: four
    stem: Stem = "3x3"  # of 32x32 pictures; 7x7 with stride 2 and max-pooling, of 224x224, in the ImageNet form alone
    depth: int = 20  # weighted layers as the papers count them (core/vocabulary/families.py)
    width: int = 16  # channels of the first ResNet stage, in a bottleneck before expansion; the others have 2x, 4x, 8x
    width_multiplier: int = 1  # Wide ResNet's k: times as many channels in each stage, but not in the stem
    norm: Norm = "batch"
    skip: bool = True  # off: the same layers without the shortcut (ResNet) or without concatenation (DenseNet)
    shortcut: Shortcut = "A"  # where shapes change: A zero padding, B projection; C projection on every block
    shortcut_scale: float = 1.0  # constant factor on each shortcut (He 2016, section 3.1)
    branch_scale: float | Literal["1/L"] = 1.0  # constant factor on each branch; 1/L: one over the number of blocks
    activation_order: ActivationOrder = "post"  # where norm and ReLU sit in a block (He 2016, figure 4 a to e)
    init: Init = "he"
    bottleneck: bool = False  # ResNet: 1x1, 3x3, 1x1 to 4x the channels; DenseNet-B: 1x1 to 4k before each 3x3
    stride_on: Stride = "3x3"  # of a ResNet's bottleneck: v1 halves the map in its 1x1, v1.5 in its 3x3
    groups: int = 1  # ResNeXt's cardinality C: groups of a bottleneck's 3x3 convolution
    base_width: int | None = None  # ResNeXt's d: channels of a group in the first stage; none: width / groups
    se_reduction: int = 0  # squeeze-and-excitation's r: channels over those of its hidden layer; 0 is off
    dropout: float = 0.0  # share of values dropped before a branch's second convolution (Zagoruyko 2016)
    survival_probability: float = 1.0  # stochastic depth's p_L: the last branch is kept so often; linear from 1
    growth_rate: int = 12  # DenseNet's k: channels that each layer adds
    compression: float = 1.0  # DenseNet's theta: share of channels that a transition keeps
    num_classes: int = 10

    @model_validator(mode="before")
    @classmethod
    def _canonical(cls, fields: Any) -> Any:
        if not isinstance(fields, dict):
            return fields
        if fields.get("family") == "plain":
            fields = fields | {"family": "resnet", "skip": False}
        family = str(fields.get("family", "resnet"))
        if family in FAMILIES:
            found = FAMILIES[family]
            fields = {name: value for name, value in fields.items() if name not in found.meaningless}
            fields = usual(fields) | fields
            if fields.get("form") == "imagenet" and found.bottleneck_rule:
                fields["bottleneck"] = str(fields.get("depth")) not in map(str, found.basic_depths)
        if not fields.get("bottleneck"):
            fields.pop("stride_on", None)
        return fields

    @model_validator(mode="after")
    def _possible(self) -> Self:
        _check_depth(self)
        if self.form == "cifar" and self.stem != "3x3":
            raise ValueError("The CIFAR form begins with a 3×3 stem: choose that or the ImageNet form.")
        within("width", self.width, *NET["width"].bounds)
        within("width multiplier", self.width_multiplier, *NET["width_multiplier"].bounds)
        within("growth rate", self.growth_rate, *NET["growth_rate"].bounds)
        within("number of classes", self.num_classes, *NET["num_classes"].bounds)
        if not 0 < self.compression <= 1:
            raise ValueError(f"Compression {self.compression:g} is not possible: choose more than 0 and at most 1.")
        within("shortcut scale", self.shortcut_scale, 0, 10)
        within("branch scale", self.branch_factor, 0, 10)
        within("SE reduction", self.se_reduction, *NET["se_reduction"].bounds)
        if not 0 <= self.dropout < 1:
            raise ValueError(f"Dropout {self.dropout:g} is not possible: choose at least 0 and below 1.")
        if not 0 < self.survival_probability <= 1:
            raise ValueError(
                f"Survival probability {self.survival_probability:g} is not possible: choose more than 0 and at most 1."
            )
        _check_groups(self)
        _check_init(self)
        return self

    @property
    def kind(self) -> Kind:
        """What colour it has in every chart."""
        kind = FAMILIES[self.family].kind
        return "plain" if kind == "resnet" and not self.skip else kind

    @property
    def stages(self) -> tuple[int, ...]:
        """Blocks of each ResNet stage, or layers of each dense block: in the CIFAR form the papers' n or N."""
        rule = depth_rule(self.family, self.form, self.bottleneck)
        if rule is None:
            return FAMILIES[self.family].stages[self.depth]
        return ((self.depth - rule.offset) // rule.step,) * 3

    @property
    def order(self) -> Order:
        """Where norms and ReLUs sit."""
        return ORDERS[FAMILIES[self.family].order or self.activation_order]

    @property
    def branch_factor(self) -> float:
        """What each residual branch is multiplied by."""
        return 1 / sum(self.stages) if self.branch_scale == "1/L" else self.branch_scale

    @property
    def image_size(self) -> int:
        """Pixels a side of the pictures it is made for."""
        of_form = "stem" in FAMILIES[self.family].meaningless
        return IMAGE_SIZES[self.form] if of_form else STEMS[self.stem].image_size

    @property
    def name(self) -> str:
        """Short name for legends: ``ResNet-20``, ``plain-56 no BN``, ``DenseNet-BC-40-12``."""
        return name_of(self)


def twin(net: NetSpec, flip: Literal["norm", "skip"]) -> NetSpec:
    """The same net with BN (any norm <-> none) or skips flipped. Raises SpecError where there is none."""
    if not NET[flip].offered(net.model_dump()):
        raise SpecError(f"{net.name} has no {NET[flip].title} to switch on or off: choose another twin.")
    if flip == "skip":
        return net.but(skip=not net.skip)
    return net.but(norm="batch" if net.norm == "none" else "none")


def _check_depth(net: NetSpec) -> None:
    family = FAMILIES[net.family]
    rule = depth_rule(net.family, net.form, net.bottleneck)
    kind, layers = family.called, rule.formula if rule else family.of_table
    near = _near_in_rule(net.depth, rule) if rule else _near_in_table(net.depth, list(family.stages))
    if net.depth in near:
        return
    if rule:
        kind += " with bottleneck" if net.bottleneck else ""
    elif family.rule:
        kind += " of the ImageNet form"
    choose = " or ".join(map(str, near))
    raise ValueError(
        f"{kind} has {layers} layers, so depth {shortened(net.depth, 30)} is not possible: choose {choose}."
    )


def _near_in_table(depth: int, depths: list[int]) -> list[int]:
    """The depth itself where it is possible, else those on both sides of it."""
    if depth in depths:
        return [depth]
    return [*[d for d in depths if d < depth][-1:], *[d for d in depths if d > depth][:1]]


def _near_in_rule(depth: int, rule: DepthRule) -> list[int]:
    n, rest = divmod(depth - rule.offset, rule.step)
    below = rule.step * min(max(n, 1), MOST_BLOCKS) + rule.offset
    return [below, below + rule.step] if rest and 1 <= n < MOST_BLOCKS else [below]


def _check_groups(net: NetSpec) -> None:
    within("number of groups", net.groups, *NET["groups"].bounds)
    within("base width", 1 if net.base_width is None else net.base_width, 1, NET["base_width"].bounds[1])
    if not net.bottleneck and (net.groups > 1 or net.base_width):
        raise ValueError(
            "Groups and base width shape the 3×3 convolution of a bottleneck: switch it on or leave them out."
        )
    if net.base_width is None and net.width % net.groups:
        divisors = [groups for groups in range(1, net.width + 1) if net.width % groups == 0]
        near = [*[g for g in divisors if g < net.groups][-1:], *[g for g in divisors if g > net.groups][:1]]
        raise ValueError(
            f"{net.groups} groups do not divide the {net.width} channels of the first stage: "
            f"choose {' or '.join(map(str, near))}, or give a base width."
        )


def _check_init(net: NetSpec) -> None:
    family = FAMILIES[net.family]
    gamma = {"zero-gamma": "Zero-γ starts each residual branch at 0", "gamma-0.1": "γ = 0.1 starts each branch small"}
    of_branches = gamma | {"fixup": "Fixup replaces normalisation in residual branches"}
    if net.init in of_branches and family.kind != "resnet":
        called = f"{family.called[:1].lower()}{family.called[1:]}"
        raise ValueError(f"{of_branches[net.init]}, and {called} has none: choose another initialisation.")
    if net.init in gamma and not (net.skip and net.norm != "none"):
        raise ValueError(
            f"{gamma[net.init]} through its last norm, so it needs skips and a norm: "
            "switch both on or choose another initialisation."
        )
    # elsewhere a ReLU behind that norm, where it is 0, passes no gradient on: the branch would stay 0 for ever
    if net.init == "zero-gamma" and ORDERS[net.activation_order].end[-1:] != ("norm",):
        raise ValueError(
            "Zero-γ needs branches that end in a norm: choose the activation order post or relu-only-pre, or γ = 0.1."
        )
    if net.init == "fixup" and not (net.skip and net.norm == "none"):
        raise ValueError(
            "Fixup replaces normalisation in residual nets: switch skips on and the norm off, "
            "or choose another initialisation."
        )
    if net.init == "fixup" and net.activation_order != "post":
        raise ValueError("Fixup is made for the activation order post: choose it or another initialisation.")
