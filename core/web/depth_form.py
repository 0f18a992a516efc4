"""The depth control: a slider over what a family can have, and a box that takes any of it."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.spec import NetSpec, SpecError, read_integer
from core.vocabulary.families import FAMILIES, depth_rule, remarks
from core.vocabulary.fields import NET
from core.web.addresses import asked, complain
from core.web.words import sentence

DEEPEST = 1202  # of He 2015
BEYOND = (
    128,
    152,
    164,
    190,
    200,
    218,
    250,
    302,
    500,
    602,
    800,
    1001,
    1004,
    1202,
)  # offered besides every depth up to 110


def depths(net: dict[str, Any]) -> list[int]:
    """The depths that the slider offers: by a rule each possible one up to 110, then some; all of a table."""
    rule = depth_rule(net["family"], net["form"], net["bottleneck"])
    if rule is None:
        return list(FAMILIES[net["family"]].stages)
    near = list(range(rule.step + rule.offset, 111, rule.step))
    return near + [depth for depth in BEYOND if (depth - rule.offset) % rule.step == 0]


def depth_control(main: DeltaGenerator, key: str, default: int, net: dict[str, Any]) -> int:
    """Draw it; the depth. ``net``: family, form and bottleneck, which decide what is possible."""
    options = _offered(key, net)
    raw = asked(key)
    if raw is not None and raw not in map(str, options):
        _complain_of_depth(key, raw, net)
    rule = depth_rule(net["family"], net["form"], net["bottleneck"])
    possible = rule.formula if rule else "those of the papers' tables"
    about = " ".join(remarks(net | {"depth": default}, "depth"))
    slider, box = main.container(key="depth_row").columns([3, 1.25], vertical_alignment="bottom")
    depth = slider.select_slider(
        NET["depth"].label,
        options,
        value=default,
        key=key,
        bind="query-params",
        format_func=str,
        help=f"{NET['depth'].help.removesuffix('.')}: {possible}. {about} The box takes any of them up to {DEEPEST:,}.",
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
        depth = NetSpec.make(depth=read_integer(typed), **net).depth
    except SpecError as error:
        st.toast(sentence(str(error)), icon=":material/block:", duration="long")
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
    options = set(depths(net))
    for wanted in (str(st.session_state.get(key)), str(st.query_params.get(key))):
        near = wanted.isdecimal() and len(wanted) <= len(str(DEEPEST)) and int(wanted) <= DEEPEST
        if near and _possible(int(wanted), net):
            options.add(int(wanted))
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
        complain(key, raw, sentence(str(error)))
    else:
        complain(key, raw, f"the page goes down to {DEEPEST:,} layers; python -m core train --depth goes deeper.")
