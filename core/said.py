"""What popular articles say about very deep nets, and what is so: for the page that shows the thing.

A number here is what this lab measures, with its conditions, or what a paper prints; tests compute the former again.
Nothing of this is drawn behind a click.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.spec import NetSpec


@dataclass(frozen=True)
class Said:
    """Something that is often said, and what is so."""

    often: str  # as articles say it, without a full stop
    by: Literal["Measured here", "Counted here", "Theory", "By definition", "In the paper", "In papers"]
    so: str  # one sentence


# Fully connected, 30 x 128, ReLU, seed 0, 32 pictures of the sample, step 0
LEFT_OF_30 = Said(
    "a plain net of 30 layers leaves 0.007 of the gradient at layer 1",
    "Measured here",
    "10⁻¹¹ with PyTorch's default weights and 0.93 with He's (30 × 128, ReLU, seed 0); 0.007 is a drawing, 0.85³⁰.",
)
SKIPS_30 = Said(
    "with skips the gradient stays close to 1",
    "Measured here",
    "without a norm it grows, ×180 with PyTorch's default weights and ×8·10⁵ with He's (30 × 128, ReLU, seed 0).",
)
SPREAD_30 = Said(
    "without BN the spread is 4.7 at layer 5, 31 at layer 10 and NaN at layer 20",
    "Measured here",
    "0.05 to 0.06 from layer 5 to layer 30 with PyTorch's default weights, 0.8 to 1.8 with He's (ReLU, seed 0).",
)
# Convolutional nets at step 0
PLAIN_56 = Said(
    "plain-56 loses to plain-20 because its gradients vanish",
    "In the paper",
    "with BN they do not (He et al. 2015, section 4.1); measured here at step 0, they grow.",
)
SKIPS_56 = Said(
    "with skips the gradient stays close to 1",
    "Measured here",
    "with BN in its branches ResNet-56 lets it grow ×34 over its depth (seed 0, step 0).",
)
HE_LAW = Said(
    "with He's weights the gradient keeps its size through the whole net",
    "Theory",
    "within a stage; each stride-2 convolution gives ×√½, and zero padding takes more: ×0.32 measured at depth 20.",
)
NORMAL = Said(
    "with BN activations are N(0, 1)",
    "By definition",
    "only right behind the norm, before its γ and β; what leaves a block has passed an addition and a ReLU.",
)
SHIFT = Said(
    "BN works because it stops internal covariate shift",
    "In papers",
    "disputed: it smooths the loss (Santurkar 2018) and allows larger rates (Bjorck 2018).",
)
WITHOUT_BN = Said(
    "without BN gradients are erratic and can vanish",
    "Measured here",
    "they need not: at step 0 ×2.7 of the last layer's reaches the first, and ×6.9 with BN (SmallResNet, seed 0).",
)
# Initial weights and recipes
HE_STD = Said("He's weights have the variance √(2 ÷ fan)", "In the paper", "that is their standard deviation.")
GAMMA = Said("γ = 0.1 is from Fixup", "In the paper", "Fixup has no norm, and so no γ (Zhang et al. 2019).")
LINEAR_RATE = Said("rate ∝ batch size is from the ResNet paper", "In the paper", "it is from Goyal et al. 2017.")
SCALED = Said("x + F(x) is replaced by x ÷ L + F(x)", "By definition", "the branch is what is scaled: x + F(x) ÷ L.")
# Architectures
NORM_FIRST = Said(
    "BN stands before every convolution in ResNet and DenseNet",
    "In the paper",
    "in DenseNet it does; in the original ResNet it stands after each (He et al. 2015).",
)
MISTAKES = Said(
    "ReLU after the addition and zero padding (option A) are mistakes",
    "In the paper",
    "ResNet-110 and all CIFAR ResNets of He et al. 2015 are built so.",
)
RELU_FIRST = Said(
    "He et al. 2016 put the ReLU before the addition",
    "In the paper",
    "that is worse, 7.84 against 6.61 %; full pre-activation has BN and ReLU before each convolution.",
)
WIDENING = Said(
    "widening costs memory quadratically",
    "Counted here",
    "parameters grow with the square of the width, activations linearly.",
)
VGG = Said("VGG-16 has 25.6 M parameters", "Counted here", "25.6 M are ResNet-50's; VGG-16 has 138 M.")
DENSE_121 = Said(
    "DenseNet-121 matches ResNet-200",
    "In papers",
    "none says so; DenseNet-201, 20 M parameters, errs much as ResNet-101, 45 M (Huang et al. 2017, section 4.4).",
)
BERT = Said("BERT is pre-norm", "In the paper", "post-norm, as the first Transformer (Devlin et al. 2018).")
CONVNEXT = Said(
    "ConvNeXt normalises after the addition",
    "In the paper",
    "inside the branch, behind its depthwise convolution (Liu et al. 2022).",
)


def of_training(net: NetSpec) -> Said | None:
    """What is often said about nets like this one in training."""
    if net.kind == "plain" and net.norm == "batch":
        return PLAIN_56
    if net.norm == "none" and net.skip:  # plain nets do lose theirs, with PyTorch's initial weights at once
        return WITHOUT_BN
    return SHIFT if net.norm == "batch" else None


def of_initial(nets: list[NetSpec]) -> list[Said]:
    """What is often said about the gradient in any of these nets before training."""
    found = {
        PLAIN_56: any(net.kind == "plain" and net.norm == "batch" for net in nets),
        SKIPS_56: any(net.kind == "resnet" and net.norm == "batch" for net in nets),
        HE_LAW: any(net.kind == "plain" and net.norm == "none" and net.init == "he" for net in nets),
    }
    return [said for said, fits in found.items() if fits]


def of_weights(init: str) -> Said | None:
    """What is often said about initial weights drawn so."""
    return {"he": HE_STD, "gamma-0.1": GAMMA, "fixup": GAMMA}.get(init)


def of_architecture(net: NetSpec) -> list[Said]:
    """What is often said about nets that are built like this one."""
    if net.image_size == 224 and (net.family, net.depth) in KNOWN:
        return [KNOWN[net.family, net.depth]]
    if net.family == "densenet":
        return [NORM_FIRST]
    found = {
        SCALED: net.branch_scale == "1/L",
        WIDENING: net.family == "wide",
        RELU_FIRST: net.activation_order in ("relu-before-add", "pre"),
        NORM_FIRST: net.activation_order == "post" and net.norm != "none" and net.kind != "vgg",
        MISTAKES: net.skip and net.form == "cifar" and (net.activation_order, net.shortcut) == ("post", "A"),
    }
    return [said for said, fits in found.items() if fits][:2]


KNOWN = {("resnet", 50): VGG, ("vgg", 16): VGG, ("densenet", 121): DENSE_121}
