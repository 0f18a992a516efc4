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
    hidden_linear = net.kind == "vgg" and net.form == "imagenet"  # with a ReLU and no norm
    return net.norm == "batch" and net.kind != "resnet" and not hidden_linear


def stack_gradient(activation: str, init: str, skip: bool) -> Law | None:
    """The law for a stack of fully connected layers; with skips the stream drifts from mean 0 and none holds."""
    if skip or activation != "relu":
        return None
    return {"he": HE_RELU_GRADIENT, "default": DEFAULT_RELU_GRADIENT}[init]


def gradient_factor(net: NetSpec) -> Law | None:
    """The law for a net's gradient norm per layer toward the input, stages and padding aside (:func:`gradients`); None
    where there is no closed form."""
    if net.family != "resnet" or net.skip or net.form != "cifar":
        return None
    if net.bottleneck or net.se_reduction or net.dropout:
        return None
    if net.norm == "batch" and net.init in ("he", "default"):  # BN makes the scale of the weights irrelevant
        return BN_RELU_GRADIENT
    if net.norm == "none":
        return {"he": HE_RELU_GRADIENT, "default": DEFAULT_RELU_GRADIENT}.get(net.init)
    return None


def gradients(net: NetSpec, padding: bool = True) -> list[float] | None:
    """Gradient norm at the response of each hidden layer over that at the last one; None where there is no closed form.

    Without a norm, and with weights of variance v: a convolution sends the gradient δ of its response back as Wᵀδ. Each
    position of δ reaches its inputs by 3·3 taps of C_in weights, so on average ‖Wᵀδ‖² = 9·C_in·v·‖δ‖², and the ReLU
    lets half of it through. PyTorch's default, v = 1/(3·9·C_in), gives 1/6. He's fan-out rule, v = 2/(9·C_out), gives
    C_in/C_out: 1 within a stage and 1/2 where the width doubles, a factor of √½ on the norm. Taps that lie in the zero
    ``padding`` send nothing back: positions at the border lose a third in each direction, so the energy is followed
    position by position. (Without it the maps are closed to rings: circular padding.) Behind a batch norm neither
    counts, because the norm divides by what the taps sum up to.
    """
    law = gradient_factor(net)
    if law is None:
        return None
    if net.norm == "batch":
        return [law.value**above for above in reversed(range(net.depth - 1))]
    return _chain(net, he=net.init == "he", padding=padding)


def gradient_kept(net: NetSpec) -> float:
    """What is left of the gradient's norm from the last hidden layer to the first where every layer keeps its size.

    In a plain net without a norm that is He's law with its stages and its padding: 0.32 at depth 20, 0.06 at depth 110.
    In a DenseNet without one each of the 2x2 averages between the blocks halves the norm: it hands a quarter of the
    gradient to each of four positions. Elsewhere 1: norms divide such factors out, and shortcuts lead past them.
    """
    if net.norm != "none":
        return 1.0
    if net.family == "densenet":
        return 0.5 ** (len(net.stages) - 1)
    if net.kind != "plain" or net.form != "cifar" or net.bottleneck:
        return 1.0
    return _chain(net, he=True, padding=True)[0]


def _chain(net: NetSpec, he: bool, padding: bool) -> list[float]:
    """The gradient norms of :func:`gradients` for a chain of 3x3 convolutions without a norm."""
    size = net.image_size // 2 ** (len(net.stages) - 1)
    energy = [1 / size] * size  # along one direction of the last map: global average pooling spreads it evenly
    logs = [0.0]  # of the whole energy, because a deep net's leaves the range of floats
    for inputs, outputs, stride in reversed(_convolutions(net)):
        sent = _sent_back(energy, stride, padding)
        energy = [value / sum(sent) for value in sent]
        by_weights = inputs / outputs / 9 if he else 1 / 54
        logs.append(logs[-1] + math.log(by_weights * sum(sent) ** 2))  # both directions are alike
    return [math.exp(log / 2) for log in reversed(logs)]


def _convolutions(net: NetSpec) -> list[tuple[int, int, int]]:
    """Input channels, output channels and stride of the 3x3 convolutions behind the stem."""
    found, channels = [], net.width
    for stage, blocks in enumerate(net.stages):
        width = net.width * net.width_multiplier * 2**stage
        for layer in range(2 * blocks):
            found.append((channels, width, 2 if stage and not layer else 1))
            channels = width
    return found


def _sent_back(energy: list[float], stride: int, padding: bool) -> list[float]:
    """What a convolution's input gets of its output's gradient by three taps along one direction."""
    size = len(energy) * stride
    inputs = [0.0] * size
    for at, value in enumerate(energy):
        for tap in (at * stride - 1, at * stride, at * stride + 1):
            if 0 <= tap < size or not padding:
                inputs[tap % size] += value
    return inputs
