"""Watching does not change the run: bit for bit, at any cadence, and also when looking fails half-way."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch import nn

from core.probes.taps import tap
from core.probes.watch import Watcher, unchanged
from core.spec import ProbeSpec
from core.train.checkpoint import State
from core.train.loop import train
from core.train.trainer import Trainer
from tests.unit.small_runs import NETS, PRECISIONS, all_losses, no_commands, pictures, run_spec, trainer
from tests.unit.torch_types import gradient_of

pytestmark = pytest.mark.slow


class EveryStep(Watcher):
    """Looks at each step, whatever it costs."""

    def due(self, step: int) -> bool:
        return True


def outcome(
    net: str, precision: str, watcher_type: type[Watcher] | None, threads: int = 1
) -> tuple[np.ndarray, State, int]:
    """Losses, end state (weights, buffers, momentum, random state) and the number of looks of a run."""
    run = Trainer(run_spec(net, precision=precision, threads=threads), pictures())
    watcher = None
    if watcher_type:
        watcher = watcher_type(run.net, *run.batches.probe_batch(8), ProbeSpec(images=8), run.autocast)
    events = list(train(run, watcher, no_commands))
    state = run.state()
    del state["seconds"]
    return all_losses(events), state, sum(event.kind == "probe" for event in events)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("net", NETS)
def test_run_is_the_same_bit_for_bit(net: str, precision: str) -> None:
    losses, state, looks = outcome(net, precision, None)
    assert looks == 0
    for watcher_type, at_least in ((Watcher, 1), (EveryStep, 8)):
        watched_losses, watched_state, looks = outcome(net, precision, watcher_type)
        assert looks >= at_least
        np.testing.assert_array_equal(watched_losses, losses)
        assert watched_state.keys() == state.keys()
        for name, tensor in state.items():
            assert torch.equal(watched_state[name], tensor), name


def test_run_is_the_same_on_two_threads() -> None:
    try:
        losses, state, _ = outcome("resnet", "bf16", None, threads=2)
        watched_losses, watched_state, _ = outcome("resnet", "bf16", EveryStep, threads=2)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    np.testing.assert_array_equal(watched_losses, losses)
    assert all(torch.equal(watched_state[name], tensor) for name, tensor in state.items())


def test_different_seed_is_a_different_run() -> None:
    """The comparison above can fail."""
    one, other = trainer(seed=0), trainer(seed=1)
    one.train_step()
    other.train_step()
    assert not torch.equal(one.log, other.log)


def traces(net: nn.Module) -> tuple[list[int], list[bool]]:
    """Hooks and modes of all modules."""
    modules = list(net.modules())
    hooks = [len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in modules]
    return hooks, [module.training for module in modules]


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("fault", [None, "labels", "images"])
def test_looking_leaves_no_trace(net: str, fault: str | None) -> None:
    run = trainer(net)
    run.train_step()
    run.net.eval()
    run.net.layers[2].signal.train()  # a mix of modes must come back as a mix
    images, labels = run.batches.probe_batch(8)
    if fault == "labels":
        labels = labels + 100  # fails behind the forward pass, when BN has seen the probe batch
    elif fault == "images":
        images = images[:, :2]  # fails in the stem
    watcher = Watcher(run.net, images, labels, ProbeSpec(), nullcontext)
    buffers = {name: buffer.clone() for name, buffer in run.net.named_buffers()}
    gradients = {name: parameter.grad for name, parameter in run.net.named_parameters()}
    values = {name: gradient.clone() for name, gradient in gradients.items() if gradient is not None}
    before, random = traces(run.net), torch.get_rng_state()

    if fault:
        with pytest.raises((IndexError, RuntimeError)):
            watcher.observe()
    else:
        watcher.observe()

    assert traces(run.net) == before
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(buffer, buffers[name]) for name, buffer in run.net.named_buffers())
    for name, parameter in run.net.named_parameters():
        assert parameter.grad is gradients[name]
        assert torch.equal(gradient_of(parameter), values[name])


def test_random_numbers_drawn_inside_are_given_back() -> None:
    run = trainer()
    before = torch.get_rng_state()
    with unchanged(run.net):
        torch.randn(10)
    assert torch.equal(torch.get_rng_state(), before)


def test_tap_gives_the_nets_own_tensors_and_goes() -> None:
    last = nn.Linear(3, 1)
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), last)
    with tap([net[0], net[1], net[0]]) as outputs:
        answer = net(torch.ones(1, 2))
    assert outputs.keys() == {net[0], net[1]}
    (of_relu,) = torch.autograd.grad(answer.sum(), [outputs[net[1]]])
    assert torch.equal(of_relu, last.weight)
    assert traces(net)[0] == [0, 0, 0, 0]


def test_tap_goes_when_the_pass_fails() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 1))
    with pytest.raises(RuntimeError), tap(net):
        net(torch.ones(1, 2))
    assert traces(net)[0] == [0, 0, 0]
