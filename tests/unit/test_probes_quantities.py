"""Every quantity against a second computation, on activations and gradients that the test takes by hand."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.nets import Net, build
from core.probes import quantities
from core.probes.quantities import HISTOGRAM_EDGES, HISTOGRAM_SAMPLE, Pass
from core.probes.watch import Watcher
from core.spec import NetSpec, ProbeSpec
from tests.unit.small_runs import NETS, trainer
from tests.unit.torch_types import gradient_of

IMAGES = 8
SPECS = [*NETS.values(), NetSpec(family="densenet", depth=16, growth_rate=4, bottleneck=True, compression=0.5)]


class Seen:
    """The net run by hand on a copy, everything kept, and .backward() instead of autograd.grad."""

    def __init__(self, net: Net, images: Tensor, labels: Tensor) -> None:
        self.net = copy.deepcopy(net)
        self.outputs: dict[nn.Module, Tensor] = {}
        self.inputs: dict[nn.Module, Tensor] = {}
        hooks = [module.register_forward_hook(self._keep) for module in self.net.modules()]
        functional.cross_entropy(self.net(images), labels).backward()
        for hook in hooks:
            hook.remove()

    def _keep(self, module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        output.retain_grad()
        self.inputs[module], self.outputs[module] = inputs[0].detach(), output


def batch() -> tuple[Tensor, Tensor]:
    source = torch.Generator().manual_seed(1)
    return torch.randn(IMAGES, 3, 32, 32, generator=source), torch.arange(IMAGES) % 10


@pytest.fixture(params=SPECS, ids=lambda spec: spec.name)
def case(request: pytest.FixtureRequest) -> tuple[Net, dict[str, Any], Seen]:
    net = build(request.param, seed=3)
    images, labels = batch()
    watcher = Watcher(net, images, labels, ProbeSpec(), nullcontext)
    return net, watcher.observe(), Seen(net, images, labels)


def test_weight_gradient_is_that_of_backward(case: tuple[Net, dict[str, Any], Seen]) -> None:
    _, payload, seen = case
    expected = [np.linalg.norm(gradient_of(layer.module.weight).numpy()) for layer in seen.net.layers]
    np.testing.assert_allclose(payload["weight_grad"], expected, rtol=1e-4)


def test_signal_gradient_is_that_of_retain_grad(case: tuple[Net, dict[str, Any], Seen]) -> None:
    _, payload, seen = case
    expected = [np.linalg.norm(gradient_of(seen.outputs[layer.signal]).numpy()) for layer in seen.net.layers]
    np.testing.assert_allclose(payload["signal_grad"], expected, rtol=1e-4)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_agreement_is_the_cosine_of_two_backward_passes(spec: NetSpec) -> None:
    net, (images, labels) = build(spec, seed=3), batch()
    found = Watcher(net, images, labels, ProbeSpec(), nullcontext).observe()["agreement"]
    halves = [Seen(net, *part).net for part in ((images[:4], labels[:4]), (images[4:], labels[4:]))]
    flat = [[gradient_of(layer.module.weight).double().numpy().ravel() for layer in half.layers] for half in halves]
    cosines = [one @ other / np.linalg.norm(one) / np.linalg.norm(other) for one, other in zip(*flat, strict=True)]
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, cosines, atol=1e-4)


def test_what_needs_passes_of_its_own_is_measured_at_every_fourth_look() -> None:
    net, images, labels = build(NetSpec(depth=8, width=4)), *batch()
    watcher = Watcher(net, images, labels, ProbeSpec(), nullcontext)
    looks = [watcher.observe() for _ in range(9)]
    assert [number for number, look in enumerate(looks) if "agreement" in look] == [0, 4, 8]
    assert all("weight_grad" in look for look in looks)


def test_agreement_of_equal_and_of_opposite_halves() -> None:
    tiny = torch.tensor([3e-30, 4e-30])
    passes = {None: [tiny, tiny, tiny, tiny], 4: [2 * tiny, -tiny, tiny.flip(0), 0 * tiny]}
    seen = layered(torch.zeros(8, 1), kinds=["signals"], again=lambda part: passes[part.start])
    np.testing.assert_allclose(quantities.agreement(seen), [1, -1, 24 / 25, np.nan], rtol=1e-7)


def no_more(part: slice) -> list[Tensor]:
    raise AssertionError("there is no batch to pass again")


def layered(*tensors: Tensor, **more: Any) -> Pass:
    """A pass of which only the tensors to be measured are known."""
    known: dict[str, Any] = {"again": no_more}
    known |= {name: [] for name in ("signals", "activations", "branches", "weight_gradients", "signal_gradients")}
    return Pass(build(NETS["plain"]), **(known | {name: list(tensors) for name in more.pop("kinds")} | more))


# one entry, so that its norm is its size: squares of these are beyond float32 on either side
SIZES = (1.4e-45, 1e-42, 1e-30, 1e-23, 3e-20, 1.0, 1e18, 1e25, 3e38)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("quantity", ["weight_grad", "signal_grad"])
def test_a_gradient_that_is_not_0_has_a_norm_that_is_not_0(quantity: str, dtype: torch.dtype) -> None:
    gradients = [torch.tensor([[0.0, size, 0.0]], dtype=dtype) for size in SIZES]
    gradients = [gradient for gradient in gradients if gradient.any()]
    assert len(gradients) >= len(SIZES) - 2  # bfloat16 itself ends at 9e-41
    found = quantities.QUANTITIES[quantity](layered(*gradients, kinds=["weight_gradients", "signal_gradients"]))
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [gradient.double().abs().max().item() for gradient in gradients])


def test_norms_are_summed_in_float64() -> None:
    """A million values that float32 sums would round, against numpy's longest floats."""
    values = torch.rand(1000, 1000, generator=torch.Generator().manual_seed(0))
    expected = np.sqrt((values.numpy().astype(np.longdouble) ** 2).sum())
    found = quantities.weight_grad(layered(values, kinds=["weight_gradients"]))
    np.testing.assert_allclose(found, [float(expected)], rtol=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_spread_and_mean_of_what_float32_cannot_square_or_sum(size: float) -> None:
    signal = torch.full((4, 8, 32, 32), size)
    signal[0] = 0.0
    seen = layered(signal, kinds=["signals"])
    exact = signal.numpy().astype(np.longdouble)
    np.testing.assert_allclose(quantities.std(seen), [float(exact.std())], rtol=1e-12)
    np.testing.assert_allclose(quantities.mean(seen), [float(exact.mean())], rtol=1e-12)


def test_ratios_of_what_float32_cannot_square() -> None:
    """Branch over shortcut, and update over weight, far below and above."""
    small, large = torch.full((2, 3), 1e-30), torch.full((2, 3), 1e30)
    ratios = quantities.branch_ratio(layered(kinds=[], branches=[(small, large), (large, small), (small, small)]))
    np.testing.assert_allclose(ratios, [1e-60, 1e60, 1], rtol=1e-6)
    np.testing.assert_allclose(quantities.update_ratio([small, large], [small * 2, large * 2]), [1, 1], rtol=1e-6)


@pytest.mark.parametrize("depth", [56, 110])
def test_a_vanished_gradient_reads_0_only_where_float32_left_only_zeros(depth: int) -> None:
    net = build(NetSpec(depth=depth, skip=False, norm="none", init="default"))
    images, labels = batch()
    payload = Watcher(net, images, labels, ProbeSpec(), nullcontext).observe()
    seen = Seen(net, images, labels)
    gradients = [gradient_of(layer.module.weight) for layer in seen.net.layers]
    expected = [float(np.linalg.norm(each.numpy().astype(np.longdouble))) for each in gradients]
    np.testing.assert_allclose(payload["weight_grad"], expected, rtol=1e-5)
    assert ((payload["weight_grad"] == 0) == [not each.any() for each in gradients]).all()
    assert 0 < payload["weight_grad"][12] < 1e-19


def test_mean_and_std_are_numpys(case: tuple[Net, dict[str, Any], Seen]) -> None:
    _, payload, seen = case
    signals = [seen.outputs[layer.signal].detach().numpy() for layer in seen.net.layers]
    np.testing.assert_allclose(payload["mean"], [signal.mean() for signal in signals], atol=1e-5)
    np.testing.assert_allclose(payload["std"], [signal.std() for signal in signals], rtol=1e-5)


def test_dead_share_counts_channels_that_never_fire(case: tuple[Net, dict[str, Any], Seen]) -> None:
    _, payload, seen = case
    for layer, share in zip(seen.net.layers, payload["dead"], strict=True):
        if layer.relu is None:
            assert np.isnan(share)
        else:
            fires = (seen.outputs[layer.relu].detach().numpy() > 0).any(axis=(0, 2, 3))
            assert share == pytest.approx(1 - fires.mean())


def test_histogram_counts_every_channel_evenly(case: tuple[Net, dict[str, Any], Seen]) -> None:
    _, payload, seen = case
    assert payload["histogram"].dtype == np.int32
    for layer, counts in zip(seen.net.layers, payload["histogram"], strict=True):
        signal = np.moveaxis(seen.outputs[layer.signal].detach().numpy(), 1, -1).ravel()
        channels = seen.outputs[layer.signal].shape[1]
        step = -(-signal.size // HISTOGRAM_SAMPLE)
        while np.gcd(step, channels) != 1:
            step += 1
        expected, _ = np.histogram(signal[::step], [-np.inf, *HISTOGRAM_EDGES, np.inf])
        assert counts.sum() <= HISTOGRAM_SAMPLE
        # a value within rounding of an edge may fall on either side of it
        assert np.abs(counts - expected).sum() <= 2 + 2e-4 * counts.sum()


def test_branch_ratio_is_that_of_the_block_run_by_hand(case: tuple[Net, dict[str, Any], Seen]) -> None:
    _, payload, seen = case
    expected = []
    for block in seen.net.blocks:
        x = seen.inputs[block.branch]
        with torch.no_grad():
            branch, shortcut = block.branch(x).numpy(), block.shortcut(x).numpy()
        expected.append(np.linalg.norm(branch) / np.linalg.norm(shortcut))
    assert len(payload["branch_ratio"]) == len(seen.net.blocks)
    np.testing.assert_allclose(payload["branch_ratio"], expected, rtol=1e-4)


def test_weight_share_is_that_of_the_slices(case: tuple[Net, dict[str, Any], Seen]) -> None:
    net, payload, _ = case
    assert len(payload["weight_share"]) == len(net.ledger)
    for row, shares in zip(net.ledger, payload["weight_share"], strict=True):
        weight = np.abs(row.module.weight.detach().numpy())
        start = 0
        for index, (_, channels) in enumerate(row.sources):
            assert shares[index] == pytest.approx(weight[:, start : start + channels].sum() / weight.sum(), rel=1e-4)
            start += channels
        assert start == weight.shape[1]
        assert np.isnan(shares[len(row.sources) :]).all()


@pytest.mark.parametrize("net", NETS)
def test_update_ratio_is_that_of_the_weights_before_and_after(net: str) -> None:
    run = trainer(net)
    watcher = Watcher(run.net, *batch(), ProbeSpec(), nullcontext)
    watcher.observe()
    before = [layer.module.weight.detach().numpy().copy() for layer in run.net.layers]
    run.train_step()
    ratio = watcher.after_update()["update_ratio"]
    after = [layer.module.weight.detach().numpy() for layer in run.net.layers]
    expected = [np.linalg.norm(b - a) / np.linalg.norm(a) for a, b in zip(before, after, strict=True)]
    np.testing.assert_allclose(ratio, expected, rtol=1e-4)
    assert (ratio > 0).all()


def test_update_ratio_of_a_weight_of_zeros_is_unknown() -> None:
    net = build(NetSpec(depth=8, width=4, norm="none", init="fixup"))
    watcher = Watcher(net, *batch(), ProbeSpec(), nullcontext)
    payload = watcher.observe() | watcher.after_update()
    zero = [float(layer.module.weight.detach().abs().sum()) == 0 for layer in net.layers]
    assert any(zero)
    np.testing.assert_array_equal(np.isnan(payload["update_ratio"]), zero)
    np.testing.assert_array_equal(payload["branch_ratio"], np.zeros(3))


def test_a_silenced_channel_is_dead() -> None:
    net = build(NETS["resnet"])
    norm = net.layers[0].signal
    assert isinstance(norm, nn.BatchNorm2d)
    with torch.no_grad():
        norm.bias[1] = -100.0  # its BN shifts the channel far below 0
    dead = Watcher(net, *batch(), ProbeSpec(), nullcontext).observe()["dead"]
    assert dead[0] == pytest.approx(0.25)


def test_features_of_a_hidden_linear_layer_can_be_dead_too() -> None:
    activation = torch.tensor([[0.0, 2.0, 0.0, 1.0], [0.0, 0.0, 3.0, 1.0]])
    assert quantities.dead(Pass(build(NETS["plain"]), [activation], [activation], [], [], [], no_more)) == [0.25]


def test_edges_reach_from_tiny_to_huge_and_are_symmetric() -> None:
    np.testing.assert_allclose(HISTOGRAM_EDGES, -HISTOGRAM_EDGES[::-1], rtol=1e-5)
    assert (np.diff(HISTOGRAM_EDGES) > 0).all()
    assert HISTOGRAM_EDGES[-1] == pytest.approx(1e4)
    assert 0 < HISTOGRAM_EDGES[HISTOGRAM_EDGES > 0][0] < 1e-3


def test_histogram_counts_what_lies_beyond_its_edges() -> None:
    signal = torch.tensor([[-1e9, -2e4, 0.0, 0.0, 0.0, 1e-5, 3e4]])
    counts = quantities.histogram(Pass(build(NETS["plain"]), [signal], [], [], [], [], no_more))[0]
    assert counts[0] == 2
    assert counts[-1] == 1
    assert counts[len(counts) // 2] == 4  # the middle bin holds the exact zeros
    assert counts.sum() == 7


def test_value_on_an_edge_belongs_to_the_bin_above() -> None:
    counts = quantities.histogram(
        Pass(build(NETS["plain"]), [torch.from_numpy(HISTOGRAM_EDGES)[None]], [], [], [], [], no_more)
    )
    np.testing.assert_array_equal(counts[0], np.bincount(np.digitize(HISTOGRAM_EDGES, HISTOGRAM_EDGES)))


def test_sample_reaches_every_channel() -> None:
    channels = torch.arange(48.0).view(1, 48, 1, 1).expand(4, 48, 32, 32)
    values = quantities.sample(channels)
    assert HISTOGRAM_SAMPLE / 2 < len(values) <= HISTOGRAM_SAMPLE
    counts = torch.bincount(values.long(), minlength=48)
    assert counts.min() > 0
    assert counts.max() - counts.min() <= 1


def test_every_quantity_names_its_cost() -> None:
    net = build(NETS["densenet"])
    watcher = Watcher(net, *batch(), ProbeSpec(), nullcontext)
    payload = watcher.observe()
    payload |= watcher.after_update()
    measured = payload.keys() - {"cost"}
    assert payload["cost"].keys() == measured | {"forward", "backward"}
    assert all(seconds >= 0 for seconds in payload["cost"].values())
