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


def pre_activation_stream(blocks: int, width: int = 16) -> float:
    """Channel variance of a pre-activation ResNet's stream after so many blocks of stage 1, fed with N(0, 1).

    The stem's variance and 1-1/pi of each block add up: 0.375 + 0.6817 n at width 16. Borders are neglected.
    """
    return he_stem_variance(3, width) + BRANCH_PRE.value * blocks


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
