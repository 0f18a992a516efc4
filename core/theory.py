"""What theory says about a net at initialisation: closed forms, each with its source and its conditions.

Plain Python, a witness beside the measurements of :mod:`core.probes.xray`. Wide layers, independent weights of mean 0
and channels that are near Gaussian are assumed everywhere; real pictures and 16 channels keep to it only roughly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.spec import NetSpec


@dataclass(frozen=True)
class Law:
    """A number that theory gives, where it holds and who says so."""

    value: float
    formula: str
    holds: str  # the conditions, for people
    source: str


# A unit Gaussian z through a ReLU: E[relu z] = 1/sqrt(2 pi), E[(relu z)^2] = 1/2.
RELU_SQUARED_MEAN = Law(
    1 / (2 * math.pi), "1/(2π)", "squared channel mean behind BN and ReLU", "moments of a rectified unit Gaussian"
)
RELU_VARIANCE = Law(
    (1 - 1 / math.pi) / 2, "(1-1/π)/2", "channel variance behind BN and ReLU", "moments of a rectified unit Gaussian"
)
BRANCH_POST = Law(1.0, "1", "variance at the end of a branch that ends in BN", "definition of BN")
BRANCH_PRE = Law(
    1 - 1 / math.pi,
    "1-1/π",
    "variance at the end of a branch BN-ReLU-conv with He weights, which double a variance of (1-1/π)/2",
    "Brock 2021 (Characterizing signal propagation), section 3",
)
BN_RELU_GRADIENT = Law(
    math.sqrt(math.pi / (math.pi - 1)),
    "√(π/(π-1))",
    "growth of the gradient norm per layer toward the input, BN and ReLU without skips, wide layers, large batch",
    "Yang 2019 (A mean field theory of batch normalization)",
)
HE_RELU_GRADIENT = Law(
    1.0,
    "1",
    "gradient norm per layer, ReLU with He weights, neither norm nor skips",
    "He 2015 (Delving deep), section 2.2",
)
DEFAULT_RELU_GRADIENT = Law(
    1 / math.sqrt(6),
    "√(1/6)",
    "gradient norm per layer, ReLU with PyTorch's default weights (variance 1/(3 fan-in)), neither norm nor skips",
    "He 2015 (Delving deep), equation 13, with that variance",
)


def he_stem_variance(in_channels: int, out_channels: int) -> float:
    """Variance behind a He fan-out convolution of inputs of variance 1: in / out * 2 (27·2/144 = 0.375 for 3 -> 16)."""
    return 2 * in_channels / out_channels


def stream_variance(net: NetSpec) -> list[float] | None:
    """Mean channel variance behind each block of a pre-activation ResNet fed with N(0, 1), (blocks,); else None.

    The stem's variance and 1-1/pi of each block add up: 0.375 + 0.6817 n in stage 1 at width 16. Option A appends as
    many zero channels as there are, so that the mean halves at the start of a stage. For BN, He weights and nothing
    scaled or dropped; the borders of the maps are neglected.
    """
    usual = NetSpec(activation_order="pre").model_dump(exclude={"depth", "width"})
    if net.model_dump(exclude={"depth", "width"}) != usual:
        return None
    variance, found = he_stem_variance(3, net.width), []
    for stage, blocks in enumerate(net.stages):
        for block in range(blocks):
            appended = stage > 0 and block == 0
            variance = (variance / 2 if appended else variance) + BRANCH_PRE.value
            found.append(variance)
    return found


def branch_variance(net: NetSpec) -> Law | None:
    """The law for the variance at the end of each residual branch of basic blocks; None where there is none."""
    if net.family != "resnet" or net.bottleneck or not net.skip or net.norm != "batch" or net.branch_factor != 1:
        return None
    if net.activation_order == "post" and net.init in ("he", "default"):
        return BRANCH_POST
    return BRANCH_PRE if net.activation_order == "pre" and net.init == "he" else None


def rectified(net: NetSpec) -> bool:
    """Whether every ReLU reads what a BN makes, with nothing added to it: then the moments of its result are known."""
    return net.norm == "batch" and (net.family == "densenet" or not net.skip)


def stack_gradient(activation: str, init: str, skip: bool) -> Law | None:
    """The law for a stack of fully connected layers; with skips the stream drifts from mean 0 and none holds."""
    if skip or activation != "relu":
        return None
    return {"he": HE_RELU_GRADIENT, "default": DEFAULT_RELU_GRADIENT}[init]


def gradient_factor(net: NetSpec) -> Law | None:
    """The law for a net's gradient norm per layer toward the input; None where there is no closed form."""
    if net.family != "resnet" or net.skip:
        return None
    if net.norm == "batch" and net.init in ("he", "default"):  # BN makes the scale of the weights irrelevant
        return BN_RELU_GRADIENT
    if net.norm == "none":
        return {"he": HE_RELU_GRADIENT, "default": DEFAULT_RELU_GRADIENT}.get(net.init)
    return None
