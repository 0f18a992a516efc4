"""Short names of nets, for legends: family and depth, then whatever is not usual about the net."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.vocabulary.choices import NORMS, STEMS
from core.vocabulary.families import IMAGE_SIZES

if TYPE_CHECKING:
    from core.spec.net import NetSpec


def name_of(net: NetSpec) -> str:
    """``plain-56 no BN``, ``PreAct-164 bottleneck B``, ``DenseNet-BC-40-12``, ``ResNet-50 (ImageNet)``."""
    name = NAMED[net.family](net)
    if net.form == "imagenet":
        name += " (ImageNet)" if net.image_size == IMAGE_SIZES["imagenet"] else f" ({STEMS[net.stem].called})"
    if net.norm != "batch":
        name += f" {NORMS[net.norm].short or 'no BN'}"
    return name + ("" if net.init == "he" else f" {net.init}")


def _dense(net: NetSpec) -> str:
    if net.form == "imagenet" and net.compression == 0.5:  # as in the paper, which names it by its depth alone
        name = f"DenseNet-{net.depth}" + ("" if net.growth_rate == 32 else f"-{net.growth_rate}")
    else:
        letters = ("B" if net.bottleneck else "") + ("C" if net.compression < 1 else "")
        name = f"DenseNet{'-' + letters if letters else ''}-{net.depth}-{net.growth_rate}"
    return name + ("" if net.skip else " no skip")


def _residual(net: NetSpec) -> str:
    base = _base(net)
    parts = [("SE-" if net.se_reduction else "") + f"{base}-{net.depth}"]
    if net.family == "wide":
        parts[0] += f"-{net.width_multiplier}"
    if net.groups > 1 or net.base_width:
        parts.append(f"{net.groups}×{net.base_width or net.width // net.groups}d")
    elif net.bottleneck and net.form == "cifar":
        parts.append("bottleneck")
    usual_order = "pre" if net.family == "wide" or base == "PreAct" else "post"
    parts += [net.activation_order] * (net.activation_order != usual_order)
    if net.bottleneck and net.stride_on != ("1x1" if net.activation_order == "pre" else "3x3"):
        parts.append({"1x1": "v1", "3x3": "v1.5"}[net.stride_on])
    if net.skip:
        usual_shortcut = "B" if net.family == "wide" or net.form == "imagenet" else "A"
        parts += [net.shortcut] * (net.shortcut != usual_shortcut)
        parts += [f"shortcut ×{net.shortcut_scale:g}"] * (net.shortcut_scale != 1)
        parts += [f"branch ×{net.branch_scale}"] * (net.branch_scale != 1)
        parts += [f"survival {net.survival_probability:g}"] * (net.survival_probability < 1)
    parts += [f"dropout {net.dropout:g}"] * (net.dropout > 0)
    usual_width = 64 if net.form == "imagenet" or net.groups > 1 else 16
    parts += [f"×{net.width / usual_width:g}"] * (net.width != usual_width)
    return " ".join(parts)


def _base(net: NetSpec) -> str:
    if not net.skip:
        return "plain"
    if net.family == "wide":
        return "WRN"
    if net.groups > 1:
        return "ResNeXt"
    return "PreAct" if net.activation_order == "pre" else "ResNet"


def _vgg(net: NetSpec) -> str:
    return f"VGG-{net.depth}" + ("" if net.width == 64 else f" ×{net.width / 64:g}")


NAMED: dict[str, Callable[[NetSpec], str]] = {
    "resnet": _residual,
    "wide": _residual,
    "densenet": _dense,
    "vgg": _vgg,
}
