"""A run that breaks: found at the right step, in the right layer, with the last good state kept."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from core.record.events import Command, Event
from core.spec import NetSpec
from core.train import loop
from core.train.loop import train
from core.train.rate import Asked
from core.train.trainer import Trainer
from tests.unit.small_runs import NETS, PRECISIONS, all_losses, no_commands, trainer

DEEP = NetSpec(depth=14, width=4, skip=False, norm="none")
DRAWING = NetSpec(depth=8, width=4, dropout=0.3, survival_probability=0.5)  # random numbers at each step


def by_hand(run: Trainer) -> tuple[int, str]:
    """Step by step with a look at each loss: the first step, from 1, with one that is not finite, and the first layer
    whose weight or response to that minibatch is not finite."""
    while True:
        weights = {name: parameter.detach().clone() for name, parameter in run.net.named_parameters()}
        run.train_step()
        if not math.isfinite(run.log[(run.step - 1) % run.steps_per_epoch, 0].item()):
            break
    broken = run.step
    for name, parameter in run.net.named_parameters():
        parameter.data.copy_(weights[name])
    responses: dict[str, Tensor] = {}
    for layer in run.net.layers:
        layer.signal.register_forward_hook(
            lambda module, inputs, output, name=layer.name: responses.__setitem__(name, output)
        )
    with torch.no_grad(), run.autocast():
        run.net(run.batches.batch(broken - 1)[0])
    for layer in run.net.layers:
        if not (layer.module.weight.isfinite().all() and responses[layer.name].isfinite().all()):
            return broken, layer.name
    raise AssertionError("no layer is broken")


def explode(run: Trainer, layer: int, at: int) -> None:
    """From now on the gradient of that layer's weight is infinite in one place at that step."""

    def hook(gradient: Tensor) -> Tensor:
        if run.step == at:
            gradient = gradient.clone()
            gradient[(0,) * gradient.ndim] = math.inf
        return gradient

    run.net.layers[layer].module.weight.register_hook(hook)


def check(run: Trainer, events: list[Event], step: int, layer: str | None) -> None:
    """The last two events, and that nothing broken was ever given out."""
    assert [event.kind for event in events[-2:]] == ["checkpoint", "diverged"]
    saved, diverged = events[-2:]
    assert diverged.step == step
    assert diverged.payload["layer"] == layer
    assert diverged.payload["what"].endswith(".")
    assert str(step) in diverged.payload["what"]
    assert saved.step < step
    losses = all_losses(events)
    assert len(losses) == step - 1
    assert all(map(math.isfinite, losses))
    for event in events:
        if event.kind == "checkpoint":
            floats = [tensor for tensor in event.payload["state"].values() if tensor.is_floating_point()]
            assert all(tensor.isfinite().all() for tensor in floats)
    assert run.is_finite()


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("net", [NETS["plain"], DEEP], ids=["plain-8", "plain-14"])
def test_absurd_learning_rate(net: NetSpec, precision: str) -> None:
    recipe = {"lr": 1000.0, "precision": precision, "epochs": 5, "schedule": "constant"}
    step, layer = by_hand(trainer(net, **recipe))
    run = trainer(net, **recipe)
    events = list(train(run, None, no_commands))
    check(run, events, step, layer)
    assert "lower the learning rate (it was 1e+03)" in events[-1].payload["what"]
    assert "switch BN on" in events[-1].payload["what"]


def test_replay_starts_from_the_latest_state_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "REPORT_SECONDS", 0.0)
    monkeypatch.setattr(loop, "SNAPSHOT_SECONDS", 0.0)
    recipe = {"lr": 0.05, "epochs": 3, "schedule": "constant"}
    run, same = trainer("resnet", **recipe), trainer("resnet", **recipe)
    explode(run, layer=3, at=9)
    explode(same, layer=3, at=9)
    step, layer = by_hand(same)
    passes = []
    run.net.layers[0].module.register_forward_hook(lambda module, inputs, output: passes.append(run.step))
    check(run, list(train(run, None, no_commands)), step, layer)
    assert passes[-3:] == [9, 9, 10]  # trained, trained again, looked into


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("at", [0, 5, 7])
def test_infinite_weight_in_mid_run(net: str, at: int) -> None:
    """After that update the weight is infinite; the next minibatch shows it. At 7 there is no next one in the run."""
    run, same = trainer(net), trainer(net, epochs=3, schedule="constant")
    run_losses_at = at + 2
    explode(run, layer=3, at=at)
    explode(same, layer=3, at=at)
    step, layer = by_hand(same)
    assert (step, layer) == (run_losses_at, run.net.layers[3].name)
    events = list(train(run, None, no_commands))
    check(run, events, step, layer)
    assert events[-2].step == at  # the state before the update that broke


@pytest.mark.parametrize("net", [NETS["resnet"], DRAWING], ids=["no draws", "draws"])
def test_last_good_state_goes_on_as_if_nothing_had_been(net: NetSpec) -> None:
    run = trainer(net)
    explode(run, layer=3, at=5)
    saved = list(train(run, None, no_commands))[-2]
    healthy = trainer(net)
    while healthy.step < 8:
        healthy.train_step()
    again = trainer(net)
    again.load_state(saved.payload["state"])
    while again.step < 8:
        again.train_step()
    for name, tensor in healthy.tensors().items():
        assert torch.equal(again.tensors()[name], tensor), name


def test_learning_rate_set_on_the_way_is_replayed() -> None:
    """The replay starts behind the command, so it breaks at the same step."""
    run, same = (trainer(DEEP, batch_size=4, lr=0.01, schedule="constant") for _ in range(2))
    for _ in range(3):
        same.train_step()
    same.asked = Asked(1000.0, 3)
    step, layer = by_hand(same)
    assert step < run.steps_per_epoch  # no checkpoint between the command and the end

    def commands(seconds: float) -> list[Command]:
        return [Command("lr", 1000.0)] if run.step == 3 and run.asked is None else []

    check(run, list(train(run, None, commands)), step, layer)


def test_learning_rate_set_on_a_broken_net_is_not_replayed() -> None:
    """The update before the command broke it, at the old rate."""
    run, healthy = trainer("resnet"), trainer("resnet")
    explode(run, layer=3, at=2)

    def commands(seconds: float) -> list[Command]:
        return [Command("lr", 0.5)] if run.step == 3 else []

    events = list(train(run, None, commands))
    check(run, events, 4, run.net.layers[3].name)
    for _ in range(2):
        healthy.train_step()
    saved = events[-2].payload["state"]
    assert all(torch.equal(saved[name], tensor) for name, tensor in healthy.tensors().items())
    assert float(saved["lr_asked"]) == 0.0


def test_damage_that_training_did_not_do_is_called_that() -> None:
    """As by faulty memory: training again shows nothing wrong, and no layer is accused."""
    run = trainer("plain", epochs=3)

    def damage(seconds: float) -> list[Command]:
        if run.step == 6:
            run.net.layers[2].module.weight.data[0] = math.nan
        return []

    events = list(train(run, None, damage))
    check(run, events, 7, None)
    assert "may be faulty" in events[-1].payload["what"]


def test_watched_run_breaks_at_the_same_place() -> None:
    step, layer = by_hand(trainer(DEEP, lr=1000.0, epochs=5, schedule="constant"))
    run = trainer(DEEP, lr=1000.0, epochs=5, schedule="constant", probes=True)
    check(run, list(train(run, run.watcher(), no_commands)), step, layer)
