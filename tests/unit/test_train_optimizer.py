"""One training step against the same step written out in numpy."""

from __future__ import annotations

import copy
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from core.nets.parts import Scale
from core.spec import NetSpec
from core.store.home import ROOT
from core.train.trainer import Trainer
from tests.unit.small_runs import NETS, trainer
from tests.unit.torch_types import gradient_of

Arrays = dict[str, np.ndarray]


def gradients(run: Trainer) -> Arrays:
    """Of the next minibatch, on a copy, without autocast and fused optimiser."""
    net = copy.deepcopy(run.net)
    images, labels = run.batches.batch(run.step)
    functional.cross_entropy(net(images), labels).backward()
    return {name: gradient_of(parameter).numpy().copy() for name, parameter in net.named_parameters()}


def weights(run: Trainer) -> Arrays:
    return {name: parameter.detach().numpy().copy() for name, parameter in run.net.named_parameters()}


def zeros(run: Trainer) -> Arrays:
    return {name: np.zeros_like(weight) for name, weight in weights(run).items()}


def decays(run: Trainer, name: str) -> bool:
    return run.run.train.decay == "all" or run.net.get_parameter(name).ndim > 1


def clipped(run: Trainer, found: Arrays) -> Arrays:
    limit = run.run.train.grad_clip
    if not limit:
        return found
    norm = np.sqrt(sum((gradient**2).sum() for gradient in found.values()))
    return {name: gradient * min(1.0, limit / norm) for name, gradient in found.items()}


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("recipe", [{}, {"decay": "weights"}, {"grad_clip": 0.1}, {"momentum": 0.0}], ids=str)
def test_sgd_is_the_update_by_hand(net: str, recipe: dict[str, object]) -> None:
    run = trainer(net, lr=0.05, weight_decay=0.01, **recipe)
    velocity = zeros(run)
    for _ in range(3):
        expected, lr = weights(run), run.lr(run.step)
        for name, gradient in clipped(run, gradients(run)).items():
            total = gradient + (0.01 if decays(run, name) else 0.0) * expected[name]
            velocity[name] = run.run.train.momentum * velocity[name] + total
            expected[name] = expected[name] - lr * velocity[name]
        run.train_step()
        for name, weight in weights(run).items():
            np.testing.assert_allclose(weight, expected[name], rtol=1e-4, atol=1e-6, err_msg=name)


def test_decay_on_weights_spares_biases_norms_and_fixups_scalars() -> None:
    """By where a parameter belongs, not by its shape: a multiplier of Fixup has none and is no weight of a layer."""
    norms = nn.BatchNorm2d | nn.GroupNorm
    for spec in (
        *NETS.values(),
        NetSpec(depth=8, width=4, norm="none", init="fixup"),
        NetSpec(depth=8, se_reduction=4),
    ):
        run = trainer(spec, decay="weights", weight_decay=0.01)
        expected = {
            f"{name}.weight" for name, part in run.net.named_modules() if isinstance(part, nn.Conv2d | nn.Linear)
        }
        names = {parameter: name for name, parameter in run.net.named_parameters()}
        decayed = {
            names[parameter] for group in run.optimizer.groups if group.weight_decay for parameter in group.params
        }
        assert decayed == expected
        spared = {f"{name}.weight" for name, part in run.net.named_modules() if isinstance(part, norms | Scale)}
        assert not decayed & spared


@pytest.mark.parametrize("decay", ["all", "weights"])
def test_adamw_is_the_update_by_hand(decay: str) -> None:
    """Loshchilov 2019, algorithm 2, with torch's betas and epsilon."""
    run = trainer("resnet", optimizer="adamw", lr=0.01, weight_decay=0.1, decay=decay)
    first, second = zeros(run), zeros(run)
    for step in range(1, 4):
        expected, lr = weights(run), run.lr(run.step)
        for name, gradient in gradients(run).items():
            first[name] = 0.9 * first[name] + 0.1 * gradient
            second[name] = 0.999 * second[name] + 0.001 * gradient**2
            mean, square = first[name] / (1 - 0.9**step), second[name] / (1 - 0.999**step)
            decayed = expected[name] * (1 - lr * (0.1 if decays(run, name) else 0.0))
            expected[name] = decayed - lr * mean / (np.sqrt(square) + 1e-8)
        run.train_step()
        for name, weight in weights(run).items():
            # a gradient near 0 has an unsure sign, and Adam makes a whole step of it
            difference = np.abs(weight - expected[name])
            assert np.quantile(difference, 0.9) < 1e-4, name
            assert difference.max() <= 2.1 * lr * step, name


@pytest.mark.parametrize("net", ["resnet", NetSpec(depth=14, width=4, survival_probability=0.2)], ids=str)
@pytest.mark.parametrize("recipe", [{}, {"momentum": 0.0}, {"optimizer": "adamw", "lr": 0.01}], ids=str)
def test_steps_are_torchs_own_to_the_last_bit(net: str | NetSpec, recipe: dict[str, object]) -> None:
    """Also where a step leaves branches out, whose parameters then have no gradient and stay as they are."""
    run = trainer(net, weight_decay=0.01, decay="weights", schedule="constant", **recipe)
    other = copy.deepcopy(run.net)
    groups = [
        {"params": [p for p in other.parameters() if (p.ndim > 1) == decays], "weight_decay": 0.01 if decays else 0.0}
        for decays in (True, False)
    ]
    wanted = run.run.train
    theirs: torch.optim.Optimizer = (
        torch.optim.AdamW(groups, lr=wanted.lr, fused=True)
        if wanted.optimizer == "adamw"
        else torch.optim.SGD(groups, lr=wanted.lr, momentum=wanted.momentum, fused=True)
    )
    for _ in range(5):
        run.train_step()
        for parameter, mine in zip(other.parameters(), run.net.parameters(), strict=True):
            parameter.grad = None if mine.grad is None else mine.grad.clone()
        theirs.step()
        for (name, parameter), mine in zip(other.named_parameters(), run.net.parameters(), strict=True):
            assert torch.equal(parameter, mine), name


def test_training_does_without_torchs_compiler() -> None:
    """Which takes a second to import."""
    code = (
        "import sys; from tests.unit.small_runs import trainer\n"
        "for optimizer in ('sgd', 'adamw'): trainer('resnet', optimizer=optimizer, grad_clip=1.0).train_step()\n"
        "print('torch' in sys.modules, 'torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"


def test_log_holds_loss_and_accuracy_of_the_minibatch() -> None:
    run = trainer("resnet")
    images, labels = run.batches.batch(0)
    logits = copy.deepcopy(run.net)(images)
    run.train_step()
    loss, accuracy = run.recent(1)[0].tolist()
    assert loss == pytest.approx(functional.cross_entropy(logits, labels).item(), rel=1e-5)
    assert accuracy == pytest.approx((logits.argmax(1) == labels).double().mean().item())


def test_evaluation_is_in_eval_mode_over_all_test_images() -> None:
    run = trainer("resnet")
    run.train_step()
    net = copy.deepcopy(run.net).eval()
    images, labels = (torch.cat(parts) for parts in zip(*run.batches.test_batches(7), strict=True))
    with torch.no_grad():
        logits = net(images)
    loss, accuracy = run.evaluate()
    assert loss == pytest.approx(functional.cross_entropy(logits, labels).item(), rel=1e-5)
    assert accuracy == pytest.approx((logits.argmax(1) == labels).double().mean().item())
    assert all(module.training for module in run.net.modules())


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_last_minibatch_of_a_single_picture_trains(net: str, precision: str) -> None:
    """Batch norm too: the smallest maps have 8x8 positions, so that there are 64 values a channel to normalise by."""
    run = trainer(net, batch_size=21, drop_last=False, precision=precision)
    for _ in range(run.total_steps):
        run.train_step()
    assert run.epoch.size(run.steps_per_epoch - 1) == 1
    assert run.is_finite()
    assert run.recent(1).isfinite().all()
