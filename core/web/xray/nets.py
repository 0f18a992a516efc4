"""The X-ray page's nets: three cases side by side, and gradients against depth."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import streamlit as st

from core import said, theory
from core.figures import arrival, palette
from core.figures import xray as figures
from core.figures.schema import Named
from core.figures.stacks import Together, sweep
from core.figures.xray import SECOND, THIRD, Case, Panel
from core.record.answers import XRay
from core.spec import NetSpec, SpecError, Unreadable
from core.vocabulary import families
from core.vocabulary.choices import INITS, Init
from core.vocabulary.fields import NET
from core.vocabulary.quantities import INITIAL, QUANTITIES
from core.web.controls import control
from core.web.depth_form import depths
from core.web.fields import integer, pick, segments, stops, switch
from core.web.net_form import texts
from core.web.said import say
from core.web.words import sentence
from core.web.xray.columns import THEORETICAL, WAITING, Head, row, together
from core.web.xray.measured import measure, measured

THREE, DEPTHS = "three-nets", "depth-sweep"  # files of assets/xray
IMAGES = 32
DEFAULTS = (
    ("plain without BN", False, False),
    ("plain with BN", True, False),
    ("residual with BN", True, True),
)
FAMILIES: dict[str, dict[str, Any]] = {
    "ResNet": {},
    "PreAct": {"activation_order": "pre"},
    "DenseNet": {"family": "densenet", "bottleneck": True, "compression": 0.5},
    "VGG": {"family": "vgg"},
}
FAMILY_HELP = (
    "ResNet adds each block's input to its output (without skips it is a plain net). PreAct does so too, with norm and "
    "ReLU before each convolution (He 2016). DenseNet appends the input instead of adding it (DenseNet-BC, growth "
    "rate 12). VGG has no shortcuts, and maxima between its stages (Simonyan 2015)."
)
INIT_HELP = (
    "The rule that draws the weights. He: made for ReLU. Zero-γ: each block starts as its shortcut, γ = 0.1: nearly."
)
GRADIENTS = {initial.label: name for name, initial in INITIAL.items()}
DRAWN: tuple[Init, ...] = ("he", "default")  # rules that every net of the sweep can have
SWEEP = (8, 14, 20, 32, 44, 56, 80, 110)
SWEEP_IMAGES = 16
DEEPEST = 110
NETS_HELP = (
    "Weighted layers as the papers count them, 6n+2; a DenseNet and a VGG have the nearest number that they can have, "
    f"6N+4, and {families.FAMILIES['vgg'].of_table}."
)
WHY = """
Each net is built, its weights are drawn, and 32 pictures of the bundled CIFAR-10 sample go through it once, forward
and backward. Nothing is trained: this is **step 0**, in train mode, so batch norm uses the pictures at hand.

**Gradient** says how strongly a layer's output influences the loss; it travels from the last layer to the first. If it
shrinks at every layer, the first ones hear nothing; if it grows, they hear a shout. That of the **weights**, which a
training step applies, is the gradient where the convolution ends times what it reads; a norm that follows stands
between that place and the response, and rescales the gradient. **Spread** (standard deviation) says how large the
numbers are on their way forward. **Signal propagation** (Brock 2021) looks at each channel: its mean over all pictures
and positions, squared, and its variance around that mean, from picture to picture as well as within one. A channel is
**dead** when its ReLU answers 0 everywhere.

You may have read that plain nets have vanishing gradients and that skips cure it. Look at the three columns: it is not
the same for all of them. With batch norm and no skips the gradient *grows* toward the input. He et al. (2015) say
themselves that vanishing gradients are not why their plain nets with BN get worse with depth.

A gradient **vanishes** where, over the whole depth, less than a tenth is left of what the stages and the zero padding
of a net without norm leave by themselves; less than that may be the draw of the weights. With He's weights each
convolution that doubles the width takes a factor of √½, and what falls into the padding is lost: together ×0.33 at
depth 20, ×0.06 at depth 110.

Grey dots are theory. It assumes wide layers, independent weights and Gaussian channels; 16 channels and real pictures
keep to that only roughly.
"""


def three(shown: bool) -> None:
    """Three nets of one depth, each with its switches; where it is ``shown``, what was measured below."""
    controls = st.columns([2, 1, 3], vertical_alignment="bottom")
    depth = stops(controls[0], "Depth", depths_offered(), 56, "x_depth", help=NETS_HELP)
    seed = integer(controls[1], "Seed", 0, 2**31 - 1, 0, "x_seed", help="Fixes the initial weights.")
    with controls[2].popover("Why? What do I see?", icon=":material/help:"):
        st.markdown(WHY)
        st.markdown(" ".join(QUANTITIES[name].measured for name in INITIAL))
    places = st.columns(len(DEFAULTS))
    specs = [_chosen(index, column, depth) for index, column in enumerate(places)]
    nets = [spec for spec in specs if spec is not None]
    if isinstance(seed, Unreadable):
        st.error(sentence(seed))
    told = st.container(key="x_told_three", horizontal=True, vertical_alignment="center")
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        finding = st.container(width="content")
        at = segments(st.container(width=340), "Gradient", GRADIENTS, "x_grad", label_visibility="collapsed")
    if not shown or len(nets) < len(specs) or isinstance(seed, Unreadable):
        return
    found = measured(THREE, [request(net, IMAGES, seed) for net in nets])
    cases = [case_of(net, answer) if answer else None for net, answer in zip(nets, found.answers, strict=True)]
    known = [case for case in cases if case]
    said_of_all = f"**{figures.toward_input(known, at)}** {verdict(known, at)}" if len(known) == len(cases) else WAITING
    finding.markdown(said_of_all)
    _rows(nets, cases, at, seed)
    if known:
        _tables(known)
    with told:
        measure(found, "three", [net.name for net in nets])


def _rows(nets: Sequence[NetSpec], cases: Sequence[Case | None], at: str, seed: int) -> None:
    """What was measured, a row a question and a column a net; nets that are not measured yet have room."""
    heads, known = [head(net) for net in nets], [case for case in cases if case]
    note = measured_at(IMAGES, seed)

    def panels(drawn: Sequence[Panel]) -> list[Panel | None]:
        rest = iter(drawn)
        return [next(rest) if case else None for case in cases]

    of_gradient = panels(figures.gradients(known, at))
    expected = [THEORETICAL] if any(panel and len(panel.plot["curves"]) > 1 for panel in of_gradient) else []
    row(INITIAL[at].question, heads, of_gradient, "gradient", note, expected)
    say(*said.of_initial(list(nets)))
    row("Do the signals stay in range?", heads, panels(figures.spreads(known)), "spread", note)
    of_channels = panels(figures.propagation(known))
    row("What happens to each channel?", heads, of_channels, "propagation", note, _quantities(nets))
    if any(net.norm == "batch" for net in nets):
        say(said.NORMAL)
    row("Which channels never fire?", heads, panels(figures.dead(known)), "dead", note)
    if any(net.kind == "resnet" for net in nets):
        row("How much does each branch add?", heads, panels(figures.ratios(known)), "ratio", note)


def measured_at(images: int, seed: int) -> str:
    """How an X-ray was taken, in a sentence."""
    return f"At step 0, before any training, in train mode, on {images} pictures of CIFAR-10; seed {seed}."


def _quantities(nets: Sequence[NetSpec]) -> list[Named]:
    """How what is drawn of each channel beside its variance, which has the net's colour; a VGG is pink itself."""
    found = [("squared mean", SECOND)]
    if any(net.kind == "vgg" for net in nets):
        found += [("squared mean of a VGG", palette.BESIDE["vgg"])]
    found += [("branch variance", THIRD)]
    lines: list[Named] = [{"name": name, "color": colour, "dash": palette.SOLID} for name, colour in found]
    return [*lines, THEORETICAL]


def head(net: NetSpec, title: str | None = None) -> Head:
    """How the column of a net begins."""
    style = figures.styled(net.kind, net.norm)
    return Head(title or net.name, style["colour"], style["dash"])


def depth_sweep(shown: bool) -> None:
    """The ratio of first to last gradient over depth, for the three default cases."""
    init = pick(st.container(width=260), NET["init"].label, {INITS[init]: init for init in DRAWN}, "x_init")
    if not shown:
        return
    told = st.container(key="x_told_sweep", horizontal=True, vertical_alignment="center")
    groups = swept(init)
    nets = [net for group in groups for net in group]
    found = measured(DEPTHS, [request(net, SWEEP_IMAGES, 0) for net in nets])
    answered = [answer for answer in found.answers if answer]
    if len(answered) == len(nets):
        _draw_sweep(groups, answered)
    with told:
        measure(found, "sweep", [net.name for net in nets], one_by_one=False)


def swept(init: Init) -> list[list[NetSpec]]:
    """The nets of the sweep, a list a case."""
    return [
        [NetSpec(depth=depth, norm="batch" if bn else "none", skip=skip, init=init) for depth in SWEEP]
        for _, bn, skip in DEFAULTS
    ]


def swept_over(groups: Sequence[Sequence[NetSpec]], found: Sequence[XRay]) -> Together:
    """The figure of the sweep; ``found`` in the order of the nets of all groups."""
    series = []
    for place, group in enumerate(groups):
        mine = found[place * len(SWEEP) : (place + 1) * len(SWEEP)]
        totals = [arrival.per_layer(answer["signal_grad"])[0] for answer in mine]
        series.append((case_of(group[-1], mine[-1], DEFAULTS[place][0]), SWEEP, totals))
    return sweep(series)


def _draw_sweep(groups: Sequence[Sequence[NetSpec]], found: Sequence[XRay]) -> None:
    drawn = swept_over(groups, found)
    heads = [head(group[-1], DEFAULTS[place][0]) for place, group in enumerate(groups)]
    together(drawn.finding, heads, drawn.of_each, drawn, "sweep", measured_at(SWEEP_IMAGES, 0))
    say(*said.of_initial([net for group in groups for net in group]))
    st.caption(
        f"Norm of the gradient at the first layer's response over that at the last hidden layer's, at step 0, "
        f"{SWEEP_IMAGES} pictures, seed 0. Above the dotted line it grows on its way to the input, below it shrinks. "
        "The factor a layer is a straight-line fit on this log scale."
    )


def case_of(net: NetSpec, found: XRay, title: str | None = None) -> Case:
    """A net's measurement with its colour and with what theory says about it."""
    law, branch = theory.gradient_factor(net), theory.branch_variance(net)
    profile = theory.gradients(net)
    variance: Any = theory.stream_variance(net)
    squared_mean = None
    if theory.rectified(net):  # which a response without a ReLU, the stem's where the norm comes first, is not
        known = np.where(np.isnan(found["dead"][found["stream_at"] - 1]), np.nan, 1)
        variance, squared_mean = known * theory.RELU_VARIANCE.value, known * theory.RELU_SQUARED_MEAN.value
    return Case(
        title or net.name,
        **figures.styled(net.kind, net.norm),
        found=found,
        factor=law.value if law else None,
        profile=None if profile is None else np.array(profile),
        kept=theory.gradient_kept(net),
        variance=variance,
        squared_mean=squared_mean,
        branch=branch.value if branch else None,
    )


def verdict(cases: Sequence[Case], at: str) -> str:
    """How many of the nets the popular story describes, counted on what was measured; it speaks of norms."""
    if not QUANTITIES[at].log:
        return ""
    gone = [case for case in cases if arrival.vanishes(case.measured(at), case.kept if at == "signal_grad" else 1.0)]
    return f'"Deep nets have vanishing gradients" describes {len(gone)} of these {len(cases)}.'


def request(net: NetSpec, images: int, seed: int) -> dict[str, Any]:
    return {"net": net.model_dump(), "images": images, "seed": seed}


def depths_offered() -> list[int]:
    return [depth for depth in depths({"family": "resnet", "form": "cifar", "bottleneck": False}) if depth <= DEEPEST]


def query_of(net: NetSpec, seed: int) -> dict[str, str]:
    """The address that lays this net beside the first two; empty where the page cannot have it."""
    for label, family in FAMILIES.items():
        depth = next((depth for depth in depths_offered() if _nearest(depth, family) == net.depth), None)
        if depth is not None and _like(net, family) == net:
            chosen = {"x_net3": label, "x_init3": INITS[net.init], "x_bn3": net.norm == "batch", "x_skip3": net.skip}
            return texts({"x_depth": depth, "x_seed": seed} | chosen)
    return {}


def _like(net: NetSpec, family: dict[str, Any]) -> NetSpec | None:
    """The nearest that a column can choose."""
    norm = "none" if net.norm == "none" else "batch"
    with suppress(SpecError):
        return NetSpec.make(depth=net.depth, skip=net.skip, norm=norm, init=net.init, **family)
    return None


def _chosen(index: int, column: Any, depth: int) -> NetSpec | None:
    """One column's choices; None, and a sentence, where they do not fit together."""
    _, bn, skip = DEFAULTS[index]
    number = index + 1
    with column.container(border=True, gap="small", key=f"x_column{number}"):
        name = st.container()
        left, right = st.columns(2)
        family = pick(left, "Net", FAMILIES, f"x_net{number}", help=FAMILY_HELP)
        init = control(right, NET["init"], "he", {}, key=f"x_init{number}", help=INIT_HELP)
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            norm = switch(st.container(width="content"), "BN", bn, f"x_bn{number}")
            fields = family | {"norm": "batch" if norm else "none", "init": init}
            if NET["skip"].offered({"family": "resnet"} | family):
                fields["skip"] = switch(st.container(width="content"), "Skips", skip, f"x_skip{number}")
        try:
            net = NetSpec.make(depth=_nearest(depth, family), **fields)
        except SpecError as error:
            st.error(sentence(str(error)))
            return None
        name.html(head(net).html())
        return net


def _nearest(depth: int, family: dict[str, Any]) -> int:
    return families.nearest_depth(depth, family.get("family", "resnet"), family.get("bottleneck", False))


def _tables(cases: Sequence[Case]) -> None:
    """Numbers of every layer, made only when somebody opens them."""
    label = "Drift table: mean and spread of every layer"
    drawer = st.expander(label, icon=":material/table_chart:", key="x_table", on_change="rerun")
    if not drawer.open:
        return
    for column, case in zip(drawer.columns(len(cases)), cases, strict=True):
        found = case.found
        column.markdown(f"**{case.title}**")
        column.dataframe(
            {"layer": found["layers"], "mean": found["mean"], "std": found["std"]},
            hide_index=True,
            column_config={name: st.column_config.NumberColumn(format="%.4g") for name in ("mean", "std")},
        )
