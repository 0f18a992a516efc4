"""The X-ray against autograd by hand, and what it leaves behind."""

import copy
import json
import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.answers.questions import answer_xray, plain
from core.answers.warm import Nets
from core.check import never
from core.nets import Net, build
from core.nets.stacks import Stack, build_stack
from core.probes.xray import xray
from core.spec import NetSpec, SpecError
from core.stack_spec import StackSpec
from tests.unit.torch_types import gradient_of

NETS = [
    NetSpec(depth=8, width=4, skip=False, norm="none"),
    NetSpec(depth=8, width=4),
    NetSpec(family="densenet", depth=10, growth_rate=4),
    NetSpec(family="vgg", depth=11, width=4),
    StackSpec(depth=3, width=16),
    StackSpec(kind="transformer", depth=2, width=16),
    StackSpec(kind="transformer", depth=2, width=16, order="post"),
    StackSpec(kind="transformer", depth=2, width=16, order="none"),
    StackSpec(kind="convnext", depth=2, width=16),
]


def made(spec: NetSpec | StackSpec) -> Net | Stack:
    return build(spec) if isinstance(spec, NetSpec) else build_stack(spec)


def batch() -> tuple[Tensor, Tensor]:
    return torch.randn(6, 3, 32, 32, generator=torch.Generator().manual_seed(1)), torch.arange(6)


def channels_last(values: Tensor) -> np.ndarray:
    array = values.detach().numpy()
    return (np.moveaxis(array, 1, -1) if array.ndim == 4 else array).reshape(
        -1, array.shape[1 if array.ndim == 4 else -1]
    )


@pytest.mark.parametrize("spec", NETS, ids=lambda spec: spec.name)
def test_against_autograd_by_hand(spec: NetSpec | StackSpec) -> None:
    net, (images, labels) = made(spec), batch()
    found = xray(net, images, labels)
    twin = copy.deepcopy(net).train()
    outputs: dict[nn.Module, Tensor] = {}
    inputs: dict[nn.Module, Tensor] = {}

    def keep(module: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        if output.requires_grad:
            output.retain_grad()
        inputs[module], outputs[module] = given[0].detach(), output

    hooks = [module.register_forward_hook(keep) for module in twin.modules()]
    loss = functional.cross_entropy(twin(images), labels)
    loss.backward()
    for hook in hooks:
        hook.remove()

    layers, blocks = twin.layers, twin.blocks
    assert found["loss"] == pytest.approx(loss.item(), rel=1e-5)
    assert found["layers"] == [layer.name for layer in layers]
    weight_gradients = [gradient_of(layer.module.weight).norm().item() for layer in layers]
    np.testing.assert_allclose(found["weight_grad"], weight_gradients, rtol=2e-4)
    halves = [copy.deepcopy(net).train() for _ in range(2)]
    for half, part in zip(halves, (slice(3), slice(3, None)), strict=True):
        functional.cross_entropy(half(images[part]), labels[part]).backward()
    gradients = [[gradient_of(layer.module.weight).flatten() for layer in half.layers] for half in halves]
    pairs = zip(*gradients, strict=True)
    cosines = [functional.cosine_similarity(one, other, dim=0, eps=0).item() for one, other in pairs]
    np.testing.assert_allclose(found["agreement"], cosines, atol=2e-4)
    signals = [outputs[layer.signal] for layer in layers]
    signal_gradients = [gradient_of(signal).norm().item() for signal in signals]
    np.testing.assert_allclose(found["signal_grad"], signal_gradients, rtol=2e-4)
    np.testing.assert_allclose(found["mean"], [signal.mean().item() for signal in signals], atol=1e-5)
    np.testing.assert_allclose(found["std"], [signal.std(correction=0).item() for signal in signals], rtol=1e-4)
    for layer, share in zip(layers, found["dead"], strict=True):
        if layer.relu is None:
            assert np.isnan(share)
        else:
            assert share == pytest.approx(1 - (channels_last(outputs[layer.relu]) > 0).any(0).mean())
    assert found["blocks"] == [block.name for block in blocks]
    for index, block in enumerate(blocks):
        branch, shortcut = outputs[block.branch].detach(), outputs[block.shortcut].detach()
        assert found["branch_ratio"][index] == pytest.approx((branch.norm() / shortcut.norm()).item(), rel=1e-4)
        assert found["branch_variance"][index] == pytest.approx(channels_last(branch).var(0).mean(), rel=1e-3)
        stream = channels_last(shortcut + branch)
        if isinstance(spec, NetSpec):  # post-activation: the block ends in a ReLU
            stream = np.maximum(stream, 0)
        assert found["stream_variance"][index] == pytest.approx(stream.var(0).mean(), rel=1e-3)
        assert found["stream_squared_mean"][index] == pytest.approx((stream.mean(0) ** 2).mean(), rel=1e-3, abs=1e-6)


def test_nothing_is_left_behind() -> None:
    net, (images, labels) = build(NetSpec(depth=8, width=4)).eval(), batch()
    state = copy.deepcopy(net.state_dict())
    random = torch.random.get_rng_state()
    xray(net, images, labels)
    assert all(torch.equal(value, state[name]) for name, value in net.state_dict().items())
    assert all(parameter.grad is None for parameter in net.parameters())
    assert not any(module.training or module._forward_hooks for module in net.modules())
    assert torch.equal(torch.random.get_rng_state(), random)


@pytest.mark.parametrize("after", [1, 12, 30])
def test_stops_between_layers_when_the_check_says_so(after: int) -> None:
    """Of some 20 checks forward and as many backward, the one that raises is the last one made."""
    net, (images, labels) = build(NetSpec(depth=8, width=4)), batch()
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == after:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        xray(net, images, labels, check)
    assert calls == after
    assert not any(module._forward_hooks for module in net.modules())


def test_gradients_below_float32_squares_are_still_measured() -> None:
    """0.41 a layer over 80 layers is 1e-31, whose square float32 cannot hold."""
    stack = build_stack(StackSpec(depth=80, width=256, skip=False))
    gradient = xray(stack, *batch())["signal_grad"]
    assert 0 < gradient[0] < 1e-28
    assert (np.diff(np.log(gradient[:-1])) > 0).mean() > 0.95


@pytest.mark.parametrize("depth", [56, 110])
def test_a_vanished_gradient_is_that_of_a_net_in_float64(depth: int) -> None:
    """3.6e-46 at depth 110, which float32 rounds to 0. Oracle: the same net in float64, by autograd."""
    net, (images, labels) = build(NetSpec(depth=depth, skip=False, norm="none", init="default")), batch()
    found = xray(net, images, labels)
    assert found["weight_grad"].dtype == found["signal_grad"].dtype == np.float64
    np.testing.assert_allclose(found["weight_grad"], weight_gradients(net, images, labels), rtol=2e-3)
    assert 0 < found["signal_grad"][0] < (1e-20 if depth == 56 else 1e-43)


def weight_gradients(net: Net | Stack, images: Tensor, labels: Tensor) -> list[float]:
    wide = copy.deepcopy(net).double().train()
    loss = functional.cross_entropy(wide(images.double()), labels)
    gradients = torch.autograd.grad(loss, [layer.module.weight for layer in wide.layers])
    return [float(np.linalg.norm(gradient.numpy().astype(np.longdouble))) for gradient in gradients]


@pytest.mark.parametrize(
    "spec",
    [
        StackSpec(depth=200, width=32, skip=False, activation="sigmoid"),  # ends at 1e-160
        StackSpec(depth=200, width=32, skip=False),  # 1e-80
        StackSpec(depth=200, width=64, skip=True, init="he"),  # grows beyond 1e38 in both directions
    ],
    ids=lambda spec: f"{spec.activation} {spec.init} skip={spec.skip}",
)
def test_what_leaves_the_range_of_float32_is_measured_in_float64(spec: StackSpec) -> None:
    stack, (images, labels) = build_stack(spec), batch()
    found = xray(stack, images, labels)
    assert math.isfinite(found["loss"])
    np.testing.assert_allclose(found["weight_grad"], weight_gradients(stack, images, labels), rtol=1e-6)
    assert np.isfinite(found["std"]).all()
    assert found["weight_grad"].min() < 1e-60 or found["std"].max() > 1e30
    assert all(parameter.dtype == torch.float32 for parameter in stack.parameters())


def test_no_second_pass_where_float32_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where zeros are exact, as those of zero-γ and Fixup are."""
    for spec in (
        NetSpec(depth=110, width=4, skip=False, norm="none", init="default"),
        NetSpec(depth=8, width=4, init="zero-gamma"),
        NetSpec(depth=8, width=4, norm="none", init="fixup"),
        NetSpec(depth=110, width=4, skip=False),
    ):
        net = build(spec)
        passes: list[int] = []
        stem = net.layers[0].module
        hook = stem.register_forward_hook(lambda module, given, output, seen=passes: seen.append(len(output)))
        xray(net, *batch())
        hook.remove()
        assert passes == [6, 3, 3]  # the batch, and its halves


def test_squared_means_and_variances_below_float32() -> None:
    """Signals of 1e-30 have a squared mean of 1e-60."""
    net = build(NetSpec(depth=8, width=4, skip=False, norm="none"))
    with torch.no_grad():
        net.layers[0].module.weight.mul_(1e-30)
    found = xray(net, *batch())
    usual = xray(build(NetSpec(depth=8, width=4, skip=False, norm="none")), *batch())
    for name in ("stream_squared_mean", "stream_variance"):
        np.testing.assert_allclose(found[name], usual[name] * 1e-60, rtol=1e-3)
    np.testing.assert_allclose(found["std"][:-1], usual["std"][:-1] * 1e-30, rtol=1e-3)


def test_json_keeps_the_range() -> None:
    answer = answer_xray(
        {"stack": {"kind": "linear", "depth": 150, "width": 16, "skip": False, "activation": "sigmoid"}, "images": 4},
        Nets(),
        never,
    )
    spoken = json.loads(json.dumps(plain(answer)))
    assert 0 < spoken["signal_grad"][0] < 1e-90


def test_stack_refuses_what_cannot_be() -> None:
    with pytest.raises(SpecError, match="choose 1 to 200"):
        StackSpec.make(depth=0)
    with pytest.raises(SpecError, match="attention heads: choose 64 or 68"):
        StackSpec.make(kind="transformer", width=66)


def test_answer_travels_as_json() -> None:
    answer = answer_xray({"net": {"depth": 8, "width": 4}, "images": 4}, Nets(), never)
    spoken = json.loads(json.dumps(plain(answer)))
    assert len(spoken["std"]) == len(spoken["layers"]) == 8
    assert spoken["dead"][-1] is None
    assert spoken["step"] == 0
    assert spoken["mode"] == "train"


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"net": {"depth": 9}}, "depth 9 is not possible"),
        ({"net": {"depth": 8}, "images": 1}, "choose 2 to 256"),
        ({"net": {"depth": 1202, "width": 1024}, "images": 256}, "of memory"),
    ],
)
def test_impossible_requests_are_refused_in_a_sentence(request_: dict[str, object], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        answer_xray(request_, Nets(), never)
