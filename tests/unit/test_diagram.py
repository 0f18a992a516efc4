"""The drawing's data against the counts (arith) and against the built module, which knows nothing of it."""

from __future__ import annotations

import json
import re

import pytest
import torch
from torch import nn

from core import arith
from core.figures import source
from core.figures.channels import channel_growth
from core.figures.comparison import comparison
from core.figures.diagram import SHORTCUTS, diagram, for_browser
from core.figures.memory import BATCH, MEASURED, memory
from core.nets import Net, build, skeleton
from core.nets.parts import PadShortcut
from core.spec import PRESETS, NetSpec, preset
from tests.unit.test_arith import VARIANTS, kept_bytes

SMALL = [*VARIANTS, preset("vgg19-cifar"), preset("resnet20"), preset("densenet-bc-40-12"), preset("resnet18")]


@pytest.mark.parametrize("name", PRESETS)
def test_every_row_of_a_preset_is_drawn_once_with_its_name_and_width(name: str) -> None:
    drawn = diagram(PRESETS[name])
    rows = arith.describe(PRESETS[name]).rows
    seen = []
    for unit in drawn.units:
        for op in unit.form.operations:
            if op.row is None:
                continue
            row = rows[unit.first_row + op.row]
            seen.append(row.name)
            assert row.name in (op.name, f"{unit.name}.{op.name}")
            assert op.channels == row.shape[0]
            assert op.kind == row.kind
    assert sorted(seen) == sorted(row.name for row in rows)
    assert [unit.form.inputs for unit in drawn.units[1:]] == [unit.form.outputs for unit in drawn.units[:-1]]
    assert drawn.widest == max(unit.form.inputs for unit in drawn.units)
    schedule = [PRESETS[name].num_classes, *arith.describe(PRESETS[name]).channels]
    assert {unit.form.outputs for unit in drawn.units if unit.form.kind != "layer"} <= set(schedule)


def computed_in_order(net: Net, unit: str) -> list[tuple[str, tuple[int, ...]]]:
    """Names (within the unit) and output shapes of the modules that compute, in the order in which they run."""
    ran: list[tuple[str, tuple[int, ...]]] = []
    handles = [
        module.register_forward_hook(lambda _m, _x, y, name=name: ran.append((name, tuple(y.shape[1:]))))
        for name, module in net.named_modules()
        if name.startswith(f"{unit}.")
        and not list(module.children())
        and not isinstance(module, nn.Identity | nn.AvgPool2d | nn.Sequential)
    ]
    net.eval()(torch.zeros(1, 3, net.spec.image_size, net.spec.image_size))
    for handle in handles:
        handle.remove()
    inside = re.compile(rf"^{re.escape(unit)}\.((before|branch|after)\.)?")
    return [(inside.sub("", name), shape) for name, shape in ran]


@pytest.mark.parametrize("spec", SMALL, ids=lambda spec: spec.name)
def test_the_drawing_has_the_operations_that_the_net_runs(spec: NetSpec) -> None:
    net = build(spec)
    units = {unit.form: unit for unit in diagram(spec).units if unit.form.kind in ("block", "layer")}
    for unit in units.values():
        ran = computed_in_order(net, unit.name)
        on_the_way = [(name, shape) for name, shape in ran if not name.startswith("shortcut")]
        drawn = unit.form.branch + unit.form.after
        assert [op.name for op in drawn] == [name for name, _ in on_the_way]
        for op, (_, shape) in zip(drawn, on_the_way, strict=True):
            assert op.channels in (None, shape[0])
        maps = [shape for _, shape in ran if len(shape) == 3]
        assert (unit.form.size, unit.form.size) == maps[-1][1:]


@pytest.mark.parametrize("spec", SMALL, ids=lambda spec: spec.name)
def test_shortcuts_are_those_of_the_net(spec: NetSpec) -> None:
    net = build(spec)
    drawn = {unit.name: unit.form.shortcut for unit in diagram(spec).units if unit.form.kind == "block"}
    built = {}
    for block in net.blocks:
        parts = list(block.shortcut.modules())
        projects, pads = (any(isinstance(part, kind) for part in parts) for kind in (nn.Conv2d, PadShortcut))
        built[block.name] = "projection" if projects else "padding" if pads else "identity"
    assert drawn == dict.fromkeys(drawn, "none") | built


@pytest.mark.parametrize("name", PRESETS)
def test_code_of_each_unit_names_its_operations(name: str) -> None:
    drawn = diagram(PRESETS[name])
    for form in {unit.form for unit in drawn.units}:
        text = "\n".join(part.text for part in source.code(PRESETS[name].family, form.kind))
        for op in form.operations:
            word = re.sub(r"\d+$", "", op.name.split(".")[0])
            assert re.search(word, text), f"{op.name} of {form.kind}"


def test_formulas() -> None:
    def lines(spec: NetSpec, name: str) -> list[str]:
        drawn = for_browser(diagram(spec))
        unit = next(unit for stage in drawn["stages"] for unit in stage["units"] if unit[0] == name)
        return ["".join(text for text, _ in line) for line in drawn["forms"][unit[1]]["formula"]]

    assert lines(preset("resnet20"), "stage1.block1") == [
        "y = relu(shortcut(x) + branch(x))",
        "branch(x) = norm2(conv2(relu(norm1(conv1(x)))))",
        "shortcut(x) = x",
    ]
    assert lines(preset("plain20"), "stage1.block1")[0] == "y = relu(branch(x))"
    assert lines(preset("smallresnet"), "stage2.block1")[2] == "shortcut(x) = norm(conv(x))"
    assert lines(preset("densenet-40-12"), "block1.layer2") == [
        "y = concat[x, layer(x)]",
        "layer(x) = conv(relu(norm(x)))",
    ]


@pytest.mark.parametrize(("name", "layers"), [("densenet-40-12", 12), ("densenet-bc-100-12", 16)])
def test_a_dense_block_of_n_layers_has_n_n_plus_1_halves_connections(name: str, layers: int) -> None:
    """As many as its layers have sources in the built net; the drawing's title gives all three blocks'."""
    ledger = skeleton(preset(name)).ledger
    connections = sum(len(row.sources) for row in ledger if row.name.startswith("block1."))
    assert connections == layers * (layers + 1) // 2
    assert f"joined by {3 * connections} dense connections" in diagram(preset(name)).title


def test_growth_is_the_papers_channel_schedule() -> None:
    figure = channel_growth(diagram(preset("densenet-bc-100-12")))
    ends = [(group["entering"], group["leaving"]) for group in figure["groups"]]
    assert ends == [(24, 216), (108, 300), (150, 342)]
    assert [group["links"] for group in figure["groups"]] == [136, 136, 136]
    assert figure["groups"][0]["bars"][2] == ("layer3", [24, 12, 12])
    flat = channel_growth(diagram(preset("resnet20")))["groups"][1]["bars"]
    assert [bar[1] for bar in flat] == [[16], [32], [32], [32]]


def test_comparison_marks_what_differs_and_nothing_else() -> None:
    twins = comparison(diagram(preset("plain20")), diagram(preset("resnet20")))
    assert twins["differing"] == 0
    assert [choice["label"] for choice in twins["choices"]] == ["skip"]
    deeper = comparison(diagram(preset("resnet20")), diagram(preset("resnet32")))
    same = {layer["name"] for layer in deeper["layers"] if not layer["differs"]}
    assert "stage1.block3.conv2" in same
    alone = [layer["name"] for layer in deeper["layers"] if layer["sides"][0] is None]
    assert len(alone) == 6 * 4
    assert all("block4" in name or "block5" in name for name in alone)
    names = [layer["name"] for layer in deeper["layers"]]
    assert names.index("stage1.block4.conv1") < names.index("stage2.block1.conv1")


def test_memory_is_what_a_step_needs_and_was_measured() -> None:
    figure = memory(diagram(preset("densenet-bc-100-12")))
    first, second = figure["nets"]
    assert second["name"] == "ResNet-56"
    for net, name in ((first, "densenet-bc-100-12"), (second, "resnet56")):
        assert sum(size for _, size in net["bars"]) == net["activations"]
        assert net["activations"] + net["weights"] == net["total"] == arith.training_bytes(preset(name), BATCH)
        assert net["measured"] == pytest.approx(net["activations"], rel=0.01)
    assert first["activations"] > 8 * second["activations"]
    assert "8.2×" in figure["title"]


@pytest.mark.parametrize("name", ["smallresnet", "densenet-bc-40-12"])
def test_measured_memory_is_measured_again(name: str) -> None:
    assert kept_bytes(preset(name), 32, 8, bf16=False) / 8 == pytest.approx(MEASURED[name], rel=0.001)


def test_everything_is_json_and_small() -> None:
    """ResNet-1202 has 2,403 rows; what travels to the browser stays below 300 KB."""
    assert len(json.dumps(for_browser(diagram(preset("resnet1202"))), separators=(",", ":"))) < 300_000


def test_zero_padding_is_said_to_take_every_second_pixel_only_where_it_does() -> None:
    """A bottleneck of stage 1 has more channels than it reads, on maps of the same size."""
    drawn = diagram(NetSpec(depth=29, bottleneck=True))
    explained = {
        (unit.name, form["explained"])
        for unit in drawn.units
        for form in [for_browser(drawn)["forms"][list(dict.fromkeys(u.form for u in drawn.units)).index(unit.form)]]
        if unit.form.shortcut == "padding"
    }
    assert explained == {
        ("stage1.block1", "A: the input as it is, new channels are zero; no parameters"),
        ("stage2.block1", "A: every second pixel, new channels are zero; no parameters"),
        ("stage3.block1", "A: every second pixel, new channels are zero; no parameters"),
    }
    for block in build(drawn.spec).blocks:
        for module in block.shortcut.modules():
            if isinstance(module, PadShortcut):
                assert (block.name, SHORTCUTS["padding" if module.stride == 2 else "widening"]) in explained
