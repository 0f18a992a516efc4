"""At initialisation, before any training: what closed forms say and what an independent prototype measured once.

N(0, 1) pictures, option A, He fan-out initialisation, batch 16, BN in train mode. Variances are those of a channel over
pictures and positions, averaged over channels; zero padding at the border takes a few percent.
"""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from core.nets import Net, build
from core.probes.taps import tap
from core.spec import NetSpec

RELU_VARIANCE = (1 - 1 / math.pi) / 2  # of max(0, z) for z ~ N(0, 1): 0.3408
RELU_SQUARED_MEAN = 1 / (2 * math.pi)  # 0.1592
BRANCH_VARIANCE = 1 - 1 / math.pi  # of a He-initialised convolution of it: twice the variance above, 0.6817
STEM_VARIANCE = 27 * 2 / (9 * 16)  # 27 inputs of variance 1, weights of variance 2 / fan-out: 0.375


def noise(seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(16, 3, 32, 32, generator=generator), torch.randint(10, (16,), generator=generator)


def variance(y: Tensor) -> float:
    return float(y.var((0, 2, 3), correction=0).mean())


@pytest.mark.parametrize(
    "spec",
    [
        NetSpec(depth=20),
        NetSpec(depth=20, activation_order="pre"),
        NetSpec(family="wide", depth=10, width_multiplier=4),
    ],
    ids=lambda spec: spec.name,
)
@torch.no_grad()
def test_after_bn_and_relu(spec: NetSpec) -> None:
    """The ReLUs that read a norm: all of a pre-activation net, those of the first convolutions in ResNet-20."""
    net = build(spec)
    relus = {layer.name: layer.relu for layer in net.layers if layer.relu}
    if spec.activation_order == "post":
        firsts = [layer.name for layer in net.layers if layer.name.endswith(("stem", "conv1"))]
        relus = {name: relus[name] for name in firsts}
    with tap([*relus.values()]) as outputs:
        net(noise()[0])
    for relu in relus.values():
        y = outputs[relu]
        assert variance(y) == pytest.approx(RELU_VARIANCE, rel=0.1)
        assert float(y.mean((0, 2, 3)).square().mean()) == pytest.approx(RELU_SQUARED_MEAN, rel=0.1)


@pytest.mark.parametrize("order", ["post", "relu-only-pre"])
@torch.no_grad()
def test_branches_that_end_in_bn_have_variance_one(order: str) -> None:
    net = build(NetSpec.make(depth=20, activation_order=order))
    with tap([block.branch for block in net.blocks]) as outputs:
        net(noise()[0])
    assert [variance(outputs[block.branch]) for block in net.blocks] == pytest.approx([1] * 9, abs=1e-3)


@pytest.mark.parametrize("n", [3, 9, 18])
@torch.no_grad()
def test_pre_activation_branches_and_the_stream_that_they_add_up_to(n: int) -> None:
    """Stage 1: the stream starts with the stem's variance and each of n branches adds its own."""
    net = build(NetSpec(depth=6 * n + 2, activation_order="pre"))
    stage = net.get_submodule("stage1")
    stem, branches = net.layers[0].module, [block.branch for block in net.blocks]
    with tap([stem, stage, *branches]) as outputs:
        net(noise()[0])
    mean = sum(variance(outputs[branch]) for branch in branches) / len(branches)
    assert mean == pytest.approx(BRANCH_VARIANCE, rel=0.04)
    assert variance(outputs[stem]) == pytest.approx(STEM_VARIANCE, rel=0.15)  # 432 weights
    theory = STEM_VARIANCE + BRANCH_VARIANCE * n
    assert pytest.approx(0.375 + 0.6817 * n, rel=1e-4) == theory
    assert variance(outputs[stage]) == pytest.approx(theory, rel=0.06)
    assert variance(outputs[stage]) == pytest.approx({3: 2.55, 9: 6.59, 18: 12.45}[n], rel=0.1)


def gradient_ratio(net: Net) -> float:
    """Weight-gradient norm of the first block's conv1 over that of the last block's."""
    x, y = noise()
    weights = {layer.name: layer.module.weight for layer in net.layers}
    first, last = weights["stage1.block1.conv1"], weights[f"stage3.block{net.spec.stages[-1]}.conv1"]
    one, other = torch.autograd.grad(F.cross_entropy(net(x), y), [first, last])
    return float(one.norm() / other.norm())


@pytest.mark.parametrize(("depth", "measured"), [(20, 2.9), (56, 13), (110, 32)])
def test_gradients_of_pre_activation_nets_grow_mildly_towards_the_input(depth: int, measured: float) -> None:
    """To a factor of 1.5, on one seed."""
    ratio = gradient_ratio(build(NetSpec(depth=depth, activation_order="pre")))
    assert measured / 1.5 < ratio < measured * 1.5


@pytest.mark.parametrize("depth", [56, 110])
def test_gradients_of_plain_nets_with_bn_grow_by_a_sixth_per_convolution(depth: int) -> None:
    """Exponential, not vanishing: measured 5.2e3 at depth 56 and 2.5e7 at 110, both 1.17 a convolution; to 0.02, as
    seeds differ by a factor of several over a hundred convolutions."""
    convolutions = depth - 4  # from the first block's conv1 to the last block's
    ratio = gradient_ratio(build(NetSpec(depth=depth, skip=False)))
    assert ratio ** (1 / convolutions) == pytest.approx(1.17, abs=0.02)


def test_gradients_vanish_in_plain_nets_without_bn_under_a_poor_initialisation() -> None:
    poor = NetSpec(depth=20, skip=False, norm="none", init="default")
    assert gradient_ratio(build(poor)) ** (1 / 16) < 0.6
    assert 0.85 < gradient_ratio(build(poor.but(init="he"))) ** (1 / 16) < 1.05


@pytest.mark.parametrize("scale", [0.5, "1/L"])
@torch.no_grad()
def test_a_factor_on_each_branch_scales_what_the_stream_gains(scale: float | str) -> None:
    """Variances go with the square: with 1/L the 27 blocks of a PreAct-56 add 27 · 0.6817 / 27² in all."""
    net = build(NetSpec.make(depth=56, activation_order="pre", branch_scale=scale))
    factor = 1 / 27 if scale == "1/L" else 0.5
    stage = net.get_submodule("stage1")
    with tap([stage, net.layers[0].module]) as outputs:
        net(noise()[0])
    start = variance(outputs[net.layers[0].module])
    gain = 9 * BRANCH_VARIANCE * factor**2
    assert variance(outputs[stage]) == pytest.approx(start + gain, rel=0.06)
