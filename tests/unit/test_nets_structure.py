"""What a net offers: layers, blocks, ledger, and what it computes."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.nets import Net, build
from core.nets.parts import conv, groups, norm
from core.nets.residual import ResidualBlock
from core.spec import NetSpec, preset
from tests.unit.torch_types import gradient_of, submodule

KINDS = [
    NetSpec(depth=8),
    NetSpec(depth=14, shortcut="B"),
    NetSpec(depth=14, shortcut="C", norm="none"),
    NetSpec(depth=14, skip=False),
    NetSpec(depth=8, norm="group", width=10),
    NetSpec(depth=8, norm="layer", skip=False),
    NetSpec(depth=8, norm="instance", shortcut="B"),
    NetSpec(depth=8, norm="batch", init="zero-gamma"),
    NetSpec(depth=14, norm="none", init="fixup"),
    NetSpec(family="densenet", depth=13),
    NetSpec(family="densenet", depth=16, bottleneck=True, compression=0.5),
    NetSpec(family="densenet", depth=16, bottleneck=True, norm="none", init="default"),
    NetSpec(family="densenet", depth=13, skip=False),
    NetSpec(family="densenet", depth=13, norm="none", skip=False, num_classes=3),
]
FAMILIES = [
    NetSpec(depth=8, activation_order="pre", shortcut="B"),
    NetSpec(depth=8, activation_order="bn-after-add", skip=False),
    NetSpec(depth=8, activation_order="relu-before-add", norm="none"),
    NetSpec(depth=8, activation_order="relu-only-pre", shortcut="C"),
    NetSpec(depth=11, bottleneck=True, groups=4, base_width=3, shortcut="B", se_reduction=16),
    NetSpec(depth=11, bottleneck=True, norm="none", init="fixup"),
    NetSpec(family="wide", depth=10, width=8, width_multiplier=2),
    NetSpec(form="imagenet", depth=18, width=4, num_classes=7),
    NetSpec(form="imagenet", depth=18, width=4, stem="3x3"),
    NetSpec(form="imagenet", depth=50, width=4, num_classes=7, activation_order="pre"),
    NetSpec(form="imagenet", family="densenet", depth=121, growth_rate=2, num_classes=7),
    NetSpec(family="vgg", depth=11, width=4),
    NetSpec(family="vgg", depth=13, width=4, norm="none"),
    NetSpec(family="vgg", depth=16, width=4, norm="group"),
    NetSpec(family="vgg", depth=19, width=2, norm="none", init="default"),
    NetSpec(form="imagenet", family="vgg", depth=11, width=2, num_classes=7),
]


def outputs(net: Net, modules: list[nn.Module], x: torch.Tensor) -> list[torch.Tensor]:
    """What the modules answer in one forward pass."""
    found: dict[nn.Module, torch.Tensor] = {}
    handles = [module.register_forward_hook(lambda m, _x, y: found.__setitem__(m, y)) for module in modules]
    net(x)
    for handle in handles:
        handle.remove()
    return [found[module] for module in modules]


@pytest.mark.parametrize("spec", [*KINDS, *FAMILIES], ids=lambda spec: spec.name)
def test_every_kind_answers_with_finite_logits_and_gradients_everywhere(spec: NetSpec) -> None:
    net = build(spec)
    logits = net(torch.randn(4, 3, 32, 32))
    assert logits.shape == (4, spec.num_classes)
    F.cross_entropy(logits, torch.arange(4) % spec.num_classes).backward()
    assert all(torch.isfinite(gradient_of(parameter)).all() for parameter in net.parameters())


@pytest.mark.parametrize("spec", [*KINDS, *FAMILIES], ids=lambda spec: spec.name)
def test_memory_layout_does_not_change_the_function(spec: NetSpec) -> None:
    net = build(spec).double()
    x = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    torch.manual_seed(0)  # of dropout
    expected = net(x)
    torch.manual_seed(0)
    y = net.to(memory_format=torch.channels_last)(x.to(memory_format=torch.channels_last))
    torch.testing.assert_close(y, expected)


def test_maps_stay_channels_last_through_shortcuts_and_concatenations() -> None:
    for spec in (NetSpec(depth=8), NetSpec(family="densenet", depth=10)):
        net = build(spec).to(memory_format=torch.channels_last)
        x = torch.randn(2, 3, 32, 32).to(memory_format=torch.channels_last)
        signals = outputs(net, [layer.module for layer in net.layers[:-1]], x)
        assert all(signal.is_contiguous(memory_format=torch.channels_last) for signal in signals)


@pytest.mark.parametrize("depth", [8, 14, 20, 26, 32, 38, 44, 50, 56, 110, 164, 1202])
def test_layers_are_those_that_the_papers_count(depth: int) -> None:
    for skip in (True, False):
        net = build(NetSpec(depth=depth, skip=skip, shortcut="C"))
        assert len(net.layers) == depth
        assert len(net.blocks) == (depth - 2) // 2 * skip


@pytest.mark.parametrize(("depth", "bottleneck"), [(7, False), (10, True), (40, False), (40, True), (100, True)])
def test_layers_of_densenets_are_those_that_the_paper_counts(depth: int, bottleneck: bool) -> None:
    for skip in (True, False):
        net = build(NetSpec(family="densenet", depth=depth, bottleneck=bottleneck, skip=skip))
        assert len(net.layers) == depth
        assert net.blocks == []


@pytest.mark.parametrize("spec", [*KINDS, *FAMILIES], ids=lambda spec: spec.name)
def test_layers_are_listed_in_forward_order_with_their_own_relu(spec: NetSpec) -> None:
    net = build(spec)
    order: list[nn.Module] = []
    handles = [layer.module.register_forward_hook(lambda m, _x, _y: order.append(m)) for layer in net.layers]
    net(torch.randn(2, 3, 32, 32))
    for handle in handles:
        handle.remove()
    assert order == [layer.module for layer in net.layers]
    relus = [layer.relu for layer in net.layers if layer.relu is not None]
    assert len(set(relus)) == len(relus)
    assert set(relus) == {module for module in net.modules() if isinstance(module, nn.ReLU)}
    assert not any(relu.inplace for relu in relus)
    names = [layer.name for layer in net.layers]
    assert len(set(names)) == len(names)


def test_names() -> None:
    assert [layer.name for layer in build(NetSpec(depth=8)).layers] == [
        "stem",
        "stage1.block1.conv1",
        "stage1.block1.conv2",
        "stage2.block1.conv1",
        "stage2.block1.conv2",
        "stage3.block1.conv1",
        "stage3.block1.conv2",
        "fc",
    ]
    dense = build(NetSpec(family="densenet", depth=7))
    assert [layer.name for layer in dense.layers] == [
        "stem",
        "block1.layer1.conv",
        "transition1",
        "block2.layer1.conv",
        "transition2",
        "block3.layer1.conv",
        "fc",
    ]
    bottleneck = build(NetSpec(family="densenet", depth=10, bottleneck=True))
    assert [layer.name for layer in bottleneck.layers[1:3]] == ["block1.layer1.conv1", "block1.layer1.conv2"]


@pytest.mark.parametrize("spec", [spec for spec in KINDS if spec.kind == "resnet"], ids=lambda spec: spec.name)
def test_a_block_adds_its_branch_to_its_shortcut(spec: NetSpec) -> None:
    net = build(spec)
    by_name = {layer.name: layer for layer in net.layers}
    for block in net.blocks:
        last = by_name[f"{block.name}.conv2"]
        assert last.relu is not None
        branch, shortcut, y, signal = outputs(
            net, [block.branch, block.shortcut, last.relu, last.signal], torch.randn(2, 3, 32, 32)
        )
        assert torch.equal(y, F.relu(shortcut + branch))
        assert torch.equal(signal, branch)


def test_option_a_takes_every_second_pixel_and_appends_zero_channels() -> None:
    net = build(NetSpec(depth=8))
    x = torch.randn(2, 16, 32, 32)
    y = net.blocks[1].shortcut(x)
    assert y.shape == (2, 32, 16, 16)
    assert torch.equal(y[:, :16], x[:, :, ::2, ::2])
    assert not y[:, 16:].any()


def test_skip_off_is_the_same_block_without_the_shortcut() -> None:
    plain, residual = build(NetSpec(depth=14, skip=False)), build(NetSpec(depth=14))
    assert [name for name, _ in plain.named_parameters()] == [name for name, _ in residual.named_parameters()]
    x = torch.randn(2, 16, 32, 32)
    block = submodule(residual, "stage1.block2", ResidualBlock)
    assert torch.equal(block(x), F.relu(x + block.branch(x)))
    block = submodule(plain, "stage1.block2", ResidualBlock)
    assert torch.equal(block(x), F.relu(block.branch(x)))


@pytest.mark.parametrize("spec", [*KINDS, *FAMILIES], ids=lambda spec: spec.name)
def test_a_convolution_has_a_bias_exactly_where_no_norm_is_but_in_a_vgg(spec: NetSpec) -> None:
    for module in build(spec).modules():
        if isinstance(module, nn.Conv2d):
            bare = spec.norm == "none" and spec.init != "fixup"
            assert (module.bias is not None) == (bare or spec.family == "vgg")


def test_group_norm_takes_the_largest_divisor_up_to_eight() -> None:
    assert [groups(channels) for channels in (1, 11, 10, 12, 16, 28, 40, 64)] == [1, 1, 5, 6, 8, 7, 8, 8]
    net = build(NetSpec(depth=8, norm="group"))
    assert all(module.num_groups == 8 for module in net.modules() if isinstance(module, nn.GroupNorm))
    net = build(NetSpec(depth=8, norm="layer"))
    assert all(module.num_groups == 1 for module in net.modules() if isinstance(module, nn.GroupNorm))


def test_instance_norm_is_torchs_in_training_and_afterwards() -> None:
    spec = NetSpec(depth=8, norm="instance")
    assert spec.name == "ResNet-8 IN"
    ours, theirs = norm(spec, 12), nn.InstanceNorm2d(12, affine=True)
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.uniform_(0.5, 2)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    x = 3 + 2 * torch.randn(4, 12, 8, 8)
    for training in (True, False):
        torch.testing.assert_close(ours.train(training)(x), theirs.train(training)(x))
    y = build(spec)(images := torch.randn(3, 3, 32, 32))
    torch.testing.assert_close(build(spec)(images[:1]), y[:1])  # the other pictures have no part in it


@pytest.mark.parametrize("bottleneck", [False, True])
def test_the_ledger_names_every_channel_that_a_layer_reads(bottleneck: bool) -> None:
    net = build(NetSpec(family="densenet", depth=22, bottleneck=bottleneck, compression=0.5))
    layers = net.spec.stages[0]
    assert len(net.ledger) == 3 * layers + 3
    for row in net.ledger:
        assert sum(channels for _, channels in row.sources) == row.module.weight.shape[1]
    last = net.ledger[-1]
    assert last.name == "fc"
    assert [name for name, _ in last.sources] == ["transition2", *(f"layer{i}" for i in range(1, layers + 1))]
    first = net.ledger[0]
    assert first.sources == (("stem", net.layers[0].module.out_channels),)


def test_ledger_sources_are_in_input_channel_order() -> None:
    """A second computation: what the concatenation before the last transition holds, source by source."""
    net = build(NetSpec(family="densenet", depth=13)).eval()
    names = ["stem", *(f"block1.layer{i}.conv" for i in (1, 2, 3))]
    by_name = {layer.name: layer.module for layer in net.layers}
    modules = [*(by_name[name] for name in names), net.get_submodule("block1")]
    *signals, read = outputs(net, modules, torch.randn(2, 3, 32, 32))
    row = next(row for row in net.ledger if row.name == "transition1")
    pieces = read.split([channels for _, channels in row.sources], dim=1)
    assert [name for name, _ in row.sources] == ["stem", "layer1", "layer2", "layer3"]
    assert all(torch.equal(piece, signal) for piece, signal in zip(pieces, signals, strict=True))


def test_only_dense_nets_with_skips_have_a_ledger() -> None:
    assert build(NetSpec(family="densenet", depth=13, skip=False)).ledger == []
    assert build(preset("resnet20")).ledger == []


def test_a_dense_net_without_skips_reads_only_the_layer_before() -> None:
    net = build(NetSpec(family="densenet", depth=13, skip=False))
    inputs = [layer.module.weight.shape[1] for layer in net.layers]
    assert inputs == [3, 16, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12]


@pytest.mark.parametrize("channels", [1, 3, 4, 7, 8, 12, 16])
def test_narrow_projections_have_the_right_gradients(channels: int) -> None:
    """1x1 with stride 2 on channels_last maps, as a training step has them, against the sums written out in float64."""
    torch.manual_seed(0)
    module = conv(NetSpec(), channels, 2 * channels, 1, 2).to(memory_format=torch.channels_last)
    x = torch.randn(16, channels, 32, 32).contiguous(memory_format=torch.channels_last).requires_grad_()
    given = torch.randn(16, 2 * channels, 16, 16)
    y = module(x)
    y.backward(given)
    weight = module.weight.detach().double()[:, :, 0, 0]
    picked = x.detach().double()[:, :, ::2, ::2]
    torch.testing.assert_close(y.double(), torch.einsum("oi,bihw->bohw", weight, picked), rtol=0, atol=1e-5)
    weight_gradient = torch.einsum("bohw,bihw->oi", given.double(), picked)
    torch.testing.assert_close(gradient_of(module.weight).double()[:, :, 0, 0], weight_gradient, rtol=0, atol=1e-3)
    expected = torch.zeros(16, channels, 32, 32, dtype=torch.float64)
    expected[:, :, ::2, ::2] = torch.einsum("oi,bohw->bihw", weight, given.double())
    torch.testing.assert_close(gradient_of(x).double(), expected, rtol=0, atol=1e-5)
