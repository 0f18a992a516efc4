"""The X-ray page's stacks: fully connected layers, Transformer and ConvNeXt blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core import said, theory
from core.figures import xray as figures
from core.figures.palette import DASHED, KINDS, SOLID
from core.figures.stacks import stack_spreads, stacks
from core.figures.xray import THIRD, Case
from core.record.answers import NamedXRay, Request
from core.said import Said
from core.spec import SpecError
from core.stack_spec import MOST_BLOCKS, StackSpec
from core.web.fields import integer, pick, segments
from core.web.said import say
from core.web.words import sentence
from core.web.xray.columns import WAITING, Head, row, together
from core.web.xray.measured import measure, measured
from core.web.xray.nets import IMAGES, measured_at

LINEAR, BLOCKWISE = "fully-connected", "beyond-cnns"  # files of assets/xray
LAYERS, UNITS, BLOCKS, CHANNELS = 30, 128, 12, 64  # to begin with
ACTIVATIONS = {"ReLU": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh"}
NOTE = measured_at(IMAGES, 0)
INITS = {"PyTorch default": "default", "He": "he"}
Sayings = Sequence[Said | None]
BEYOND = {"Transformer": "transformer", "ConvNeXt": "convnext"}


def linear(shown: bool) -> None:
    """The 30-layer picture: what is left of the gradient at layer 1, with and without skips."""
    columns = st.columns(4)
    depth = integer(columns[0], "Hidden layers", 2, MOST_BLOCKS, LAYERS, "x_layers")
    width = integer(columns[1], "Units a layer", 8, 1024, UNITS, "x_units")
    activation = pick(columns[2], "Activation", ACTIVATIONS, "x_act")
    init = pick(columns[3], "Initial weights", INITS, "x_stack_init")
    if not shown:
        return
    told = st.container(key="x_told_linear", horizontal=True, vertical_alignment="center")
    try:
        specs = layered(depth=depth, width=width, activation=activation, init=init)
    except SpecError as error:
        st.error(sentence(str(error)))
        return
    heads = [
        Head("with skips", KINDS["resnet"], DASHED) if spec.skip else Head("without skips", KINDS["plain"], DASHED)
        for spec in specs
    ]
    found = measured(LINEAR, [request(spec) for spec in specs])
    laws = [theory.stack_gradient(spec.activation, spec.init, spec.skip) for spec in specs]
    cases = _cases(heads, found.answers, [law.value if law else None for law in laws])
    _draw(heads, cases, "linear", (said.LEFT_OF_30, said.SKIPS_30), (said.SPREAD_30, said.of_weights(init)))
    st.caption(
        "32 real pictures, flattened to 3,072 numbers, through equal layers without a norm: act(Wx + b), or, with "
        "skips, x + act(Wx + b). The gradient is taken at each layer's Wx + b. Step 0, nothing is trained."
    )
    with told:
        measure(found, "linear", [spec.name for spec in specs])


def layered(**fields: Any) -> list[StackSpec]:
    """Fully connected layers without and with skips. Raises SpecError."""
    return [StackSpec.make(kind="linear", skip=skip, **fields) for skip in (False, True)]


def beyond(shown: bool) -> None:
    """Residual stacks outside convolutional nets."""
    columns = st.columns([2, 1, 1])
    kind = segments(columns[0], "Block", BEYOND, "x_block")
    depth = integer(columns[1], "Blocks", 2, 48, BLOCKS, "x_blocks")
    width = integer(columns[2], "Channels", 8, 512, CHANNELS, "x_channels")
    if not shown:
        return
    told = st.container(key="x_told_beyond", horizontal=True, vertical_alignment="center")
    try:
        specs = blocked(kind, depth, width)
    except SpecError as error:
        st.error(sentence(str(error)))
        return
    heads = [Head(title, colour, SOLID) for title, colour, _ in VARIANTS[kind]]
    found = measured(BLOCKWISE, [request(spec) for spec in specs])
    cases = _cases(heads, found.answers, [None] * len(specs))
    _draw(heads, cases, "beyond", (SAYINGS[kind],), blocks=True)
    panels = iter(figures.ratios([case for case in cases if case], f"branch{BRANCHES[kind]}"))
    row(
        "How much does each branch add?",
        heads,
        [next(panels) if case else None for case in cases],
        "beyond_ratio",
        NOTE,
    )
    st.caption(TOKENS[kind])
    with told:
        measure(found, "beyond", [spec.name for spec in specs])


def blocked(kind: str, depth: Any, width: Any) -> list[StackSpec]:
    """A stack of each variant. Raises SpecError."""
    return [StackSpec.make(kind=kind, depth=depth, width=width, **fields) for *_, fields in VARIANTS[kind]]


VARIANTS: dict[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
    "transformer": (
        ("no residual", KINDS["plain"], {"order": "none"}),
        ("post-norm", THIRD, {"order": "post"}),
        ("pre-norm", KINDS["resnet"], {"order": "pre"}),
    ),
    "convnext": (
        ("no skips", KINDS["plain"], {"skip": False}),
        ("skips, layer scale 1", KINDS["resnet"], {"layer_scale": 1.0}),
        ("skips, layer scale 10⁻⁶ (as published)", THIRD, {"layer_scale": 1e-6}),
    ),
}
BRANCHES = {"transformer": " (two a block: attention, MLP)", "convnext": " (one a block)"}
SAYINGS = {"transformer": said.BERT, "convnext": said.CONVNEXT}
TOKENS = {
    "transformer": "32 real pictures as 64 tokens of 4 × 4 pixels each, attention with 4 heads and an MLP of 4 times "
    "the width; weights normal by Glorot 2010, as in Xiong 2020. One point a block: gradient at the output of its MLP, "
    "stream behind the addition, for post-norm before the norm. Step 0, nothing is trained.",
    "convnext": "32 real pictures, 2 × 2 pixels a position, blocks of 7×7 depthwise, layer norm, MLP and layer scale "
    "(Liu 2022); weights normal with std 0.02. One point a block: gradient at the output of its MLP, before the scale; "
    "stream behind the addition. Step 0, nothing is trained.",
}


def request(spec: StackSpec) -> Request:
    return {"stack": spec.model_dump(), "images": IMAGES, "seed": 0}


def _cases(
    heads: Sequence[Head], found: Sequence[NamedXRay | None], factors: Sequence[float | None]
) -> list[Case | None]:
    return [
        Case(head.title, head.colour, head.dash, answer, factor=factor) if answer else None
        for head, answer, factor in zip(heads, found, factors, strict=True)
    ]


def _draw(
    heads: Sequence[Head],
    cases: Sequence[Case | None],
    key: str,
    of_gradient: Sayings = (),
    of_spread: Sayings = (),
    blocks: bool = False,
) -> None:
    """Both panels of those that are measured, and room for them before one is."""
    measured_ones = [case for case in cases if case]
    for name, draw, sayings in (("gradient", stacks, of_gradient), ("spread", stack_spreads, of_spread)):
        if not measured_ones:
            together("", heads, [WAITING] * len(heads), None, f"{key}_{name}", NOTE)
            continue
        drawn = draw(measured_ones, blocks)
        words = iter(drawn.of_each)
        told = [next(words) if case else WAITING for case in cases]
        title = drawn.finding if len(measured_ones) == len(cases) else ""
        together(title, heads, told, drawn, f"{key}_{name}", NOTE)
        say(*sayings)
