"""The network's widgets: query parameters and clicks -> NetSpec. Shared by every page that asks for a net."""

from __future__ import annotations

from typing import Any

from streamlit.delta_generator import DeltaGenerator

from core import said
from core.web import net_labels as labels
from core.web.depth_form import depth_control
from core.web.fields import number, pick, segments, share, steps, switch, whole
from core.web.net_labels import depth_key, growth_key, query_of, state_of, width_key
from core.web.said import say

__all__ = ["net_form", "query_of", "state_of"]


def net_form(main: DeltaGenerator, more: DeltaGenerator) -> dict[str, Any]:
    """Draw the net's widgets into the two containers; the fields of a NetSpec as they stand, not yet validated."""
    family = segments(
        main,
        "Family",
        labels.FAMILIES,
        "family",
        help="ResNets add a block's input to its output, wide ones with more channels; DenseNets append it. "
        "A plain net, skips off, does neither.",
    )
    fields = {"resnet": _resnet, "wide": _wide, "densenet": _densenet}[family](main, more)
    return fields | {"family": family} | _switches(main, more, fields.get("activation_order", "pre"))


# Where the norms stand, by activation order; a DenseNet has that of "pre".
NORM_PLACES = {
    "post": "after each convolution",
    "bn-after-add": "after each convolution, the last one of a block after the addition",
    "relu-before-add": "after each convolution",
    "relu-only-pre": "after each convolution",
    "pre": "before each convolution and its ReLU",
}


def _switches(main: DeltaGenerator, more: DeltaGenerator, order: str) -> dict[str, Any]:
    switches = main.container(key="switches", gap="small", border=True)
    norm_on = switch(
        switches,
        "Batch norm",
        True,
        "bn",
        help="Batch normalisation (BN) rescales every channel to mean 0 and variance 1 within the minibatch, here "
        f"{NORM_PLACES[order]}; then a learnt scale γ and shift β apply.",
    )
    skip = switch(
        switches,
        "Skip connections",
        True,
        "skip",
        help="Off: the same layers, but each reads only the one before it. ResNet-20 becomes plain-20.",
    )
    norm = pick(
        more,
        "Kind of norm",
        labels.NORMS,
        "norm",
        disabled=not norm_on,
        help="Which norm the big switch turns on. Group and layer norm do not look at the rest of the minibatch.",
    )
    init = pick(
        more,
        "Initial weights",
        labels.INITS,
        "init",
        help="He: normal, by fan-out, made for ReLU. Zero-γ: each block starts as its shortcut, γ = 0.1: nearly. "
        "Fixup: for residual nets without norm.",
    )
    with more:
        say(said.of_weights(init))
    return {"norm": norm if norm_on else "none", "skip": skip, "init": init}


def _form(more: DeltaGenerator) -> str:
    return pick(
        more,
        "Form",
        labels.FORMS,
        "form",
        help="CIFAR: pictures of 32×32, 3×3 stem, three stages. ImageNet: 224×224, 7×7 stem and pooling, "
        "four stages, 1000 classes; to look at, it is not trained here.",
    )


def _resnet(main: DeltaGenerator, more: DeltaGenerator) -> dict[str, Any]:
    form = _form(more)
    bottleneck = form == "cifar" and switch(
        more, "Bottleneck blocks", False, "block_bottleneck", help="1×1, 3×3, 1×1 to four times the channels."
    )
    fields: dict[str, Any] = {"form": form, "bottleneck": bottleneck}
    kind = {"family": "resnet"} | fields
    default = 50 if form == "imagenet" else 29 if bottleneck else 20
    fields["depth"] = depth_control(main, depth_key("resnet", form, bottleneck), default, kind)
    usual = 64 if form == "imagenet" else 16
    fields["width"] = whole(
        more, "Width", 1, 1024, usual, width_key(form), help=f"Channels of the first stage; He 2015 uses {usual}."
    )
    # 18 and 34 layers are basic blocks, which the spec knows; there is nothing to group in them
    if bottleneck or (form == "imagenet" and fields["depth"] > 34):
        fields |= _bottleneck(more)
    return fields | _block(more, "A" if form == "cifar" else "B", "post")


def _bottleneck(more: DeltaGenerator) -> dict[str, Any]:
    left, right = more.columns(2)
    base_width = whole(right, "Base width", 0, 1024, 0, "base_width", help="Channels of a group; 0: width ÷ groups.")
    return {
        "groups": whole(left, "Groups", 1, 1024, 1, "groups", help="ResNeXt: groups of the 3×3 convolution."),
        "base_width": base_width or None,
        "stride_on": pick(
            more,
            "Stride on",
            labels.STRIDES,
            "stride_on",
            help="Which convolution halves the map: 1×1 in the first version of the nets (v1), 3×3 in v1.5.",
        ),
    }


def _wide(main: DeltaGenerator, more: DeltaGenerator) -> dict[str, Any]:
    kind = {"family": "wide", "form": "cifar", "bottleneck": False}
    depth = depth_control(main, "depth_wide", 28, kind)
    multiplier = whole(
        main,
        "Width multiplier k",
        1,
        64,
        10,
        "multiplier",
        help="Times as many channels as a ResNet has in each stage.",
    )
    return {"depth": depth, "width_multiplier": multiplier} | _block(more, "B", "pre")


def _block(more: DeltaGenerator, shortcut: str, order: str) -> dict[str, Any]:
    """What can be chosen for residual blocks of all kinds; ``shortcut`` and ``order`` are the usual ones."""
    chosen = pick(
        more,
        "Shortcut",
        labels.SHORTCUTS,
        labels.shortcut_key(shortcut),
        index=list(labels.SHORTCUTS).index(shortcut),
        help="Where the shape changes: A pads with zeros and has no parameters, B is a 1×1 convolution. "
        "C is a 1×1 convolution on every block (He 2015, section 4.1).",
    )
    arranged = pick(
        more,
        "Activation order",
        labels.ORDERS,
        labels.order_key(order),
        index=list(labels.ORDERS.values()).index(order),
        help="Where norm and ReLU sit in a block (He 2016, figure 4).",
    )
    left, right = more.columns(2)
    fields = {
        "shortcut": chosen,
        "activation_order": arranged,
        "se_reduction": whole(left, "SE reduction", 0, 1024, 0, "se", help="Squeeze-and-excitation; 0 is off."),
        "dropout": number(right, "Dropout", 0.0, "dropout", help="Before a branch's second convolution."),
        "survival_probability": number(
            left, "Survival", 1.0, "survival", help="Stochastic depth: how often the last branch is kept."
        ),
        "branch_scale": pick(right, "Branch ×", labels.BRANCH_SCALES, "branch_scale"),
        "shortcut_scale": pick(left, "Shortcut ×", labels.SHORTCUT_SCALES, "shortcut_scale"),
    }
    if fields["branch_scale"] == "1/L":
        with more:
            say(said.SCALED)
    return fields


def _densenet(main: DeltaGenerator, more: DeltaGenerator) -> dict[str, Any]:
    form = _form(more)
    bottleneck = form == "imagenet" or switch(
        more,
        "Bottleneck (DenseNet-B)",
        True,
        "bottleneck",
        help="A 1×1 convolution to 4k channels before each 3×3: wide inputs become cheap.",
    )
    compression = share(
        more,
        "Compression θ",
        0.1,
        0.5,
        0.1,
        "compression",
        help="Share of the channels that a transition keeps; below 1 it is DenseNet-C.",
    )
    kind = {"family": "densenet", "form": form, "bottleneck": bottleneck}
    depth = depth_control(main, depth_key("densenet", form, bottleneck), 121 if form == "imagenet" else 40, kind)
    growth = steps(
        main,
        "Growth rate k",
        4,
        48,
        32 if form == "imagenet" else 12,
        4,
        growth_key(form),
        help="Channels that each layer adds to what all later layers of its block read.",
    )
    return kind | {"depth": depth, "growth_rate": growth, "compression": compression}
