"""Initialisation: reproducible, shared by twins, of the stated distribution; and the physics that follows from it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm

from core.nets import build, skeleton
from core.nets.initialise import RULED, check_known, initialise
from core.nets.stacks import build_stack, initialise_stack
from core.spec import PRESETS, NetSpec, twin
from core.stack_spec import StackSpec
from tests.unit.torch_types import gradient_of, submodule


def same_where_names_and_shapes_agree(one: nn.Module, other: nn.Module) -> int:
    """How many weights of two or more dimensions the two share, all of them checked bit for bit."""
    mine, others = one.state_dict(), other.state_dict()
    common = [name for name in mine if name in others and mine[name].shape == others[name].shape]
    assert all(torch.equal(mine[name], others[name]) for name in common)
    return sum(mine[name].dim() >= 2 for name in common)


@pytest.mark.parametrize("init", ["he", "default"])
@pytest.mark.parametrize("shortcut", ["A", "B"])
def test_twins_share_their_weights(init: str, shortcut: str) -> None:
    spec = NetSpec.make(depth=20, init=init, shortcut=shortcut)
    projections = 2 if shortcut == "B" else 0
    net = build(spec, seed=3)
    assert same_where_names_and_shapes_agree(net, build(twin(spec, "norm"), seed=3)) == 20 + projections
    assert same_where_names_and_shapes_agree(net, build(twin(spec, "skip"), seed=3)) == 20


def test_dense_twins_share_their_weights() -> None:
    spec = NetSpec(family="densenet", depth=40, bottleneck=True, compression=0.5)
    assert same_where_names_and_shapes_agree(build(spec), build(twin(spec, "norm"))) == 40


def test_a_deeper_net_starts_with_the_weights_of_the_shallower() -> None:
    assert same_where_names_and_shapes_agree(build(NetSpec(depth=20)), build(NetSpec(depth=56))) == 20


@pytest.mark.parametrize("init", ["he", "default"])
def test_the_seed_decides_and_torchs_global_generator_is_left_alone(init: str) -> None:
    spec = NetSpec.make(depth=8, norm="none", init=init)
    torch.manual_seed(1)
    before = torch.get_rng_state()
    one = build(spec, seed=7)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    again, other = build(spec, seed=7).state_dict(), build(spec, seed=8).state_dict()
    for name, weight in one.state_dict().items():
        assert torch.equal(weight, again[name])
        assert weight.dim() < 2 or not torch.equal(weight, other[name])


@pytest.mark.parametrize("init", ["he", "default"])
def test_no_two_parameters_are_drawn_alike(init: str) -> None:
    weights = [layer.module.weight.flatten() for layer in build(NetSpec.make(depth=20, init=init)).layers]
    firsts = {tuple((weight[:8] / weight[0]).tolist()) for weight in weights}
    assert len(firsts) == len(weights)


@pytest.mark.parametrize(
    "spec",
    [
        NetSpec(depth=14, shortcut="C"),
        NetSpec(depth=8, norm="group", init="zero-gamma"),
        NetSpec(depth=8, norm="none", init="default"),
        NetSpec(depth=8, norm="none", init="fixup", shortcut="B"),
        NetSpec(family="densenet", depth=16, bottleneck=True),
    ],
    ids=lambda spec: spec.name,
)
def test_nothing_is_left_uninitialised(spec: NetSpec) -> None:
    """In deterministic mode torch fills fresh memory with NaN."""
    torch.use_deterministic_algorithms(True)
    try:
        assert torch.isnan(torch.empty(8)).all()
        state = build(spec).state_dict()
    finally:
        torch.use_deterministic_algorithms(False)
    assert all(torch.isfinite(tensor).all() for tensor in state.values())
    assert all(tensor.device.type == "cpu" for tensor in state.values())


class Gained(nn.Conv2d):
    """A convolution with something of its own."""

    def __init__(self) -> None:
        super().__init__(3, 4, 3)
        self.gain = nn.Parameter(torch.ones(()))


class Counting(nn.Module):
    """Holds a buffer, which is not even kept in a checkpoint."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(()), persistent=False)


STRANGERS: dict[str, Callable[[], nn.Module]] = {
    "PReLU holds weight": nn.PReLU,
    "ConvTranspose2d holds bias, weight": lambda: nn.ConvTranspose2d(3, 4, 3),
    "Gained holds gain": Gained,
    "Counting holds calls": Counting,
    "ParametrizationList holds original0, original1": lambda: weight_norm(nn.Conv2d(3, 4, 3)),
}


@pytest.mark.parametrize("what", STRANGERS)
def test_what_nobody_knows_how_to_initialise_is_refused_and_not_left_as_memory_was(what: str) -> None:
    net, stack = build(NetSpec(depth=8)), build_stack(StackSpec(depth=2, width=8))
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    for model in (net, stack):
        model.add_module("stranger", STRANGERS[what]())
    with pytest.raises(TypeError, match=f"^{what}, ") as refusal:
        initialise(net, seed=1)
    assert "stranger" in str(refusal.value)
    assert all(torch.equal(net.state_dict()[name], tensor) for name, tensor in before.items())  # nothing is half done
    with pytest.raises(TypeError, match=f"^{what}, "):
        initialise_stack(stack, seed=1)


@pytest.mark.parametrize("name", [name for name, spec in PRESETS.items() if spec.depth < 200])  # deeper: more of it
def test_every_preset_is_made_of_what_initialise_knows(name: str) -> None:
    check_known(skeleton(PRESETS[name]), RULED)


def test_he_is_normal_with_variance_two_over_fan_out() -> None:
    net = build(NetSpec(depth=20, width=32, norm="none"))
    for layer in net.layers[1:-1]:
        weight, bias = layer.module.weight, layer.module.bias
        expected = math.sqrt(2 / (9 * weight.shape[0]))
        assert weight.std().item() == pytest.approx(expected, rel=0.05)
        assert weight.abs().max() > 3 * expected  # a uniform one would end at 1.7
        assert bias is not None
        assert not bias.any()


def test_default_is_uniform_within_one_over_root_fan_in() -> None:
    net = build(NetSpec(depth=20, norm="none", init="default"))
    for layer in net.layers:
        bound = 1 / math.sqrt(layer.module.weight[0].numel())
        assert 0.95 * bound < layer.module.weight.abs().max() <= bound
        assert layer.module.bias is not None
        assert 0 < layer.module.bias.abs().max() <= bound
        assert layer.module.weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.1)


@pytest.mark.parametrize("norm", ["batch", "group", "layer", "instance"])
def test_zero_gamma_starts_every_block_as_its_shortcut(norm: str) -> None:
    net = build(NetSpec.make(depth=14, norm=norm, init="zero-gamma"))
    x = torch.randn(2, 16, 32, 32).relu()
    assert not net.blocks[0].branch(x).any()
    assert torch.equal(net.get_submodule("stage1.block1")(x), x)
    gammas = [name for name, parameter in net.named_parameters() if "norm" in name and not parameter.any()]
    assert len([name for name in gammas if name.endswith("weight")]) == len(net.blocks) == 6


@pytest.mark.parametrize("depth", [8, 20, 110])
def test_fixup_starts_with_logits_zero_and_loss_ln_ten(depth: int) -> None:
    net = build(NetSpec(depth=depth, norm="none", init="fixup"))
    logits = net(torch.randn(8, 3, 32, 32))
    assert not logits.any()
    assert F.cross_entropy(logits, torch.arange(8)).item() == pytest.approx(math.log(10), abs=1e-6)


def test_fixup_scales_first_convolutions_by_the_number_of_blocks() -> None:
    net, he = build(NetSpec(depth=20, norm="none", init="fixup")), build(NetSpec(depth=20, norm="none"))
    for block, other in zip(net.blocks, he.blocks, strict=True):
        mine, usual = (submodule(each.branch, "conv1", nn.Conv2d).weight for each in (block, other))
        torch.testing.assert_close(mine, usual / math.sqrt(9))
        assert not submodule(block.branch, "conv2", nn.Conv2d).weight.any()
    scalars = [parameter for parameter in net.parameters() if parameter.dim() == 0]
    assert len(scalars) == 5 * 9 + 2  # four biases and a multiplier a block, one after the stem, one before the end


def test_fixup_learns() -> None:
    """Everything but the classifier has gradient 0 in the first step; from the second on the branches wake up."""
    net = build(NetSpec(depth=8, norm="none", init="fixup"))
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(32, 3, 32, 32, generator=generator), torch.randint(10, (32,), generator=generator)
    losses = []
    for _ in range(15):
        optimiser.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.1
    assert all(submodule(block.branch, "conv2", nn.Conv2d).weight.any() for block in net.blocks)


@pytest.mark.parametrize(
    ("spec", "measured"),
    [(NetSpec(depth=20, skip=False), 8.5), (NetSpec(depth=20), 2.3), (NetSpec(depth=56), 9.5)],
    ids=lambda value: getattr(value, "name", None),
)
def test_gradients_at_the_start_grow_towards_the_input_as_measured(spec: NetSpec, measured: float) -> None:
    """Weight-gradient norm, first block's conv1 over last block's: N(0,1) input, batch 16, BN in train mode; an
    independent prototype measured these on seed 0. Geometric mean of three seeds, to a factor of 1.5."""
    ratios = []
    for seed in range(3):
        net = build(spec, seed)
        generator = torch.Generator().manual_seed(seed)
        x, y = torch.randn(16, 3, 32, 32, generator=generator), torch.randint(10, (16,), generator=generator)
        F.cross_entropy(net(x), y).backward()
        norms = {layer.name: gradient_of(layer.module.weight).norm().item() for layer in net.layers}
        ratios.append(norms["stage1.block1.conv1"] / norms[f"stage3.block{spec.stages[2]}.conv1"])
    assert measured / 1.5 < statistics.geometric_mean(ratios) < measured * 1.5


def test_after_bn_and_relu_maps_have_the_variance_that_theory_says() -> None:
    """Of max(0, z) for normal z: variance (1 - 1/pi) / 2 and squared mean 1 / (2 pi)."""
    net = build(NetSpec(depth=20, skip=False))
    x = torch.randn(16, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    maps: list[torch.Tensor] = []
    handles = [layer.relu.register_forward_hook(lambda _m, _x, y: maps.append(y)) for layer in net.layers if layer.relu]
    net(x)
    for handle in handles:
        handle.remove()
    for y in maps[:8]:
        assert y.var((0, 2, 3)).mean().item() == pytest.approx((1 - 1 / math.pi) / 2, rel=0.1)
        assert y.mean((0, 2, 3)).square().mean().item() == pytest.approx(1 / (2 * math.pi), rel=0.1)
