"""The network's widgets: query parameters and clicks -> NetSpec. Shared by every page that asks for a net."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.spec import NetSpec, SpecError, depth_rule
from core.web.fields import complain, pick, segments, switch, whole

FAMILIES = {"ResNet": "resnet", "DenseNet": "densenet"}
SHORTCUTS = {"A": "A", "B": "B", "C": "C"}
NORMS = {"Batch": "batch", "Group": "group", "Layer": "layer"}
INITS = {"He": "he", "PyTorch default": "default", "Zero-γ": "zero-gamma", "Fixup": "fixup"}
DEEPEST = 1202  # of He 2015
BEYOND = (128, 152, 164, 200, 218, 250, 302, 500, 602, 800, 1004, 1202)  # offered besides every depth up to 110


def depths(family: str, bottleneck: bool = False) -> list[int]:
    """The depths that the slider offers: each possible one up to 110, then some."""
    step, offset, _ = depth_rule(family, bottleneck)
    near = list(range(step + offset, 111, step))
    return near + [depth for depth in BEYOND if (depth - offset) % step == 0]


def net_form(main: DeltaGenerator, more: DeltaGenerator) -> dict[str, Any]:
    """Draw the net's widgets into the two containers; the fields of a NetSpec as they stand, not yet validated."""
    family = segments(
        main,
        "Family",
        FAMILIES,
        "family",
        help="ResNets add a block's input to its output; DenseNets append it; a plain net, skips off, does neither.",
    )
    fields = _densenet(main, more) if family == "densenet" else _resnet(main, more)
    switches = main.container(key="switches", gap="small", border=True)
    norm_on = switch(
        switches,
        "Batch norm",
        True,
        "bn",
        help="Batch normalisation (BN) rescales every channel to mean 0 and variance 1 within the minibatch, "
        "after each convolution.",
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
        NORMS,
        "norm",
        disabled=not norm_on,
        help="Which norm the big switch turns on. Group and layer norm do not look at the rest of the minibatch.",
    )
    init = pick(
        more,
        "Initial weights",
        INITS,
        "init",
        help="He: normal, by fan-out, made for ReLU. Zero-γ: each block starts as its shortcut. "
        "Fixup: for residual nets without norm.",
    )
    return fields | {"family": family, "norm": norm if norm_on else "none", "skip": skip, "init": init}


def _resnet(main: DeltaGenerator, more: DeltaGenerator) -> dict[str, Any]:
    depth = _depth(main, "depth", 20, family="resnet")
    width = whole(more, "Width", 1, 1024, 16, "width", help="Channels of the first stage; He 2015 uses 16.")
    shortcut = pick(
        more,
        "Shortcut",
        SHORTCUTS,
        "shortcut",
        help="Where the shape changes: A pads with zeros and has no parameters, B is a 1×1 convolution. "
        "C is a 1×1 convolution on every block (He 2015, section 4.1).",
    )
    return {"depth": depth, "width": width, "shortcut": shortcut}


def _densenet(main: DeltaGenerator, more: DeltaGenerator) -> dict[str, Any]:
    bottleneck = switch(
        more,
        "Bottleneck (DenseNet-B)",
        True,
        "bottleneck",
        help="A 1×1 convolution to 4k channels before each 3×3: wide inputs become cheap.",
    )
    compression = more.slider(
        "Compression θ",
        0.1,
        1.0,
        0.5,
        0.1,
        key="compression",
        bind="query-params",
        help="Share of the channels that a transition keeps; below 1 it is DenseNet-C.",
    )
    # one key per rule, because the two sliders offer different depths
    depth = _depth(main, "depth_bc" if bottleneck else "depth_dense", 40, family="densenet", bottleneck=bottleneck)
    growth = main.slider(
        "Growth rate k",
        4,
        48,
        12,
        4,
        key="growth",
        bind="query-params",
        help="Channels that each layer adds to what all later layers of its block read.",
    )
    return {"depth": depth, "growth_rate": growth, "bottleneck": bottleneck, "compression": compression}


def _depth(main: DeltaGenerator, key: str, default: int, **net: Any) -> int:
    bottleneck = net.get("bottleneck", False)
    options = _offered(key, net)
    raw = st.query_params.get(key)
    if raw is not None and raw not in map(str, options):
        _complain_of_depth(key, raw, net)
    _, _, formula = depth_rule(net["family"], bottleneck)
    slider, box = main.container(key="depth_row").columns([3, 1.25], vertical_alignment="bottom")
    depth = slider.select_slider(
        "Depth",
        options,
        value=default,
        key=key,
        bind="query-params",
        format_func=str,
        help=f"Weighted layers, as the papers count them: {formula}. The box takes any of them up to {DEEPEST:,}.",
    )
    box.text_input(
        "Exact depth",
        placeholder="exact",
        key=f"{key}_exact",
        on_change=_take_depth,
        args=(key, net),
        label_visibility="collapsed",
    )
    return depth


def _take_depth(key: str, net: dict[str, Any]) -> None:
    """A depth was typed: the slider goes there, or a sentence says what is possible instead.

    The box is emptied instead of following the slider: what a browser still says about it must not move the slider.
    """
    typed = st.session_state[f"{key}_exact"].strip()
    st.session_state[f"{key}_exact"] = ""
    if not typed:
        return
    try:
        depth = NetSpec.make(depth=typed, **net).depth
    except SpecError as error:
        st.toast(str(error), icon=":material/block:", duration="long")
        return
    if depth > DEEPEST:
        message = (
            f"This page goes to {DEEPEST:,} layers, so depth {depth:,} is not possible: choose {DEEPEST:,} or less."
        )
        st.toast(message, icon=":material/block:", duration="long")
        return
    st.session_state[key] = depth


def _offered(key: str, net: dict[str, Any]) -> list[int]:
    """The slider's stops, and the depth that the address or the box asks for where it lies between them."""
    options = set(depths(net["family"], net.get("bottleneck", False)))
    for wanted in (st.session_state.get(key), st.query_params.get(key)):
        if str(wanted).isdecimal() and int(str(wanted)) <= DEEPEST and _possible(int(str(wanted)), net):
            options.add(int(str(wanted)))
    return sorted(options)


def _possible(depth: int, net: dict[str, Any]) -> bool:
    try:
        NetSpec.make(depth=depth, **net)
    except SpecError:
        return False
    return True


def _complain_of_depth(key: str, raw: str, net: dict[str, Any]) -> None:
    try:
        NetSpec.make(depth=raw, **net)
    except SpecError as error:
        complain(key, raw, str(error))
    else:
        complain(key, raw, f"the page goes down to {DEEPEST:,} layers; python -m core train --depth goes deeper.")


def state_of(net: NetSpec) -> dict[str, Any]:
    """The widgets' values that make :func:`net_form` show this net."""
    state: dict[str, Any] = {
        "family": _label(FAMILIES, net.family),
        "bn": net.norm != "none",
        "skip": net.skip,
        "init": _label(INITS, net.init),
    }
    if net.norm != "none":
        state["norm"] = _label(NORMS, net.norm)
    if net.family == "densenet":
        return state | {
            "depth_bc" if net.bottleneck else "depth_dense": net.depth,
            "growth": net.growth_rate,
            "bottleneck": net.bottleneck,
            "compression": net.compression,
        }
    return state | {"depth": net.depth, "width": net.width, "shortcut": net.shortcut}


def query_of(net: NetSpec) -> dict[str, str]:
    """The query parameters that make :func:`net_form` show this net: for links."""
    return {key: _query_text(value) for key, value in state_of(net).items()}


def _query_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _label(options: dict[str, str], value: str) -> str:
    return next(label for label, option in options.items() if option == value)
