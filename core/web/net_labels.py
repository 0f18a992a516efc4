"""What the network's widgets call the values of a spec, and the address that shows a given net."""

from __future__ import annotations

from typing import Any

from core.spec import NetSpec

FAMILIES = {"ResNet": "resnet", "Wide": "wide", "DenseNet": "densenet"}
FORMS = {"CIFAR": "cifar", "ImageNet": "imagenet"}
SHORTCUTS = {"A": "A", "B": "B", "C": "C"}
NORMS = {"Batch": "batch", "Group": "group", "Layer": "layer"}
INITS = {"He": "he", "PyTorch default": "default", "Zero-γ": "zero-gamma", "γ = 0.1": "gamma-0.1", "Fixup": "fixup"}
ORDERS = {
    "Post": "post",
    "BN after addition": "bn-after-add",
    "ReLU before addition": "relu-before-add",
    "ReLU only pre": "relu-only-pre",
    "Pre": "pre",
}
STRIDES = {"3x3": "3x3", "1x1": "1x1"}
SHORTCUT_SCALES: dict[str, float] = {"1": 1.0, "0.5": 0.5, "0.1": 0.1}
BRANCH_SCALES: dict[str, float | str] = {"1": 1.0, "0.5": 0.5, "0.1": 0.1, "1/L": "1/L"}


def depth_key(family: str, form: str, bottleneck: bool) -> str:
    """One key per rule, because each slider offers other depths."""
    if form == "imagenet":
        return f"depth_imagenet_{family}"
    if family == "densenet":
        return "depth_bc" if bottleneck else "depth_dense"
    return "depth_wide" if family == "wide" else "depth_bottleneck" if bottleneck else "depth"


def width_key(form: str) -> str:
    """Of a ResNet; the usual width depends on the form."""
    return "width_imagenet" if form == "imagenet" else "width"


def shortcut_key(usual: str) -> str:
    """One key per usual value, so that another family begins with its own."""
    return "shortcut" if usual == "A" else "projection"


def order_key(usual: str) -> str:
    return "order" if usual == "post" else "wide_order"


def growth_key(form: str) -> str:
    return "growth_imagenet" if form == "imagenet" else "growth"


def state_of(net: NetSpec) -> dict[str, Any]:
    """The widgets' values that make the form show this net."""
    state: dict[str, Any] = {
        "family": _label(FAMILIES, net.family),
        "bn": net.norm != "none",
        "skip": net.skip,
        "init": _label(INITS, net.init),
        depth_key(net.family, net.form, net.bottleneck): net.depth,
    }
    if net.family != "wide":
        state["form"] = _label(FORMS, net.form)
    if net.norm != "none":
        state["norm"] = _label(NORMS, net.norm)
    return state | (_dense_state(net) if net.family == "densenet" else _residual_state(net))


def _dense_state(net: NetSpec) -> dict[str, Any]:
    state: dict[str, Any] = {growth_key(net.form): net.growth_rate, "compression": net.compression}
    return state if net.form == "imagenet" else state | {"bottleneck": net.bottleneck}


def _residual_state(net: NetSpec) -> dict[str, Any]:
    state: dict[str, Any] = {
        shortcut_key("A" if net.family == "resnet" and net.form == "cifar" else "B"): net.shortcut,
        order_key("pre" if net.family == "wide" else "post"): _label(ORDERS, net.activation_order),
        "se": _text(net.se_reduction),
        "dropout": _text(net.dropout),
        "survival": _text(net.survival_probability),
        "shortcut_scale": _label(SHORTCUT_SCALES, net.shortcut_scale),
        "branch_scale": _label(BRANCH_SCALES, net.branch_scale),
    }
    if net.family == "wide":
        return state | {"multiplier": _text(net.width_multiplier)}
    state[width_key(net.form)] = _text(net.width)
    if net.form == "cifar":
        state["block_bottleneck"] = net.bottleneck
    if net.bottleneck:
        state |= {"stride_on": _label(STRIDES, net.stride_on), "groups": _text(net.groups)}
        state["base_width"] = _text(net.base_width or 0)
    return state


def query_of(net: NetSpec) -> dict[str, str]:
    """The query parameters that make the form show this net: for links."""
    return {key: _query_text(value) for key, value in state_of(net).items()}


def _query_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else _text(value)


def _text(value: Any) -> str:
    """What stands in a box for a number."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _label(options: dict[str, Any], value: Any) -> str:
    return next(label for label, option in options.items() if option == value)
