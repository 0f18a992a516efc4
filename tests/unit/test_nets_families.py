"""What tells the families apart, each against the paper's formula written out by hand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.nets import Net, build
from core.nets.parts import SqueezeExcite
from core.nets.residual import ResidualBlock
from core.nets.resnet import ResNet
from core.probes.taps import tap
from core.probes.watch import Watcher
from core.spec import NetSpec, ProbeSpec
from core.vocabulary.orders import ActivationOrder
from tests.unit.torch_types import submodule

ORDERS = get_args(ActivationOrder)
Function = Callable[[Tensor], Tensor]


def picture(channels: int = 3, size: int = 32, batch: int = 4) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(batch, channels, size, size, generator=generator, dtype=torch.float64)


def first_of_stage(net: Net, stage: int) -> ResidualBlock:
    return submodule(net, f"stage{stage}.block1", ResidualBlock)


def pieces(block: ResidualBlock) -> dict[str, Function]:
    """conv1, norm1, conv2 and so on, wherever in the block they are."""
    return {name.rpartition(".")[2]: module for name, module in block.named_modules() if "shortcut" not in name}


def by_hand(order: str, block: ResidualBlock, x: Tensor) -> Tensor:
    """He 2016, figure 4, for two convolutions; a projection reads what the first convolution reads."""
    part, shortcut = pieces(block), block.shortcut
    assert shortcut is not None
    conv1, norm1, conv2, norm2 = (part[name] for name in ("conv1", "norm1", "conv2", "norm2"))
    projected = any(isinstance(module, nn.Conv2d) for module in shortcut.modules())
    if order == "post":
        return F.relu(shortcut(x) + norm2(conv2(F.relu(norm1(conv1(x))))))
    if order == "bn-after-add":
        return F.relu(norm2(shortcut(x) + conv2(F.relu(norm1(conv1(x))))))
    if order == "relu-before-add":
        return shortcut(x) + F.relu(norm2(conv2(F.relu(norm1(conv1(x))))))
    if order == "relu-only-pre":
        h = F.relu(x)
        return shortcut(h if projected else x) + norm2(conv2(F.relu(norm1(conv1(h)))))
    h = F.relu(norm1(x))
    return shortcut(h if projected else x) + conv2(F.relu(norm2(conv1(h))))


@pytest.mark.parametrize("shortcut", ["A", "B"])
@pytest.mark.parametrize("order", ORDERS)
def test_blocks_are_those_of_he_2016_figure_4(order: str, shortcut: str) -> None:
    net = build(NetSpec.make(depth=14, activation_order=order, shortcut=shortcut)).double()
    x = picture(16)
    for name in ("stage1.block1", "stage1.block2", "stage2.block1"):
        block = net.get_submodule(name)
        assert isinstance(block, ResidualBlock)
        torch.testing.assert_close(block(x), by_hand(order, block, x), rtol=0, atol=1e-12)


@pytest.mark.parametrize("order", ORDERS)
def test_orders_differ_in_function_and_hardly_in_parameters(order: str) -> None:
    """Option A: the same convolutions with the same weights, and as many numbers in norms."""
    post = build(NetSpec(depth=14))
    net = build(NetSpec.make(depth=14, activation_order=order))
    assert sum(p.numel() for p in net.parameters()) == sum(p.numel() for p in post.parameters())
    for mine, other in zip(net.layers, post.layers, strict=True):
        assert torch.equal(mine.module.weight, other.module.weight)
    x = picture().float()
    assert order == "post" or not torch.allclose(net(x), post(x), atol=1e-3)


@pytest.mark.parametrize("order", ORDERS)
def test_only_branches_that_end_in_a_norm_have_one_behind_their_projection(order: str) -> None:
    net = build(NetSpec.make(depth=8, activation_order=order, shortcut="B"))
    shortcut = submodule(first_of_stage(net, 2), "shortcut", nn.Sequential)
    kinds = [type(module) for module in shortcut]
    assert kinds == [nn.Conv2d] + [nn.BatchNorm2d] * (order not in ("bn-after-add", "pre"))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("bottleneck", [False, True])
def test_layers_say_where_response_and_relu_are(order: str, bottleneck: bool) -> None:
    """Traced: the signal is the last norm or convolution between a layer and the next ReLU or addition; the ReLU of a
    post-activation order reads it, that of a pre-activation order is what the convolution reads."""
    net = build(NetSpec.make(depth=20 if bottleneck else 14, activation_order=order, bottleneck=bottleneck))
    reads: dict[nn.Module, Tensor] = {}
    hooks = [
        module.register_forward_hook(lambda module, x, _y: reads.__setitem__(module, x[0]))
        for module in net.modules()
        if isinstance(module, nn.Conv2d | nn.BatchNorm2d | nn.ReLU)
    ]
    convs = net.layers[1:-1]
    modules = [module for layer in convs for module in (layer.module, layer.signal, layer.relu) if module]
    with tap(modules) as outputs:
        net(picture().float())
    for hook in hooks:
        hook.remove()
    for layer in convs:
        if order == "pre":
            assert layer.signal is layer.module
        elif layer.signal is not layer.module:
            assert reads[layer.signal] is outputs[layer.module]
        if order in ("pre", "relu-only-pre"):
            assert layer.relu is not None
            assert reads[layer.module] is outputs[layer.relu]
        elif not layer.name.endswith("conv3" if bottleneck else "conv2") or order == "relu-before-add":
            assert layer.relu is not None
            assert reads[layer.relu] is outputs[layer.signal]
    last_signals = {[*block.branch.children()][-1] for block in net.blocks}
    ends = [layer for layer in convs if layer.name.endswith("conv3" if bottleneck else "conv2")]
    if order not in ("relu-before-add",):
        assert last_signals == {layer.signal for layer in ends}


@pytest.mark.parametrize("order", ["relu-only-pre", "pre"])
def test_a_relu_follows_the_last_addition_of_pre_activation_nets(order: str) -> None:
    net = build(NetSpec.make(depth=8, activation_order=order)).double()
    assert isinstance(net, ResNet)
    last = net.stages[-1]
    with tap([net.stem, net.norm, net.relu, last]) as outputs:
        logits = net(picture())
    y = F.relu(outputs[net.norm] if order == "pre" else outputs[last])
    assert torch.equal(outputs[net.relu], y)
    assert torch.equal(logits, net.fc(y.mean((2, 3))))
    assert net.layers[-1].relu is net.relu
    assert net.layers[0].relu is None
    assert submodule(net, "norm", nn.BatchNorm2d).num_features == (64 if order == "pre" else 16)


SCALED = [
    NetSpec(depth=14, shortcut_scale=0.5, branch_scale=0.25),
    NetSpec(depth=14, shortcut="B", shortcut_scale=0.5, branch_scale="1/L"),
    NetSpec(depth=14, activation_order="pre", branch_scale="1/L", se_reduction=4),
]


@pytest.mark.parametrize("spec", SCALED, ids=lambda spec: spec.name)
def test_scaled_shortcuts_and_branches(spec: NetSpec) -> None:
    net = build(spec).double()
    other = build(spec.but(shortcut_scale=1.0, branch_scale=1.0)).double()
    factor = 1 / 6 if spec.branch_scale == "1/L" else spec.branch_scale
    for mine, plain in zip(net.blocks, other.blocks, strict=True):
        x = picture(submodule(mine.branch, "conv1", nn.Conv2d).in_channels)
        torch.testing.assert_close(mine.branch(x), factor * plain.branch(x))
        torch.testing.assert_close(mine.shortcut(x), spec.shortcut_scale * plain.shortcut(x))


@pytest.mark.parametrize("order", ORDERS)
def test_a_block_adds_what_branch_and_shortcut_answer(order: str) -> None:
    """With everything on that sits between convolution and addition."""
    spec = NetSpec.make(
        depth=14,
        activation_order=order,
        se_reduction=4,
        shortcut_scale=0.5,
        branch_scale="1/L",
        survival_probability=0.5,
        dropout=0.2,
    )
    net = build(spec).double()
    torch.manual_seed(3)
    modules = [part for block in net.blocks for part in (block.branch, block.shortcut, net.get_submodule(block.name))]
    with tap(modules) as outputs:
        net(picture())
    for block in net.blocks:
        whole = net.get_submodule(block.name)
        assert isinstance(whole, ResidualBlock)
        total = outputs[block.shortcut] + outputs[block.branch]
        torch.testing.assert_close(outputs[whole], whole.after(total))
    assert any(not outputs[block.branch].any() for block in net.blocks)  # dropped
    assert any(outputs[block.branch].any() for block in net.blocks)


def test_squeeze_and_excitation_is_hu_2018() -> None:
    net = build(NetSpec(depth=8, se_reduction=8)).double()
    gate = submodule(first_of_stage(net, 2), "branch.se", SqueezeExcite)
    x = picture(32, 8)
    squeezed = x.mean((2, 3))
    hidden = torch.clamp(squeezed @ gate.fc1.weight.T + gate.fc1.bias, min=0)
    gates = 1 / (1 + torch.exp(-(hidden @ gate.fc2.weight.T + gate.fc2.bias)))
    assert hidden.shape == (4, 4)
    torch.testing.assert_close(gate(x), x * gates[:, :, None, None])
    assert build(NetSpec(depth=8, width=4, se_reduction=16)).get_submodule("stage1.block1.branch.se.fc1").out_features


def test_groups_read_their_own_channels_only() -> None:
    net = build(NetSpec(depth=11, bottleneck=True, groups=4, base_width=3)).double()
    conv = first_of_stage(net, 1).branch.get_submodule("conv2")
    x = torch.zeros(1, 12, 8, 8, dtype=torch.float64)
    x[:, 3:6] = 1
    reached = conv(x).abs().sum((0, 2, 3)) > 0
    assert reached.tolist() == [False] * 3 + [True] * 3 + [False] * 6


@pytest.mark.parametrize(("stride_on", "sizes"), [("1x1", (16, 16, 16)), ("3x3", (32, 16, 16))])
def test_v1_and_v15_halve_the_map_in_another_convolution(stride_on: str, sizes: tuple[int, ...]) -> None:
    net = build(NetSpec.make(depth=11, bottleneck=True, stride_on=stride_on))
    convs = [layer.module for layer in net.layers if layer.name.startswith("stage2.block1.")]
    with tap(convs) as outputs:
        net(picture().float())
    assert tuple(outputs[conv].shape[-1] for conv in convs) == sizes


def test_dropout_stands_before_the_second_convolution_and_sees_the_relu() -> None:
    net = build(NetSpec(family="wide", depth=10, width_multiplier=2, dropout=0.5))
    assert [name for name, _ in first_of_stage(net, 1).branch.named_children()] == [
        "conv1",
        "norm2",
        "relu2",
        "dropout",
        "conv2",
    ]


def test_small_gamma_scales_each_branch_by_a_tenth() -> None:
    """ReLU and convolution without bias are homogeneous, so it does so wherever the branch's last norm is."""
    for order in ORDERS:
        for bottleneck, depth in ((False, 8), (True, 11)):
            spec = NetSpec.make(depth=depth, activation_order=order, bottleneck=bottleneck)
            small, usual = build(spec.but(init="gamma-0.1")).double(), build(spec).double()
            x = picture(submodule(small.blocks[0].branch, "conv1", nn.Conv2d).in_channels)
            torch.testing.assert_close(small.blocks[0].branch(x), 0.1 * usual.blocks[0].branch(x))


@pytest.mark.parametrize(
    "spec",
    [
        NetSpec(depth=20, bottleneck=True, init="zero-gamma"),
        NetSpec(depth=14, activation_order="relu-only-pre", init="zero-gamma"),
        NetSpec(depth=20, bottleneck=True, norm="none", init="fixup", se_reduction=4),
    ],
    ids=lambda spec: spec.name,
)
def test_branches_start_at_zero_and_learn(spec: NetSpec) -> None:
    net = build(spec)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    with tap([block.branch for block in net.blocks]) as outputs:
        logits = net(picture().float())
    assert not any(outputs[block.branch].any() for block in net.blocks)
    for _ in range(3):
        optimiser.zero_grad()
        F.cross_entropy(net(picture().float()), torch.arange(4)).backward()
        optimiser.step()
    with tap([block.branch for block in net.blocks]) as outputs:
        assert not torch.equal(net(picture().float()), logits)
    assert all(outputs[block.branch].any() for block in net.blocks)


def test_fixup_scales_both_first_convolutions_of_a_bottleneck() -> None:
    """Zhang 2019: L^(-1 / (2m - 2)) with L = 6 branches of m = 3 layers."""
    spec = NetSpec(depth=20, bottleneck=True, norm="none")
    net, he = build(spec.but(init="fixup")), build(spec)
    for block, other in zip(net.blocks, he.blocks, strict=True):
        for name in ("conv1", "conv2"):
            mine, usual = (submodule(each.branch, name, nn.Conv2d).weight for each in (block, other))
            torch.testing.assert_close(mine, usual * 6 ** (-1 / 4))
        assert not submodule(block.branch, "conv3", nn.Conv2d).weight.any()


def test_he_counts_the_outputs_that_read_an_input() -> None:
    net = build(NetSpec(depth=11, width=64, bottleneck=True, groups=4))
    weight = submodule(first_of_stage(net, 3), "branch.conv2", nn.Conv2d).weight  # 256 channels, 64 a group
    assert weight.std().item() == pytest.approx((2 / (9 * 64)) ** 0.5, rel=0.02)


@pytest.mark.parametrize(
    "spec",
    [
        NetSpec(depth=8, width=4, activation_order="pre", shortcut="B"),
        NetSpec(depth=8, width=4, activation_order="bn-after-add", norm="none"),
        NetSpec(depth=8, width=4, activation_order="relu-before-add", se_reduction=2),
        NetSpec(depth=11, width=4, bottleneck=True, groups=2, survival_probability=0.5),
        NetSpec(family="wide", depth=10, width=4, width_multiplier=2, dropout=0.3),
    ],
    ids=lambda spec: spec.name,
)
def test_probes_read_every_family(spec: NetSpec) -> None:
    watcher = Watcher(build(spec), picture().float(), torch.arange(4), ProbeSpec(images=4), nullcontext)
    payload = watcher.observe()
    layers, blocks = len(watcher.net.layers), len(watcher.net.blocks)
    for name in ("weight_grad", "signal_grad", "mean", "std"):
        assert payload[name].shape == (layers,)
        assert np.isfinite(payload[name]).all()
    assert payload["branch_ratio"].shape == (blocks,)
    assert np.isfinite(payload["branch_ratio"]).all()
