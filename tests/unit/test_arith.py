"""The pure-Python counts, row by row, against the built module and what torch counts and keeps."""

from __future__ import annotations

import re
from typing import get_args

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from core.arith import describe, training_bytes
from core.nets import Net, build
from core.spec import PRESETS, NetSpec, preset
from core.vocabulary.choices import Shortcut

VARIANTS = [
    NetSpec(depth=14, shortcut="C"),
    NetSpec(depth=8, skip=False, norm="none"),
    NetSpec(depth=8, norm="none", shortcut="B"),
    NetSpec(depth=14, norm="group", width=12),
    NetSpec(depth=8, norm="layer"),
    NetSpec(depth=8, norm="instance", shortcut="B"),
    NetSpec(depth=14, norm="none", init="fixup", shortcut="B"),
    NetSpec(family="densenet", depth=16),
    NetSpec(family="densenet", depth=16, norm="none", compression=0.3),
    NetSpec(family="densenet", depth=22, bottleneck=True, compression=0.5),
    NetSpec(family="densenet", depth=22, bottleneck=True, norm="group", skip=False),
    NetSpec(family="densenet", depth=16, norm="none", skip=False),
    NetSpec(depth=14, width=8, activation_order="pre", shortcut="B"),
    NetSpec(depth=8, width=8, activation_order="pre", norm="none", se_reduction=4),
    NetSpec(depth=14, width=8, activation_order="bn-after-add", shortcut="B", se_reduction=16),
    NetSpec(depth=8, width=8, activation_order="relu-before-add", shortcut="C", se_reduction=2),
    NetSpec(depth=8, width=8, activation_order="relu-before-add", norm="none", dropout=0.5),
    NetSpec(depth=14, width=8, activation_order="relu-only-pre", shortcut="B", shortcut_scale=0.5, branch_scale="1/L"),
    NetSpec(depth=20, width=8, bottleneck=True, survival_probability=0.5, stride_on="1x1"),
    NetSpec(depth=20, width=8, bottleneck=True, groups=4, base_width=3, shortcut="B", dropout=0.1),
    NetSpec(depth=11, width=8, bottleneck=True, norm="none", init="fixup", dropout=0.3, se_reduction=8, shortcut="B"),
    NetSpec(family="wide", depth=10, width=4, width_multiplier=3, dropout=0.3),
    NetSpec(family="wide", depth=16, width=4, width_multiplier=2, norm="group", skip=False),
    NetSpec(form="imagenet", depth=18, width=4, num_classes=7),
    NetSpec(form="imagenet", depth=18, width=4, stem="3x3"),
    NetSpec(form="imagenet", depth=50, width=4, stem="3x3", norm="none", activation_order="pre"),
    NetSpec(form="imagenet", depth=18, width=4, num_classes=7, activation_order="pre", shortcut="A"),
    NetSpec(form="imagenet", depth=50, width=4, num_classes=7, groups=2, stride_on="1x1"),
    NetSpec(family="vgg", depth=11, width=8),
    NetSpec(family="vgg", depth=16, width=8, norm="none"),
    NetSpec(family="vgg", depth=13, width=8, norm="layer"),
    NetSpec(form="imagenet", family="vgg", depth=11, width=8, num_classes=7),
    NetSpec(form="imagenet", family="vgg", depth=11, width=8, num_classes=7, norm="none"),
]
DENSE_IMAGENET = NetSpec(form="imagenet", family="densenet", depth=121, growth_rate=2, num_classes=7)


def shapes_of_a_forward(net: Net) -> dict[str, tuple[int, ...]]:
    """Output shape for one picture of each module that computes, by name."""
    shapes: dict[str, tuple[int, ...]] = {}
    handles = [
        module.register_forward_hook(lambda _m, _x, y, name=name: shapes.__setitem__(name, tuple(y.shape[1:])))
        for name, module in net.named_modules()
    ]
    size = net.spec.image_size
    net.eval()(torch.zeros(1, 3, size, size))
    for handle in handles:
        handle.remove()
    return shapes


@pytest.mark.parametrize("spec", [*VARIANTS, DENSE_IMAGENET], ids=lambda spec: spec.name)
def test_each_row_is_a_module_with_its_shape_parameters_and_macs(spec: NetSpec) -> None:
    net = build(spec)
    shapes = shapes_of_a_forward(net)
    owners = {name: module for name, module in net.named_modules() if list(module.parameters(recurse=False))}
    rows = {row.name: row for row in describe(spec).rows}
    assert len(rows) == len(owners) == len(describe(spec).rows)
    for name, module in owners.items():
        name_of_row = re.sub(r"\.(branch|before|after)\.", ".", name)
        name_of_row = name_of_row.removeprefix("head.")
        row = rows[name_of_row if "transition" not in name else name.removesuffix(".conv")]
        params = sum(parameter.numel() for parameter in module.parameters(recurse=False))
        assert row.params == params == int(row.formula.split("= ")[-1].replace(",", ""))
        assert row.shape == shapes[name]
        if isinstance(module, nn.Conv2d | nn.Linear):
            positions = shapes[name][1] * shapes[name][2] if isinstance(module, nn.Conv2d) else 1
            assert row.macs == module.weight.numel() * positions
        else:
            assert row.macs == 0
    assert [row.name for row in describe(spec).layers] == [layer.name for layer in net.layers]


@pytest.mark.parametrize("spec", [*VARIANTS, preset("smallresnet"), preset("resnet56")], ids=lambda spec: spec.name)
def test_macs_are_half_of_torchs_flops(spec: NetSpec) -> None:
    net = build(spec).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.zeros(1, 3, spec.image_size, spec.image_size))
    assert describe(spec).macs == counter.get_total_flops() / 2


def test_a_formula_spells_the_parameters_out() -> None:
    rows = {row.name: row.formula for row in describe(preset("resnet20")).rows}
    assert rows["stage2.block1.conv1"] == "3·3·16·32 = 4,608"
    assert rows["stage2.block1.norm1"] == "2·32 = 64"
    assert rows["fc"] == "64·10 + 10 = 650"
    bare = {row.name: row.formula for row in describe(NetSpec(norm="none")).rows}
    assert bare["stage2.block1.conv1"] == "3·3·16·32 + 32 = 4,640"
    assert "stage2.block1.norm1" not in bare


def test_receptive_field_is_the_closed_form() -> None:
    for n in (1, 3, 9, 18, 200):
        for shortcut in get_args(Shortcut):
            assert describe(NetSpec(depth=6 * n + 2, shortcut=shortcut)).receptive_field == 28 * n - 3
    for n in (2, 12, 32):
        assert describe(NetSpec(family="densenet", depth=3 * n + 4)).receptive_field == 14 * n + 6
    for name, field in {"resnet20": 81, "resnet110": 501, "densenet-40-12": 174, "densenet-bc-100-12": 230}.items():
        assert describe(preset(name)).receptive_field == field


@pytest.mark.parametrize(
    "spec",
    [NetSpec(depth=8, norm="none", shortcut="B"), NetSpec(family="densenet", depth=10, norm="none", bottleneck=True)],
    ids=lambda spec: spec.name,
)
def test_receptive_field_is_what_the_gradient_reaches(spec: NetSpec) -> None:
    """All weights positive, so that nothing cancels; a picture large enough for the border not to matter."""
    net = build(spec).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.abs_()
    maps: list[torch.Tensor] = []
    last = net.layers[-2].module
    handle = last.register_forward_hook(lambda _m, _x, y: maps.append(y))
    x = torch.ones(1, 3, 128, 128, requires_grad=True)
    net(x)
    handle.remove()
    (gradient,) = torch.autograd.grad(maps[0][0, :, 15, 15].sum(), x)
    reached = gradient.abs().sum((0, 1)) > 0
    assert int(reached.any(0).sum()) == int(reached.any(1).sum()) == describe(spec).receptive_field


def kept_bytes(spec: NetSpec, image_size: int, batch_size: int, bf16: bool) -> int:
    """Bytes that autograd keeps beside the float32 weights, each storage once."""
    net = build(spec)
    own = {tensor.untyped_storage().data_ptr() for tensor in [*net.parameters(), *net.buffers()]}
    kept: dict[int, torch.Tensor] = {}  # holds the tensors, so that no address is used twice

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    hooks = torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor)
    with hooks, torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        logits = net(torch.randn(batch_size, 3, image_size, image_size))
        loss = nn.functional.cross_entropy(logits.float(), torch.zeros(batch_size, dtype=torch.int64))
    total = sum(tensor.untyped_storage().nbytes() for pointer, tensor in kept.items() if pointer not in own)
    loss.backward()
    return total


@pytest.mark.parametrize("bf16", [False, True])
@pytest.mark.parametrize("spec", VARIANTS, ids=lambda spec: spec.name)
def test_training_memory_is_what_autograd_keeps(spec: NetSpec, bf16: bool) -> None:
    """To 1 %: norms also keep two numbers a channel, the loss keeps the logits, and bf16 keeps no copy of biases."""
    batch_size, image_size = 8, 32 if spec.image_size == 32 else 64
    weights = 3 * 4 * describe(spec).params
    estimate = training_bytes(spec, batch_size, 2 if bf16 else 4, image_size) - weights
    assert kept_bytes(spec, image_size, batch_size, bf16) == pytest.approx(estimate, rel=0.01)


@pytest.mark.parametrize("name", PRESETS)
def test_totals_are_the_sums_of_the_rows(name: str) -> None:
    found = describe(preset(name))
    assert found.params == sum(row.params for row in found.rows)
    assert found.norm_params == sum(row.params for row in found.rows if row.kind == "norm")
    assert found.macs == sum(row.macs for row in found.rows)
    assert found.depth == preset(name).depth
