"""The closed forms: their numbers, and nets measured against them with the tolerance that their conditions allow."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch

from core import theory
from core.nets import build
from core.nets.stacks import build_stack
from core.probes.xray import xray
from core.spec import NetSpec
from core.stack_spec import StackInit, StackSpec
from core.vocabulary.choices import Init

LABELS = torch.arange(32) % 10


def noise(count: int = 32) -> torch.Tensor:
    """N(0, 1), as the theory asks for."""
    return torch.randn(count, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (theory.RELU_VARIANCE.value, 0.3408),
        (theory.RELU_SQUARED_MEAN.value, 0.1592),
        (theory.BRANCH_POST.value, 1),
        (theory.BRANCH_PRE.value, 0.6817),
        (theory.he_stem_variance(3, 16), 0.375),
        (theory.BN_RELU_GRADIENT.value, 1.2112),
        (theory.DEFAULT_RELU_GRADIENT.value, 0.4082),
    ],
)
def test_values_are_those_of_the_books(value: float, expected: float) -> None:
    assert value == pytest.approx(expected, abs=1e-4)


def test_moments_of_a_rectified_gaussian_agree_with_quadrature() -> None:
    z = np.linspace(-10, 10, 200_001)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    rectified = np.maximum(z, 0)
    first, second = (rectified * density).sum(), (rectified**2 * density).sum()
    assert first**2 == pytest.approx(theory.RELU_SQUARED_MEAN.value, rel=1e-6)
    assert second - first**2 == pytest.approx(theory.RELU_VARIANCE.value, rel=1e-6)
    # BN-ReLU-conv: He weights double the variance of what they read
    assert 2 * (second - first**2) == pytest.approx(theory.BRANCH_PRE.value, rel=1e-6)


def test_plain_with_bn_keeps_the_moments_of_a_rectified_gaussian() -> None:
    found = xray(build(NetSpec(depth=20, skip=False)), noise(16), LABELS[:16])
    np.testing.assert_allclose(found["stream_variance"], theory.RELU_VARIANCE.value, rtol=0.08)
    np.testing.assert_allclose(found["stream_squared_mean"], theory.RELU_SQUARED_MEAN.value, rtol=0.1)


def test_branch_that_ends_in_bn_has_variance_1() -> None:
    found = xray(build(NetSpec(depth=20)), noise(16), LABELS[:16])
    np.testing.assert_allclose(found["branch_variance"], theory.BRANCH_POST.value, rtol=1e-3)


@pytest.mark.parametrize("n", [3, 9, 18])
def test_pre_activation_stream_gains_the_same_in_each_block_and_halves_with_zero_padding(n: int) -> None:
    net = NetSpec(depth=6 * n + 2, activation_order="pre")
    expected = theory.stream_variance(net)
    assert expected
    assert expected[n - 1] == pytest.approx(0.375 + 0.6817 * n, rel=1e-4)
    assert expected[n] == pytest.approx(expected[n - 1] / 2 + 0.6817, rel=1e-4)
    found = xray(build(net), noise(16), LABELS[:16])
    np.testing.assert_allclose(found["stream_variance"], expected, rtol=0.12)
    law = theory.branch_variance(net)
    assert law
    assert found["branch_variance"].mean() == pytest.approx(law.value, rel=0.04)


def test_dense_layers_and_plain_pre_activation_nets_read_rectified_gaussians() -> None:
    for net in (NetSpec(family="densenet", depth=22), NetSpec(depth=20, skip=False, activation_order="pre")):
        assert theory.rectified(net)
        found = xray(build(net), noise(16), LABELS[:16])
        np.testing.assert_allclose(found["stream_variance"][1:], theory.RELU_VARIANCE.value, rtol=0.08)
        np.testing.assert_allclose(found["stream_squared_mean"][1:], theory.RELU_SQUARED_MEAN.value, rtol=0.1)


def test_plain_with_bn_grows_toward_the_input_at_the_rate_of_theory() -> None:
    net = NetSpec(depth=20, skip=False)
    law = theory.gradient_factor(net)
    gradient = xray(build(net), noise(16), LABELS[:16])["signal_grad"]
    factor = (gradient[0] / gradient[-2]) ** (1 / 18)
    assert law
    assert factor == pytest.approx(law.value, rel=0.05)


@pytest.mark.parametrize("init", ["he", "default"])
def test_relu_stack_shrinks_at_the_rate_of_theory(init: StackInit) -> None:
    stack = build_stack(StackSpec(depth=30, width=512, skip=False, init=init))
    law = theory.stack_gradient("relu", init, skip=False)
    gradient = xray(stack, noise(), LABELS)["signal_grad"]
    factor = (gradient[0] / gradient[-2]) ** (1 / 29)
    assert law
    assert factor == pytest.approx(law.value, rel=0.04)


def whole_depth(net: NetSpec, seeds: int, circular: bool = False) -> np.ndarray:
    """Gradient at the first layer's response over that at the last hidden layer's, for several draws of the weights."""
    found = []
    for seed in range(seeds):
        made = build(net, seed)
        for layer in made.layers:
            if circular and isinstance(layer.module, torch.nn.Conv2d):
                layer.module.padding_mode = "circular"
        gradient = xray(made, noise(8), LABELS[:8])["signal_grad"]
        found.append(gradient[0] / gradient[-2])
    return np.array(found)


@pytest.mark.parametrize(("init", "seeds"), [("he", 16), ("default", 16)])
@pytest.mark.parametrize("circular", [False, True])
def test_plain_without_a_norm_shrinks_by_its_stages_and_its_padding(init: Init, seeds: int, circular: bool) -> None:
    """At depth 20; the logarithm scatters by 0.35 from draw to draw, so its mean over 16 by 0.09."""
    net = NetSpec(depth=20, skip=False, norm="none", init=init)
    expected = theory.gradients(net, padding=not circular)
    assert expected
    measured = np.exp(np.log(whole_depth(net, seeds, circular)).mean())
    assert measured == pytest.approx(expected[0], rel=0.3)


def test_stage_factors_are_roots_of_a_half_and_padding_takes_more() -> None:
    net = NetSpec(depth=20, skip=False, norm="none")
    rings = theory.gradients(net, padding=False)
    assert rings
    assert len(rings) == 19  # the hidden layers
    steps = [upper / lower for upper, lower in itertools.pairwise(rings)]
    half = [index for index, step in enumerate(steps) if step == pytest.approx(math.sqrt(0.5))]
    assert half == [6, 12]  # from the first convolution of stages 2 and 3 to the layer before it
    assert all(step == pytest.approx(1) for index, step in enumerate(steps) if index not in half)
    padded = theory.gradients(net)
    assert padded
    assert all(upper < lower for upper, lower in itertools.pairwise(padded))
    assert theory.gradient_kept(net) == padded[0] == pytest.approx(0.325, abs=1e-3)


def test_one_zero_padded_convolution_by_counting_its_taps() -> None:
    """An even gradient on the last map of 8x8, four convolutions of depth 8 above it, tap by tap in two dimensions."""
    net = NetSpec(depth=8, skip=False, norm="none", init="default")
    found = theory.gradients(net)
    assert found
    energy = np.full((8, 8), 1.0)
    totals = [energy.sum() * 64]
    for inputs, stride in ((64, 1), (32, 2), (32, 1), (16, 2), (16, 1), (16, 1)):
        outputs = {8: 64, 16: 32, 32: 16}[len(energy)]
        size = len(energy) * stride
        before = np.zeros((size, size))
        for (row, column), value in np.ndenumerate(energy):
            for down, right in itertools.product((-1, 0, 1), repeat=2):
                at = row * stride + down, column * stride + right
                if min(at) >= 0 and max(at) < size:
                    before[at] += value * outputs / (27 * inputs) / 2  # variance of the weights, half past the ReLU
        energy = before
        totals.append(energy.sum() * inputs)
    np.testing.assert_allclose(found[::-1], np.sqrt(np.array(totals) / totals[0]), rtol=1e-12)


def test_what_a_draw_of_the_weights_scatters() -> None:
    """A verdict begins ten times off what theory keeps: no draw of He weights gets half as far, in logarithms."""
    for depth, seeds in ((8, 12), (56, 6)):
        net = NetSpec(depth=depth, skip=False, norm="none")
        off = np.abs(np.log(whole_depth(net, seeds) / theory.gradient_kept(net)))
        assert off.max() < math.log(10) / 2


def test_theory_of_a_very_deep_net_stays_in_range() -> None:
    deep = theory.gradients(NetSpec(depth=602, skip=False, norm="none", init="default"))
    assert deep
    assert 1e-260 < deep[0] < 1e-230
    assert theory.gradient_kept(NetSpec(depth=6002, skip=False, norm="none")) > 0


def test_kept_is_1_where_norms_or_shortcuts_decide() -> None:
    for net in (NetSpec(), NetSpec(skip=False), NetSpec(norm="none"), NetSpec(family="densenet")):
        assert theory.gradient_kept(net) == 1
    assert theory.gradient_kept(NetSpec(family="densenet", norm="none")) == 0.25
    assert theory.gradients(NetSpec()) is theory.gradients(NetSpec(skip=False, norm="none", se_reduction=4)) is None


def test_no_law_is_claimed_where_none_holds() -> None:
    changes: dict[str, Any]
    assert theory.stack_gradient("relu", "he", skip=True) is None
    assert theory.stack_gradient("tanh", "he", skip=False) is None
    assert theory.gradient_factor(NetSpec()) is None
    assert theory.gradient_factor(NetSpec(family="densenet")) is None
    for changes in ({"norm": "group"}, {"bottleneck": True, "depth": 29}, {"se_reduction": 4}, {"dropout": 0.1}):
        assert theory.gradient_factor(NetSpec.make(**{"skip": False} | changes)) is None
    for changes in ({}, {"skip": False}, {"init": "default"}, {"branch_scale": 0.5}, {"shortcut": "B"}):
        net = NetSpec.make(**{"activation_order": "pre" if changes else "post"} | changes)
        assert theory.stream_variance(net) is None
    for changes in ({"init": "zero-gamma"}, {"norm": "group"}, {"skip": False}, {"branch_scale": 0.5}):
        assert theory.branch_variance(NetSpec.make(**changes)) is None
    assert not theory.rectified(NetSpec())
    assert not theory.rectified(NetSpec(family="densenet", norm="none"))


def test_the_story_of_vanishing_gradients_fits_one_of_three() -> None:
    """Without BN and He weights it shrinks, with BN it grows, with skips it grows far less."""
    ratio = {}
    for name, net in {
        "poor": NetSpec(depth=20, skip=False, norm="none", init="default"),
        "plain": NetSpec(depth=20, skip=False),
        "residual": NetSpec(depth=20),
    }.items():
        gradient = xray(build(net), noise(16), LABELS[:16])["signal_grad"]
        ratio[name] = gradient[0] / gradient[-2]
    assert ratio["poor"] < 1e-5
    assert ratio["plain"] > 2 * ratio["residual"] > 2
