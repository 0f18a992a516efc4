"""Every published count, by two independent ways: plain Python from the spec, and the module, built without memory."""

from __future__ import annotations

import pytest
import torch
import torchinfo
from torch import nn

from core.arith import describe
from core.nets import Net, skeleton
from core.nets.resnet import ResNet
from core.nets.vgg import VGG
from core.paper import COUNTS
from core.spec import PRESETS, NetSpec, preset
from core.vocabulary.families import remarks


def macs_by_hooks(net: Net) -> dict[str, int]:
    """Multiply-adds of each convolution and linear layer for one picture, from the shapes that pass through."""
    macs: dict[str, int] = {}

    def count(name: str, module: nn.Module, y: torch.Tensor) -> None:
        macs[name] = y[0].numel() * module.get_parameter("weight")[0].numel()

    handles = [
        module.register_forward_hook(lambda module, _x, y, name=name: count(name, module, y))
        for name, module in net.named_modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    size = net.spec.image_size
    net.eval()(torch.zeros(1, 3, size, size, device="meta"))
    for handle in handles:
        handle.remove()
    return macs


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_exactly_the_published_ones(name: str) -> None:
    params, norm_params, macs = COUNTS[name]
    found, net = describe(preset(name)), skeleton(preset(name))
    built_norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    built_norm_params = sum(parameter.numel() for norm in built_norms for parameter in norm.parameters())
    built_macs = sum(macs_by_hooks(net).values())
    assert found.params == torchinfo.summary(net, verbose=0).total_params == params
    assert found.norm_params == built_norm_params
    assert norm_params in (None, built_norm_params)
    assert found.macs == built_macs
    assert macs in (None, built_macs)


def test_gates_add_their_linear_layers_and_nothing_else() -> None:
    """SE-ResNet-20: the convolutions cost what those of ResNet-20 do."""
    for shortcut in ("A", "B"):
        plain = describe(NetSpec(shortcut=shortcut))
        gated = describe(NetSpec(shortcut=shortcut, se_reduction=16))
        gates = [row for row in gated.rows if row.kind == "gate"]
        assert gated.macs - sum(row.macs for row in gates) == plain.macs
        assert gated.params - sum(row.params for row in gates) == plain.params
        assert sum(row.params for row in gates) == 272_095 - 269_722
    by_name = {row.name: row.formula for row in gated.rows}
    assert by_name["stage3.block2.se.fc1"] == "64·4 + 4 = 260"
    assert by_name["stage3.block2.se.fc2"] == "4·64 + 64 = 320"


def test_v1_and_v15_differ_in_macs_and_receptive_field_and_never_in_parameters() -> None:
    for depth in (50, 101, 152):
        v1, v15 = describe(preset(f"resnet{depth}-v1")), describe(preset(f"resnet{depth}"))
        assert (v1.params, v1.norm_params, v1.channels) == (v15.params, v15.norm_params, v15.channels)
        assert v1.macs < v15.macs
        assert v1.receptive_field == v15.receptive_field + 56


def test_plain_nets_count_as_their_residual_twins_with_zero_padding() -> None:
    for depth in (20, 32, 44, 56, 110):
        plain, residual = describe(preset(f"plain{depth}")), describe(preset(f"resnet{depth}"))
        assert plain.rows == residual.rows


def test_projections_cost_what_option_b_says() -> None:
    """Two 1x1 convolutions, 16 to 32 and 32 to 64 channels, with BN: 192 of the norms' parameters."""
    for depth in (20, 32, 56, 110):
        a, b = describe(preset(f"resnet{depth}")), describe(preset(f"resnet{depth}-b"))
        assert b.norm_params == a.norm_params + 192
        assert b.params == a.params + 16 * 32 + 32 * 64 + 192


def test_grouped_convolutions_spell_out_the_channels_that_they_read() -> None:
    rows = {row.name: row.formula for row in describe(preset("resnext50_32x4d")).rows}
    assert rows["stage1.block1.conv2"] == "3·3·4·128 = 4,608"


@pytest.mark.parametrize(
    ("name", "channels"),
    [
        ("resnet20", (16, 16, 32, 64)),
        ("preact164", (16, 64, 128, 256)),
        ("wrn28-10", (16, 160, 320, 640)),
        ("resnext29-8x64d", (64, 256, 512, 1024)),
        ("resnet18", (64, 64, 128, 256, 512)),
        ("resnet50", (64, 256, 512, 1024, 2048)),
        ("densenet-40-12", (16, 160, 160, 304, 304, 448)),
        ("densenet-bc-100-12", (24, 216, 108, 300, 150, 342)),
        ("densenet-bc-190-40", (80, 1320, 660, 1900, 950, 2190)),
        ("densenet121", (64, 256, 128, 512, 256, 1024, 512, 1024)),
    ],
)
def test_channels_are_the_papers(name: str, channels: tuple[int, ...]) -> None:
    assert describe(preset(name)).channels == channels


def test_receptive_fields() -> None:
    """Closed forms: 28n - 3 for basic blocks in the CIFAR form, whatever their shortcut, order and width."""
    for depth in (20, 32, 56, 110):
        n = (depth - 2) // 6
        for fields in ({}, {"activation_order": "pre"}, {"shortcut": "C"}, {"se_reduction": 16}):
            assert describe(NetSpec(depth=depth, **fields)).receptive_field == 28 * n - 3
    assert [describe(preset(f"resnet{depth}")).receptive_field for depth in (20, 32, 56, 110)] == [81, 137, 249, 501]
    for layers in (1, 6, 16, 31):  # of 1x1 and 3x3 each, of which only the second enlarges it
        dense = NetSpec(family="densenet", depth=6 * layers + 4, bottleneck=True, compression=0.5)
        assert describe(dense).receptive_field == 14 * layers + 6
    fields = {
        "wrn28-10": 109,
        "resnext29-8x64d": 39,
        "densenet-40-12": 174,
        "densenet-bc-100-12": 230,
        "resnet18": 435,
        "resnet34": 899,
        "resnet50": 427,
        "resnet50-v1": 483,
        "resnet101": 971,
        "resnet101-v1": 1027,
        "densenet121": 2071,
        "densenet169": 3351,
        "densenet201": 3863,
        "vgg16": 212,
        "vgg16-cifar": 212,
    }
    assert {name: describe(preset(name)).receptive_field for name in fields} == fields


SUPPORT = [  # norms off, so that nothing but convolution and pooling joins pixels
    NetSpec(depth=8, width=4, activation_order="pre", norm="none", shortcut="B"),
    NetSpec(family="wide", depth=10, width=2, width_multiplier=2, norm="none"),
    NetSpec(depth=20, width=4, bottleneck=True, groups=2, norm="none", shortcut="B"),
    NetSpec(depth=20, width=4, bottleneck=True, stride_on="1x1", norm="none"),
    NetSpec(form="imagenet", depth=18, width=2, norm="none"),
    NetSpec(form="imagenet", depth=50, width=1, norm="none"),
    NetSpec(form="imagenet", depth=50, width=1, norm="none", stride_on="1x1"),
    NetSpec(family="vgg", depth=11, width=2, norm="none"),
    NetSpec(family="vgg", depth=16, width=1, norm="none"),
]


@pytest.mark.parametrize("spec", SUPPORT, ids=lambda spec: spec.name)
def test_receptive_field_is_the_gradient_support_of_a_centre_unit(spec: NetSpec) -> None:
    """All weights one, so that nothing cancels; averages in place of maxima, which look at the same pixels."""
    net = skeleton(spec).to_empty(device="cpu").double().eval()
    assert isinstance(net, ResNet | VGG)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.fill_(1 / parameter[0].numel())
    if spec.form == "imagenet":
        net.pool = nn.AvgPool2d(3, stride=2, padding=1)
    for module in list(net.modules()):
        if isinstance(module, nn.Sequential) and "pool" in dict(module.named_children()):
            module.add_module("pool", nn.AvgPool2d(2))
    field = describe(spec).receptive_field
    size = 32 * (field // 32 + 3)
    maps: list[torch.Tensor] = []
    handle = net.stages[-1].register_forward_hook(lambda _m, _x, y: maps.append(y))
    x = torch.ones(1, 3, size, size, dtype=torch.float64, requires_grad=True)
    net(x)
    handle.remove()
    centre = maps[0].shape[-1] // 2
    (gradient,) = torch.autograd.grad(maps[0][0, :, centre, centre].sum(), x)
    reached = gradient.abs().sum((0, 1)) > 0
    assert int(reached.any(0).sum()) == int(reached.any(1).sum()) == field


@pytest.mark.parametrize("name", PRESETS)
def test_layers_are_those_that_the_papers_count(name: str) -> None:
    spec = preset(name)
    found, net = describe(spec), skeleton(spec)
    assert [row.name for row in found.layers] == [layer.name for layer in net.layers]
    # a Wide ResNet counts three projections and no classifier; the paper's blocks of DenseNet-264 make 265 layers; a
    # VGG of the CIFAR form has one linear layer instead of three
    fewer = spec.family == "wide" or (spec.family == "vgg" and spec.form == "cifar")
    surplus = -2 if fewer else 1 if name == "densenet264" else 0
    assert bool(remarks(spec.model_dump(), "depth")) == (surplus != 0)
    assert len(net.layers) == spec.depth + surplus
    if spec.family == "wide":
        projections = [row for row in found.rows if row.kind == "projection"]
        assert len(projections) + len(found.layers) - 1 == spec.depth
