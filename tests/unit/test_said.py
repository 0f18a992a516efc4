"""What the pages answer to popular articles, measured and counted again."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torchvision
from torch import nn

from core import arith, said
from core.answers.questions import answer_xray
from core.answers.warm import Nets
from core.check import never
from core.nets import Net, build, skeleton
from core.nets.residual import ResidualBlock
from core.nets.stacks import build_stack
from core.paper import COUNTS, REFERENCES
from core.probes.xray import xray
from core.record.answers import XRay
from core.spec import PRESETS, NetSpec, preset
from core.stack_spec import StackSpec
from tests.unit.torch_types import submodule

EVERY = [value for value in vars(said).values() if isinstance(value, said.Said)]
ASKED = {"images": 32, "seed": 0}


def left(found: XRay) -> float:
    """Of the gradient at the last hidden layer, what arrives at the first."""
    return float(found["signal_grad"][0]) / float(found["signal_grad"][-2])


def fully_connected(init: str, skip: bool) -> XRay:
    stack = StackSpec.make(kind="linear", depth=30, width=128, init=init, skip=skip)
    return answer_xray({"stack": stack.model_dump(), **ASKED}, Nets(), never)


def test_thirty_layers_leave_what_is_said() -> None:
    assert math.floor(1000 * 0.85**30) == 7
    assert f"{left(fully_connected('default', False)):.0e}" == "1e-11"
    assert "10⁻¹¹ with PyTorch's default weights" in said.LEFT_OF_30.so
    assert f"{left(fully_connected('he', False)):.2f} with He's" in said.LEFT_OF_30.so


def test_with_skips_it_grows_as_is_said() -> None:
    by_default, by_he = left(fully_connected("default", True)), left(fully_connected("he", True))
    assert (f"{by_default:.1e}", f"{by_he:.0e}") == ("1.8e+02", "8e+05")
    assert "×180 with PyTorch's default weights and ×8·10⁵ with He's" in said.SKIPS_30.so
    residual = answer_xray({"net": NetSpec(depth=56).model_dump(), **ASKED}, Nets(), never)
    assert f"×{left(residual):.0f} over its depth" in said.SKIPS_56.so


def test_the_spread_without_norm_is_what_is_said() -> None:
    by_default, by_he = (fully_connected(init, False)["std"][4:30] for init in ("default", "he"))
    assert f"{by_default.min():.2f} to {by_default.max():.2f} from layer 5 to layer 30" in said.SPREAD_30.so
    assert f"{by_he.min():.1f} to {by_he.max():.1f} with He's" in said.SPREAD_30.so


def test_a_plain_net_with_bn_grows_toward_the_input() -> None:
    plain = answer_xray({"net": NetSpec(depth=56, skip=False).model_dump(), **ASKED}, Nets(), never)
    assert left(plain) > 1000
    assert said.PLAIN_56.so.endswith("measured here at step 0, they grow.")


def test_without_bn_gradients_need_not_vanish() -> None:
    pair = [preset(name).model_dump() for name in ("smallresnet-nobn", "smallresnet")]
    without, with_bn = (left(answer_xray({"net": net, **ASKED}, Nets(), never)) for net in pair)
    assert f"×{without:.1f} of the last layer's reaches the first, and ×{with_bn:.1f} with BN" in said.WITHOUT_BN.so


def circular(net: Net) -> Net:
    """Padded around the edge instead of with zeros, so that no position is another's."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d) and module.padding != (0, 0):
            module.padding_mode = "circular"
            module._reversed_padding_repeated_twice = [1, 1, 1, 1]
    return net


def test_hes_law_loses_a_factor_at_each_stride_and_more_to_zero_padding() -> None:
    """Geometric means of 12 seeds, N(0, 1) input, batch 16."""
    logs = []
    for seed in range(12):
        x = torch.randn(16, 3, 32, 32, generator=torch.Generator().manual_seed(seed))
        nets = [build(NetSpec(depth=20, skip=False, norm="none"), seed) for _ in range(2)]
        logs.append([math.log(left(xray(net, x, torch.arange(16) % 10))) for net in (nets[0], circular(nets[1]))])
    zeros, around = np.exp(np.mean(logs, 0))
    assert f"×{zeros:.2f} measured at depth 20" in said.HE_LAW.so
    assert around == pytest.approx(math.sqrt(1 / 2) ** 2, rel=0.05)  # two convolutions of stride 2


def test_widening_costs_parameters_with_the_square_and_activations_in_proportion() -> None:
    wide = [arith.describe(NetSpec.make(family="wide", depth=28, width_multiplier=k)) for k in (10, 20)]
    assert wide[1].params / wide[0].params == pytest.approx(4, rel=0.01)
    assert wide[1].kept / wide[0].kept == pytest.approx(2, rel=0.02)


def test_vgg_has_138_million_parameters_and_resnet_50_has_25() -> None:
    with torch.device("meta"):
        vgg = torchvision.models.vgg16()
    assert f"VGG-16 has {sum(p.numel() for p in vgg.parameters()) / 1e6:.0f} M" in said.VGG.so
    assert f"{arith.describe(preset('resnet50')).params / 1e6:.1f} M are ResNet-50's" in said.VGG.so


def test_numbers_of_papers_are_those_of_the_table() -> None:
    worse = REFERENCES["resnet110-relu-before-add"][0].value
    assert f"{worse:g} against 6.61 %" in said.RELU_FIRST.so
    assert "6.61 ± 0.16" in REFERENCES["resnet110"][0].protocol


def test_the_densenet_that_a_paper_sets_beside_a_resnet_has_less_than_half_its_parameters() -> None:
    """Huang et al. 2017, section 4.4: "DenseNet-201 with 20M parameters yields similar validation error as a 101-layer
    ResNet with more than 40M parameters"."""
    dense, residual = (arith.describe(preset(name)).params for name in ("densenet201", "resnet101"))
    assert (dense, residual) == (20_013_928, 44_549_160) == (COUNTS["densenet201"].params, COUNTS["resnet101"].params)
    assert f"DenseNet-201, {dense / 1e6:.0f} M parameters" in said.DENSE_121.so
    assert f"ResNet-101, {residual / 1e6:.0f} M (" in said.DENSE_121.so


def test_convnext_normalises_inside_the_branch_and_original_resnets_after_each_convolution() -> None:
    branch = build_stack(StackSpec(kind="convnext", depth=1, width=8)).get_submodule("body.block1.branch")
    assert [type(part).__name__ for part in branch.children()][:2] == ["Conv2d", "LayerNorm"]
    block = submodule(skeleton(preset("resnet110")), "stage1.block1", ResidualBlock)
    assert [type(part).__name__ for part in block.branch] == ["Conv2d", "BatchNorm2d", "ReLU", "Conv2d", "BatchNorm2d"]
    assert [type(part).__name__ for part in block.after] == ["ReLU"]  # after the addition
    assert preset("resnet110").shortcut == "A"


@pytest.mark.parametrize("each", EVERY, ids=lambda each: each.often[:20])
def test_each_is_one_short_sentence(each: said.Said) -> None:
    assert each.so.endswith(".")
    assert each.so.count(". ") == each.so.count("al. ")
    assert not each.often.endswith(".")
    assert len(each.often) + len(each.so) < 190


def test_every_saying_has_a_place() -> None:
    everywhere = {
        said.LEFT_OF_30,
        said.SKIPS_30,
        said.SPREAD_30,
        said.NORMAL,
        said.LINEAR_RATE,
        said.BERT,
        said.CONVNEXT,
    }
    nets = list(PRESETS.values())
    by_net = {each for net in nets for each in [said.of_training(net), *said.of_architecture(net)]}
    by_weights = {said.of_weights(init) for init in ("he", "gamma-0.1", "fixup", "default", "zero-gamma")}
    assert said.of_training(NetSpec(depth=56, skip=False, norm="none")) is None  # there gradients do vanish
    assert everywhere | by_net | by_weights | {*said.of_initial([*nets, NetSpec(skip=False, norm="none")])} == {
        *EVERY,
        None,
    }


@pytest.mark.parametrize(
    ("name", "sayings"),
    [
        ("resnet20", [said.NORM_FIRST, said.MISTAKES]),
        ("resnet50", [said.VGG]),
        ("densenet121", [said.DENSE_121]),
        ("densenet-bc-40-12", [said.NORM_FIRST]),
        ("preact110", [said.RELU_FIRST]),
        ("resnet110-relu-before-add", [said.RELU_FIRST]),
        ("wrn28-10", [said.WIDENING, said.RELU_FIRST]),
        ("resnet110-scaled", [said.SCALED, said.NORM_FIRST]),
        ("plain20", [said.NORM_FIRST]),
        ("smallresnet-nobn", []),
        ("vgg16", [said.VGG]),
        ("vgg16_bn", [said.VGG]),
        ("vgg16-cifar", []),
    ],
)
def test_architecture_says_what_fits_the_net(name: str, sayings: list[said.Said]) -> None:
    assert said.of_architecture(preset(name)) == sayings
