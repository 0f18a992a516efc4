"""Every published count, by two independent ways: plain Python from the spec, and the module, built without memory."""

from __future__ import annotations

import time

import pytest
import torch
from torch import nn

from core.arith import describe
from core.nets import Net, skeleton
from core.spec import PRESETS, NetSpec, preset

# params, BN params, MACs. ImageNet: 224x224 pictures, 1000 classes, equal to torchvision's; v1 from He 2015's strides.
IMAGENET = {
    "resnet18": (11_689_512, 9_600, 1_814_073_344),
    "resnet34": (21_797_672, 17_024, 3_663_761_408),
    "resnet50": (25_557_032, 53_120, 4_089_184_256),
    "resnet50-v1": (25_557_032, 53_120, 3_857_973_248),
    "resnet101": (44_549_160, 105_344, 7_801_405_440),
    "resnet152": (60_192_808, 151_424, 11_513_626_624),
    "resnext50_32x4d": (25_028_904, 68_224, 4_230_479_872),
    "densenet121": (7_978_856, 83_648, 2_834_161_664),
    "densenet169": (14_149_480, 158_400, 3_359_843_328),
    "densenet201": (20_013_928, 229_056, 4_291_365_888),
}
# CIFAR: 32x32 pictures, 10 classes; None where no source states it
CIFAR = {
    "smallresnet": (175_258, None, None),
    "plain20": (269_722, 1_376, 40_551_040),
    "plain56": (853_018, 4_064, 125_485_696),
    "resnet20": (269_722, 1_376, 40_551_040),
    "resnet32": (464_154, 2_272, 68_862_592),
    "resnet56": (853_018, 4_064, 125_485_696),
    "resnet110": (1_727_962, 8_096, 252_887_680),
    "resnet1202": (19_421_274, 89_632, 2_829_238_912),
    "resnet20-b": (272_474, 1_376 + 192, 40_813_184),
    "resnet32-b": (466_906, 2_272 + 192, None),
    "resnet56-b": (855_770, 4_064 + 192, None),
    "resnet110-b": (1_730_714, 8_096 + 192, None),
    "resnet20-c": (283_962, 2_048, 42_648_192),
    "resnet110-c": (1_826_202, 12_128, None),
    "preact110": (1_727_962, 8_096, 252_887_680),
    "preact164": (1_703_258, 24_224, 244_500_992),
    "resnet164": (1_704_154, 25_120, 247_646_720),
    "preact1001": (10_327_706, 149_216, 1_487_849_984),
    "wrn16-4": (2_748_890, 3_616, 392_612_352),
    "wrn16-8": (10_961_370, 7_200, 1_548_145_664),
    "wrn28-10": (36_479_194, 17_952, 5_243_328_768),
    "resnext29-8x64d": (34_426_698, 57_472, 5_387_266_048),
    "se-resnet20": (272_095, 1_376, None),
    "se-resnet20-b": (274_847, 1_568, None),
    "densenet-40-12": (1_019_722, 18_096, 264_812_928),
    "densenet-100-12": (6_979_642, 117_216, 1_769_516_448),
    "densenet-bc-40-12": (176_122, 5_088, 72_365_352),
    "densenet-bc-100-12": (769_162, 23_988, 287_929_692),
    "densenet-bc-190-40": (25_624_430, 256_960, 9_301_945_740),
}


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


@pytest.mark.parametrize("name", IMAGENET | CIFAR)
def test_counts_are_exactly_the_published_ones(name: str) -> None:
    params, norm_params, macs = (IMAGENET | CIFAR)[name]
    found, net = describe(preset(name)), skeleton(preset(name))
    built_norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    built_norm_params = sum(parameter.numel() for norm in built_norms for parameter in norm.parameters())
    built_macs = sum(macs_by_hooks(net).values())
    assert found.params == sum(parameter.numel() for parameter in net.parameters()) == params
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
]


@pytest.mark.parametrize("spec", SUPPORT, ids=lambda spec: spec.name)
def test_receptive_field_is_the_gradient_support_of_a_centre_unit(spec: NetSpec) -> None:
    """All weights one, so that nothing cancels; averages in place of maxima, which look at the same pixels."""
    net = skeleton(spec).to_empty(device="cpu").double().eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.fill_(1 / parameter[0].numel())
    if spec.form == "imagenet":
        net.pool = nn.AvgPool2d(3, stride=2, padding=1)
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
    # a Wide ResNet counts three projections and no classifier; the paper's blocks of DenseNet-264 make 265 layers
    surplus = -2 if spec.family == "wide" else 1 if name == "densenet264" else 0
    assert len(net.layers) == spec.depth + surplus
    if spec.family == "wide":
        projections = [row for row in found.rows if row.kind == "projection"]
        assert len(projections) + len(found.layers) - 1 == spec.depth


def test_describing_the_deepest_nets_is_fast_enough_for_a_slider() -> None:
    """Processor time, best of five, uncached."""
    for name in ("preact1001", "densenet201", "resnet1202"):
        spent = []
        for _ in range(5):
            start = time.process_time()
            describe.__wrapped__(preset(name))
            spent.append(time.process_time() - start)
        assert min(spent) < 0.05
