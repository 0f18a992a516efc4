"""The X-ray page's stacks: fully connected layers, Transformer and ConvNeXt blocks."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import said, theory
from core.figures import xray as figures
from core.figures.palette import DASHED, KINDS, SOLID
from core.figures.xray import THIRD, Case
from core.record.answers import XRAY, NamedXRay
from core.said import Said
from core.spec import SpecError
from core.stack_spec import MOST_BLOCKS, StackSpec
from core.web.answers import answers
from core.web.fields import integer, pick, segments
from core.web.said import say
from core.web.words import sentence
from core.web.xray.nets import IMAGES, readable

ACTIVATIONS = {"ReLU": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh"}
INITS = {"PyTorch default": "default", "He": "he"}
Sayings = Sequence[Said | None]
BEYOND = {"Transformer": "transformer", "ConvNeXt": "convnext"}


def linear(shown: bool) -> None:
    """The 30-layer picture: what is left of the gradient at layer 1, with and without skips."""
    columns = st.columns(4)
    depth = integer(columns[0], "Hidden layers", 2, MOST_BLOCKS, 30, "x_layers")
    width = integer(columns[1], "Units a layer", 8, 1024, 128, "x_units")
    activation = pick(columns[2], "Activation", ACTIVATIONS, "x_act")
    init = pick(columns[3], "Initial weights", INITS, "x_stack_init")
    if not shown:
        return
    fields = {"depth": depth, "width": width, "activation": activation, "init": init}
    try:
        specs = [StackSpec.make(kind="linear", skip=skip, **fields) for skip in (False, True)]
    except SpecError as error:
        st.error(sentence(str(error)))
        return
    found = _found(specs, "linear")
    if found is None:
        return
    cases = []
    for spec, answer in zip(specs, found, strict=True):
        law = theory.stack_gradient(spec.activation, spec.init, spec.skip)
        kind, title = ("resnet", "with skips") if spec.skip else ("plain", "without skips")
        cases.append(Case(title, KINDS[kind], DASHED, answer, factor=law.value if law else None))
    _draw(cases, "linear", (said.LEFT_OF_30, said.SKIPS_30), (said.SPREAD_30, said.of_weights(init)))
    st.caption(
        "32 real pictures, flattened to 3,072 numbers, through equal layers without a norm: act(Wx + b), or, with "
        "skips, x + act(Wx + b). The gradient is taken at each layer's Wx + b. Step 0, nothing is trained."
    )


def beyond(shown: bool) -> None:
    """Residual stacks outside convolutional nets."""
    columns = st.columns([2, 1, 1])
    kind = segments(columns[0], "Block", BEYOND, "x_block")
    depth = integer(columns[1], "Blocks", 2, 48, 12, "x_blocks")
    width = integer(columns[2], "Channels", 8, 512, 64, "x_channels")
    if not shown:
        return
    variants: Sequence[tuple[str, str, str, dict[str, object]]]
    if kind == "transformer":
        variants = (
            ("no residual", KINDS["plain"], SOLID, {"order": "none"}),
            ("post-norm", THIRD, SOLID, {"order": "post"}),
            ("pre-norm", KINDS["resnet"], SOLID, {"order": "pre"}),
        )
    else:
        variants = (
            ("no skips", KINDS["plain"], SOLID, {"skip": False}),
            ("skips, layer scale 1", KINDS["resnet"], SOLID, {"layer_scale": 1.0}),
            ("skips, layer scale 10⁻⁶ (as published)", THIRD, SOLID, {"layer_scale": 1e-6}),
        )
    try:
        specs = [StackSpec.make(kind=kind, depth=depth, width=width, **fields) for *_, fields in variants]
    except SpecError as error:
        st.error(sentence(str(error)))
        return
    found = _found(specs, "beyond")
    if found is None:
        return
    cases = [Case(*variant[:3], answer) for variant, answer in zip(variants, found, strict=True)]
    _draw(cases, "beyond", (SAYINGS[kind],), blocks=True)
    ratio = figures.ratios(cases)
    if ratio:
        st.markdown("##### How much does each branch add?", help=readable(ratio.finding))
        st.plotly_chart(ratio.figure, key="x_chart_beyond_ratio", alt=readable(ratio.alt))
    st.caption(TOKENS[kind])


SAYINGS = {"transformer": said.BERT, "convnext": said.CONVNEXT}
TOKENS = {
    "transformer": "32 real pictures as 64 tokens of 4 × 4 pixels each, attention with 4 heads and an MLP of 4 times "
    "the width; weights normal by Glorot 2010, as in Xiong 2020. One point a block: gradient at the output of its MLP, "
    "stream behind the addition, for post-norm before the norm. Step 0, nothing is trained.",
    "convnext": "32 real pictures, 2 × 2 pixels a position, blocks of 7×7 depthwise, layer norm, MLP and layer scale "
    "(Liu 2022); weights normal with std 0.02. One point a block: gradient at the output of its MLP, before the scale; "
    "stream behind the addition. Step 0, nothing is trained.",
}


def _found(specs: Sequence[StackSpec], slot: str) -> list[NamedXRay] | None:
    requests = [{"stack": spec.model_dump(), "images": IMAGES, "seed": 0} for spec in specs]
    return answers(XRAY, requests, slot, [spec.name for spec in specs])


def _draw(
    cases: Sequence[Case], key: str, of_gradient: Sayings = (), of_spread: Sayings = (), blocks: bool = False
) -> None:
    for name, drawn, sayings in (
        ("gradient", figures.stacks(cases, blocks), of_gradient),
        ("spread", figures.stack_spreads(cases, blocks), of_spread),
    ):
        st.markdown(f"##### {readable(drawn.finding)}")
        say(*sayings)
        st.plotly_chart(drawn.figure, key=f"x_chart_{key}_{name}", alt=readable(drawn.alt))
