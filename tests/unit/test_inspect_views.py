"""Feature maps, receptive fields, products and modes of trained nets, against second computations."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.check import never
from core.data.files import load
from core.inspect.field import field, holding
from core.inspect.maps import maps, places_of
from core.inspect.modes import modes
from core.inspect.outcome import outcome, wilson
from core.inspect.products import products
from core.inspect.trained import Trained
from core.nets import Net, build
from core.nets.net import Layer
from core.nets.residual import ResidualBlock
from core.probes.taps import tap, tap_inputs
from core.record.answers import Operation
from core.spec import NetSpec
from core.vocabulary.datasets import DATASETS
from tests.unit.torch_types import submodule

KIND = DATASETS["cifar10"]
CLASSES = KIND.classes
Tensors = dict[nn.Module, Tensor]
SPECS = {
    "resnet": NetSpec(depth=14),
    "projections": NetSpec(depth=14, shortcut="B"),
    "plain without norm": NetSpec(depth=14, skip=False, norm="none"),
    "fixup": NetSpec(depth=14, norm="none", init="fixup"),
    "group norm": NetSpec(depth=14, norm="group"),
    "instance norm": NetSpec(depth=8, norm="instance"),
    "pre-activation": NetSpec(depth=14, activation_order="pre"),
    "norm after addition": NetSpec(depth=14, activation_order="bn-after-add"),
    "relu first": NetSpec(depth=14, activation_order="relu-only-pre"),
    "gated, scaled, sometimes dropped": NetSpec(depth=14, se_reduction=4, branch_scale=0.5, survival_probability=0.8),
    "groups": NetSpec(depth=11, bottleneck=True, shortcut="B", groups=4, base_width=4),
    "dense": NetSpec(family="densenet", depth=13, growth_rate=4),
    "vgg": NetSpec(family="vgg", depth=13, width=4),
    "vgg without norm": NetSpec(family="vgg", depth=11, width=4, norm="none"),
    "dense-bc": NetSpec(family="densenet", depth=16, growth_rate=4, bottleneck=True, compression=0.5),
}


def lived_in(spec: NetSpec) -> Trained:
    """A net whose norms and biases are not those of a fresh one."""
    net = build(spec)
    source = torch.Generator().manual_seed(1)
    for tensor in net.state_dict().values():
        if tensor.is_floating_point() and tensor.dim() <= 1:
            tensor.copy_(0.5 + torch.rand(tensor.shape, generator=source))
    return Trained(net.eval().requires_grad_(False), CLASSES, KIND.mean, KIND.std)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return load("sample").test_images[3].transpose(1, 2, 0)


@pytest.fixture(scope="module", params=SPECS.values(), ids=[*SPECS])
def trained(request: pytest.FixtureRequest) -> Trained:
    return lived_in(request.param)


def test_every_part_of_every_layer_is_what_the_modules_say(trained: Trained, picture: np.ndarray) -> None:
    net = trained.net
    places = places_of(net)
    assert [place.layer for place in places] == [layer for layer in net.layers if isinstance(layer.module, nn.Conv2d)]
    readers = {row.name: net.get_submodule(_norm_before(row.name)) for row in net.ledger}
    with torch.no_grad(), tap(net.modules()) as outputs, tap_inputs(net.modules()) as inputs:
        net(trained.normalise(picture[None]))
    blocks = {block.name: submodule(net, block.name, ResidualBlock) for block in net.blocks}
    for at, place in enumerate(places):
        for part in place.parts:
            found = maps(trained, picture, at, part, never)
            assert found["layer"] == at
            assert found["part"] == part
            seen = torch.from_numpy(found["maps"])[None]
            if part == "response":
                assert torch.equal(seen, outputs[place.layer.signal])
            elif part == "activation":
                assert place.layer.relu is not None
                assert torch.equal(seen, outputs[place.layer.relu])
                assert seen.min() >= 0
            elif part == "reads":
                assert torch.equal(seen, inputs[readers[place.layer.name]])
                assert len(found["sources"]) == seen.shape[1]
            elif part == "adds":
                assert torch.equal(seen, outputs[place.layer.module])
            elif part == "sum":  # and what stands behind the addition makes the block's output of it
                block = blocks[place.layer.name.rpartition(".")[0]]
                assert torch.equal(block.after(seen), outputs[block])
    assert "sum" in places[-1].parts or not net.blocks


def _norm_before(row: str) -> str:
    return row + ".norm" if row.startswith("transition") else row.replace("conv", "norm")


def test_an_unknown_part_is_the_first_and_scales_hold_for_the_net(picture: np.ndarray) -> None:
    trained = lived_in(SPECS["resnet"])
    found = maps(trained, picture, -1, "", never)
    assert found["part"] == "activation"
    assert found["layers"][found["layer"]] == "stage3.block2.conv2"
    for at in (0, 5, 12):
        shown = maps(trained, picture, at, "", never)["maps"]
        assert shown.min() == found["low"][at]
        assert shown.max() == found["high"][at]


def test_products_add_up_and_every_step_is_its_formula(trained: Trained, picture: np.ndarray) -> None:
    net = trained.net
    convolutions = [layer for layer in net.layers if isinstance(layer.module, nn.Conv2d)]
    with torch.no_grad(), tap(net.modules()) as outputs, tap_inputs(net.modules()) as inputs:
        net(trained.normalise(picture[None]))
    for at, layer in enumerate(convolutions):
        channels, height, width = outputs[layer.module].shape[1:]
        for channel, y, x in ((0, 0, 0), (channels - 1, height - 1, width - 1), (channels // 2, height // 2, 1)):
            found = products(trained, picture, at, channel, y, x)
            np.testing.assert_allclose(found["inputs"] * found["weights"], found["products"])
            total = found["products"].sum(dtype=np.float64) + found["bias"]
            assert total == pytest.approx(found["conv"], rel=1e-4, abs=1e-4)
            assert found["conv"] == outputs[layer.module][0, channel, y, x].item()
            assert len(found["input_names"]) == len(found["from_channels"])
            value = found["conv"]
            for step in found["steps"]:
                value = _replayed(step, value)
                assert value == pytest.approx(step["value"], rel=1e-4, abs=1e-4)
            end = _read_next(net, layer, inputs, outputs)
            if end is not None:
                assert value == pytest.approx(end[0, channel, y, x].item(), rel=1e-4, abs=1e-4)


def _replayed(step: Operation, value: float) -> float:
    if step["kind"] == "norm":
        normal = (value - step["mean"]) / (step["variance"] + step["eps"]) ** 0.5
        return normal * step["weight"] + step["shift"]
    if step["kind"] == "scale":
        return value * step["weight"] + step["shift"]
    if step["kind"] in ("gate", "factor"):
        return value * step["factor"]
    if step["kind"] == "bias":
        return value + step["shift"]
    if step["kind"] == "add":
        return value + step["shortcut"]
    assert step["kind"] == "relu"
    return max(value, 0.0)


def _read_next(net: Net, layer: Layer, inputs: Tensors, outputs: Tensors) -> Tensor | None:
    """What the number has become when the block, or the next convolution of the branch, has it; None for a stem."""
    name = next(name for name, module in net.named_modules() if module is layer.module)
    inside, _, own = name.rpartition(".")
    if own == "stem":
        return None
    parent = net.get_submodule(inside)
    children = list(parent.children())
    for child in children[children.index(layer.module) + 1 :]:
        if isinstance(child, nn.Conv2d | nn.AvgPool2d | nn.MaxPool2d):
            return inputs[child]
    return outputs[net.get_submodule(inside.removesuffix(".branch"))]


def test_stem_multiplies_colours(picture: np.ndarray) -> None:
    found = products(lived_in(SPECS["resnet"]), picture, 0, 3, 7, 9)
    assert found["products"].shape == (3, 3, 3)
    assert found["input_names"] == ["red", "green", "blue"]
    seen = picture[6:9, 8:11].transpose(2, 0, 1) / 255
    mean, std = np.array([[0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]])
    np.testing.assert_allclose(found["inputs"], (seen - mean[:, None, None]) / std[:, None, None], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("family", "form", "stem"),
    [
        ("resnet", "cifar", "3x3"),
        ("resnet", "imagenet", "7x7"),
        ("resnet", "imagenet", "3x3"),
        ("densenet", "cifar", "3x3"),
        ("densenet", "imagenet", "7x7"),
        ("vgg", "cifar", "3x3"),
        ("vgg", "imagenet", "3x3"),
    ],
)
def test_theoretical_field_is_the_support_where_nothing_cancels(family: str, form: str, stem: str) -> None:
    """Weights above 0, no norms, no dead ReLU: every pixel of the field counts, and no other."""
    fields: dict[str, Any] = {"depth": 14 if form == "cifar" else 18, "shortcut": "B"}
    if family == "densenet":
        fields = {"depth": 13} if form == "cifar" else {"depth": 121, "bottleneck": True, "compression": 0.5}
    if family == "vgg":
        fields = {"depth": 13}
    spec = NetSpec.make(family=family, form=form, stem=stem, norm="none", growth_rate=4, width=4, **fields)
    net = build(spec)
    if stem == "7x7":
        net.pool = nn.AvgPool2d(3, 2, 1)  # maxima depend on all that they compare, but their gradient is of one alone
    for module in list(net.modules()) if family == "vgg" else []:
        if "pool" in dict(module.named_children()):
            module.add_module("pool", nn.AvgPool2d(2))
    for parameter in net.parameters():
        parameter.data = torch.full_like(parameter, 1e-2)
    trained = Trained(net.eval().requires_grad_(False), CLASSES, (0.0,) * 3, (1.0,) * 3)
    picture = np.full((spec.image_size, spec.image_size, 3), 128)
    convolutions = [layer for layer in net.layers if isinstance(layer.module, nn.Conv2d)]
    for at in range(0, len(convolutions), max(1, len(convolutions) // 6)):
        with torch.no_grad(), tap([convolutions[at].signal]) as outputs:
            net(trained.normalise(picture[None]))
        side = outputs[convolutions[at].signal].shape[2]
        y, x = side // 2, side - 1
        found = field(trained, picture, at, 0, y, x)
        inside = [min(max(edge, 0.0), float(spec.image_size)) for edge in found["theory"]]
        assert found["measured"] == inside
        assert found["theory"][2] - found["theory"][0] == found["size"]


def test_mass_is_the_smallest_box_about_the_centre() -> None:
    support = np.zeros((9, 9))
    support[4, 4], support[4, 6], support[0, 0] = 90, 5, 5
    assert holding(support, [3, 3, 6, 6], 0.95) == [2.0, 2.0, 7.0, 7.0]
    assert holding(support, [3, 3, 6, 6], 0.9) == [4.0, 4.0, 5.0, 5.0]
    assert holding(np.zeros((9, 9)), [3, 3, 6, 6], 0.9) is None


def test_modes_company_counts_in_train_mode_only(picture: np.ndarray) -> None:
    trained = lived_in(SPECS["resnet"])
    before = {name: tensor.clone() for name, tensor in trained.net.state_dict().items()}
    others = load("sample").test_images.transpose(0, 2, 3, 1)
    found = modes(trained, picture, others, company=8, batches=3, seed=5, check=never)
    assert all(torch.equal(before[name], tensor) for name, tensor in trained.net.state_dict().items())
    assert not trained.net.training
    np.testing.assert_allclose(found["eval"], np.broadcast_to(found["eval"][0], (3, 10)), atol=1e-6)
    assert np.ptp(found["train"], axis=0).max() > 1e-3
    random = np.random.default_rng(5)
    net = copy.deepcopy(trained.net).train()
    stem, norm = submodule(net, "stem", nn.Conv2d), submodule(trained.net, "norm", nn.BatchNorm2d)
    running_mean, running_var = norm.running_mean, norm.running_var
    assert running_mean is not None
    assert running_var is not None
    shifts, means = [], []
    for row in range(3):
        batch = trained.normalise(np.concatenate([picture[None], others[random.choice(len(others), 7, replace=False)]]))
        with torch.no_grad():
            np.testing.assert_allclose(found["train"][row], net(batch)[0].softmax(0).numpy(), atol=1e-6)
            made = functional.conv2d(batch, stem.weight, padding=1).movedim(1, 0).flatten(1)
        means.append(made.mean().item())
        shifts.append(((made.mean(1) - running_mean).abs() / (running_var + 1e-5).sqrt()).mean().item())
    assert found["layers"][0] == "norm"
    assert found["batch_mean"][0] == pytest.approx(np.mean(means), rel=1e-4)
    assert found["shift"][0] == pytest.approx(np.mean(shifts), rel=1e-4)


@pytest.mark.parametrize(
    ("fields", "chance"),
    [
        ({}, []),
        ({"dropout": 0.3}, ["dropout"]),
        ({"survival_probability": 0.5}, ["stochastic depth"]),
        ({"dropout": 0.3, "survival_probability": 0.5}, ["dropout", "stochastic depth"]),
    ],
)
def test_modes_name_what_is_left_to_chance(picture: np.ndarray, fields: dict[str, float], chance: list[str]) -> None:
    others = np.random.default_rng(3).integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)
    trained = lived_in(NetSpec.make(depth=8, width=4, **fields))
    assert modes(trained, picture, others, company=2, batches=1, seed=0, check=never)["chance"] == chance


def test_modes_without_batch_norm_are_one(picture: np.ndarray) -> None:
    others = load("sample").test_images.transpose(0, 2, 3, 1)
    found = modes(lived_in(SPECS["fixup"]), picture, others, company=4, batches=2, seed=0, check=never)
    assert found["layers"] == []
    np.testing.assert_allclose(found["train"], found["eval"], atol=1e-6)


def test_outcome_counts_as_loops_do() -> None:
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(4), 200)
    labels = random.integers(0, 4, 200)
    found = outcome(probabilities, labels)
    for truth in range(4):
        for said in range(4):
            count = sum(p.argmax() == said and label == truth for p, label in zip(probabilities, labels, strict=True))
            assert found.confusion[truth, said] == count
    assert found.accuracy == np.mean([p.argmax() == label for p, label in zip(probabilities, labels, strict=True)])
    assert len(found.mistakes) == round(200 * (1 - found.accuracy))
    sureness = [probabilities[number].max() for number in found.mistakes]
    assert sureness == sorted(sureness, reverse=True)
    assert all(probabilities[number].argmax() != labels[number] for number in found.mistakes)


def test_wilson_as_published() -> None:
    """Newcombe 1998, table I: 81 of 263 is 0.2553 to 0.3662, 0 of 20 is 0 to 0.1611."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_wilson_ends_at_0_and_1_and_holds_the_share_for_every_count() -> None:
    """Rounding must not make the lower end of 0 in n a negative number, which prints as -0.00 %."""
    for count in range(1, 3000):
        low, high = wilson(0.0, count)
        assert str(low) == "0.0"
        assert high == pytest.approx(1.96**2 / (count + 1.96**2))
        low, high = wilson(1.0, count)
        assert low == pytest.approx(count / (count + 1.96**2))
        assert high == 1.0
        for right in (1, count // 2, count - 1):
            low, high = wilson(right / count, count)
            assert 0 <= low <= right / count <= high <= 1
    assert not any("-" in f"{low:.2%}" for low, _ in (wilson(0.0, count) for count in range(1, 3000)))
