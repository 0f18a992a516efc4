"""Dropout and stochastic depth: their statistics, nothing when evaluated, and runs that can be watched and resumed."""

from __future__ import annotations

import math

import pytest
import torch

from core.arith import expected_blocks
from core.nets import build, skeleton
from core.nets.random import Dropout, StochasticDepth
from core.probes.watch import Watcher
from core.spec import NetSpec, ProbeSpec, preset
from core.train.loop import train
from core.train.trainer import Trainer
from tests.unit.small_runs import all_losses, no_commands, pictures, run_spec, trainer

RANDOM = NetSpec(depth=14, width=4, survival_probability=0.5, dropout=0.3)


def gates(net: torch.nn.Module) -> list[StochasticDepth]:
    return [module for module in net.modules() if isinstance(module, StochasticDepth)]


def test_resnet_110_keeps_40_blocks_and_a_quarter_on_average() -> None:
    """Huang 2016, section 4: linear decay to 0.5 over 54 blocks; by closed form, by sum, and by drawing."""
    spec = preset("resnet110-sd")
    probabilities = [gate.survival_probability for gate in gates(skeleton(spec))]
    assert expected_blocks(spec) == 40.25
    assert sum(probabilities) == pytest.approx(40.25)
    assert probabilities == pytest.approx([1 - block / 54 * 0.5 for block in range(1, 55)])
    torch.manual_seed(0)
    one, draws = torch.ones(()), 500
    layers = [StochasticDepth(probability).train() for probability in probabilities]
    kept = sum(float(layer(one)) for layer in layers for _ in range(draws)) / draws
    deviation = math.sqrt(sum(p * (1 - p) for p in probabilities) / draws)
    assert abs(kept - 40.25) < 4 * deviation < 0.6


def test_all_blocks_are_expected_where_none_is_dropped() -> None:
    assert expected_blocks(preset("resnet110")) == 54
    assert expected_blocks(NetSpec(form="imagenet", depth=50, survival_probability=0.8)) == 16 - 0.2 * 17 / 2
    assert not gates(skeleton(preset("resnet110")))


def test_stochastic_depth_drops_a_branch_for_the_whole_minibatch_or_not_at_all() -> None:
    layer, x = StochasticDepth(0.5), torch.randn(8, 3, 4, 4)
    torch.manual_seed(0)
    answers = [layer(x) for _ in range(50)]
    assert {bool(y.any()) for y in answers} == {True, False}
    assert all(torch.equal(y, x) or not y.any() for y in answers)
    assert torch.equal(layer.eval()(x), 0.5 * x)


def test_a_dropped_branch_gets_no_gradient_and_its_layers_still_answer() -> None:
    net = build(NetSpec(depth=8, width=4, survival_probability=1e-9))
    torch.manual_seed(0)
    logits = net(torch.randn(4, 3, 32, 32))
    gradients = torch.autograd.grad(logits.sum(), [layer.module.weight for layer in net.layers])
    norms = {layer.name: float(g.norm()) for layer, g in zip(net.layers, gradients, strict=True)}
    assert norms["stage3.block1.conv1"] == norms["stage3.block1.conv2"] == 0
    assert norms["stem"] > 0
    assert norms["fc"] > 0


def test_without_skips_nothing_is_dropped() -> None:
    assert not gates(skeleton(NetSpec(depth=14, skip=False, survival_probability=0.5)))


def test_dropout_zeroes_its_share_and_keeps_the_mean() -> None:
    layer, x = Dropout(0.3), torch.ones(200_000)
    torch.manual_seed(0)
    y = layer(x)
    assert float((y == 0).float().mean()) == pytest.approx(0.3, abs=0.005)
    assert float(y.mean()) == pytest.approx(1, abs=0.01)
    assert set(y.unique().tolist()) == {0, float(torch.tensor(1.0).div(0.7))}
    assert not torch.equal(layer(x), y)
    torch.manual_seed(0)
    assert torch.equal(layer(x), y)
    assert layer.eval()(x) is x


def test_dropout_passes_gradients_where_it_passes_values() -> None:
    x = torch.ones(1000, requires_grad=True)
    y = Dropout(0.5)(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert torch.equal(gradient, y.detach())


class EveryStep(Watcher):
    """Looks at each step, whatever it costs."""

    def due(self, step: int) -> bool:
        return True


def test_watching_does_not_change_what_is_drawn() -> None:
    outcomes = []
    for watched in (False, True):
        run = Trainer(run_spec(RANDOM), pictures())
        watcher = EveryStep(run.net, *run.batches.probe_batch(8), ProbeSpec(images=8), run.autocast)
        losses = all_losses(list(train(run, watcher if watched else None, no_commands)))
        outcomes.append((losses.tolist(), run.state()["random"]))
    assert outcomes[0][0] == outcomes[1][0]
    assert torch.equal(outcomes[0][1], outcomes[1][1])


def test_a_resumed_run_draws_what_the_whole_one_drew() -> None:
    whole = trainer(RANDOM)
    for _ in range(3):
        whole.train_step()
    saved = whole.state()
    for _ in range(3):
        whole.train_step()
    torch.manual_seed(99)
    resumed = trainer(RANDOM)
    torch.manual_seed(99)
    resumed.load_state(saved)
    for _ in range(3):
        resumed.train_step()
    mine, other = resumed.state(), whole.state()
    assert all(torch.equal(mine[name], other[name]) for name in mine if name != "seconds")
