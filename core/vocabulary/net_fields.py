"""The fields of a net."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.vocabulary.choices import (
    INITS,
    NORMS,
    SHORTCUTS,
    STEMS,
    STRIDES,
)
from core.vocabulary.families import FAMILIES, depth_rule
from core.vocabulary.field import Choice, Field, Fields, Integer, Number, Scale, Share, Switch, Type
from core.vocabulary.orders import ORDERS


def _has_bottlenecks(net: Fields) -> bool:
    if net.get("form") == "imagenet":
        return net["depth"] not in FAMILIES[net["family"]].basic_depths
    return bool(net.get("bottleneck"))


def _depth_key(net: Fields) -> str:
    """That of its rule, or of its table."""
    family, form = net["family"], net.get("form", "cifar")
    rule = depth_rule(family, form, bool(net.get("bottleneck")))
    return rule.key if rule else f"depth_{form}_{family}"


def _by_form(name: str, key: str) -> Callable[[Fields], str]:
    """A key for each form, and for each family that has a usual value of its own in the CIFAR form."""

    def keyed(net: Fields) -> str:
        if net.get("form") == "imagenet":
            return f"{key}_imagenet"
        return f"{key}_{net['family']}" if name in FAMILIES[net["family"]].usual.get("cifar", {}) else key

    return keyed


def _bottleneck_key(net: Fields) -> str:
    return "bottleneck" if net["family"] == "densenet" else "block_bottleneck"


def _shortcut_key(net: Fields) -> str:
    return "shortcut" if net["family"] == "resnet" and net.get("form") != "imagenet" else "projection"


def _order_key(net: Fields) -> str:
    return "wide_order" if net["family"] == "wide" else "order"


def _depths() -> str:
    """Every rule of the CIFAR form, in words."""
    found = []
    for family in FAMILIES.values():
        rule = family.rule.formula if family.rule else family.of_table
        within = f", with bottleneck {family.bottleneck_rule.formula}" if family.bottleneck_rule else ""
        found.append(f"{family.label} {rule}{within}")
    return "; ".join(found)


def _net(name: str, label: str, type: Type, help: str = "", named: bool = True, **more: Any) -> Field:
    return Field("net", name, label, type, help, named=named, **more)


NET_FIELDS: tuple[Field, ...] = (
    _net(
        *("family", "Family"),
        Choice({name: family.label for name, family in FAMILIES.items()}, big=True),
        "ResNets add a block's input to its output, wide ones with more channels; DenseNets append it. "
        "A plain net, skips off, does neither, nor does a VGG, of 3×3 convolutions and maxima (Simonyan 2015).",
        key="family",
    ),
    _net(
        *("depth", "Depth"),
        Integer(1, 100_000),
        "Weighted layers, as the papers count them.",
        typed=f"Weighted layers: {_depths()}",
        key=_depth_key,
    ),
    _net(
        *("skip", "Skip connections"),
        Switch("with skips", "without skips"),
        "Off: the same layers, but each reads only the one before it. ResNet-20 becomes plain-20.",
        key="skip",
        called="skips",
    ),
    _net(
        *("norm", "Kind of norm"),
        Choice({name: norm.label for name, norm in NORMS.items()}),
        "Which norm the big switch turns on. Only batch norm looks at the rest of the minibatch.",
        key="norm",
        called="norm",
        words=lambda norm: NORMS[norm].words,
    ),
    _net(
        *("width", "Width"),
        Integer(1, 1024),
        "Channels of the first stage; He 2015 uses 16, and 64 in the ImageNet form; a VGG has 64.",
        key=_by_form("width", "width"),
    ),
    _net(
        *("stem", "Stem"),
        Choice({name: stem.label for name, stem in STEMS.items()}),
        "The first convolution. 7×7 with stride 2 and pooling is for pictures of 224×224; 3×3 keeps the map of a "
        "32×32 picture, as in most code that trains a ResNet-18 on CIFAR-10.",
        key="stem",
        words=lambda stem: f"{stem} stem".replace("x", "×"),
        only=lambda net: net.get("form") == "imagenet",
    ),
    _net(
        *("width_multiplier", "Width multiplier k"),
        Integer(1, 64),
        "Wide ResNet: times as many channels as a ResNet has in each stage.",
        key="multiplier",
        called="width multiplier",
        only=lambda net: net["family"] == "wide",
    ),
    _net(
        *("growth_rate", "Growth rate k"),
        Integer(1, 512, slider=(4, 48, 4)),
        "Channels that each layer of a DenseNet adds to what all later layers of its block read.",
        key=_by_form("growth_rate", "growth"),
        called="growth rate",
    ),
    _net(
        *("bottleneck", "Bottleneck"),
        Switch("bottleneck", "no bottleneck"),
        "1×1, 3×3, 1×1 to four times the channels; in DenseNet-B a 1×1 to 4k channels before each 3×3, which makes "
        "wide inputs cheap.",
        key=_bottleneck_key,
        only=lambda net: net.get("form") != "imagenet",
    ),
    _net(
        *("compression", "Compression θ"),
        Share(0.1, 0.1),
        "Share of the channels that a DenseNet's transition keeps; below 1 it is DenseNet-C.",
        named=False,
        key="compression",
        called="compression",
    ),
    _net(
        *("init", "Initial weights"),
        Choice(INITS),
        "He: normal, by fan-out, made for ReLU. Zero-γ: each block starts as its shortcut, γ = 0.1: nearly. "
        "Fixup: for residual nets without norm.",
        key="init",
        called="init",
        words=lambda init: f"init {init}",
    ),
    _net(
        *("activation_order", "Activation order"),
        Choice({name: order.label for name, order in ORDERS.items()}),
        "Where norm and ReLU sit in a block (He 2016, figure 4).",
        key=_order_key,
        words=lambda order: f"order {order}",
    ),
    _net(
        *("shortcut", "Shortcut"),
        Choice(SHORTCUTS),
        "Where the shape changes: A pads with zeros and has no parameters, B is a 1×1 convolution. "
        "C is a 1×1 convolution on every block (He 2015, section 4.1).",
        key=_shortcut_key,
    ),
    _net(
        *("shortcut_scale", "Shortcut ×"),
        Scale((1.0, 0.5, 0.1)),
        "Constant factor on each shortcut (He 2016, section 3.1).",
        key="shortcut_scale",
        called="shortcut scale",
        words=lambda scale: f"shortcut ×{scale:g}",
    ),
    _net(
        *("branch_scale", "Branch ×"),
        Scale((1.0, 0.5, 0.1, "1/L"), "1/L"),
        "Constant factor on each branch; 1/L: one over the number of blocks.",
        key="branch_scale",
        called="branch scale",
        words=lambda scale: f"branch ×{scale}",
    ),
    _net(
        *("stride_on", "Stride on"),
        Choice(STRIDES),
        "Which convolution of a bottleneck halves the map: 1×1 in the first version of the nets (v1), 3×3 in v1.5.",
        key="stride_on",
        called="stride",
        only=_has_bottlenecks,
    ),
    _net(
        *("groups", "Groups"),
        Integer(1, 1024),
        "ResNeXt: groups of a bottleneck's 3×3 convolution.",
        key="groups",
        only=_has_bottlenecks,
    ),
    _net(
        *("base_width", "Base width"),
        Integer(0, 1024, none=True),
        "ResNeXt: channels of a group in the first stage; 0: width ÷ groups.",
        key="base_width",
        only=_has_bottlenecks,
    ),
    _net(
        *("se_reduction", "SE reduction"),
        Integer(0, 1024),
        "Squeeze-and-excitation: channels over those of its hidden layer; 0 is off.",
        named=False,
        key="se",
        called="SE reduction",
    ),
    _net(*("dropout", "Dropout"), Number(), "Share dropped before a branch's second convolution.", key="dropout"),
    _net(
        *("survival_probability", "Survival"),
        Number(),
        "Stochastic depth: how often the last branch is kept; those before it more often.",
        key="survival",
    ),
    _net(
        *("form", "Form"),
        Choice({"cifar": "CIFAR", "imagenet": "ImageNet"}),
        "CIFAR: three stages, for pictures of 32×32. ImageNet: four, for 224×224 and 1000 classes; to look at. A VGG "
        "has five in both, but for CIFAR one linear layer instead of three. "
        "With a 3×3 stem a ResNet of four stages is for 32×32 as well and can be trained here.",
        key="form",
    ),
    _net(
        *("num_classes", "Classes"),
        Integer(2, 1000),
        "Classes that the net tells apart.",
        named=False,
        only=lambda net: False,
    ),
)
