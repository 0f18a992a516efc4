"""Runs that go on from where another one was, with something changed."""

from __future__ import annotations

import pytest
import torch

from core.arith.surgery import surgery
from core.data.files import load
from core.engine import client, forks
from core.spec import NetSpec, SpecError
from core.store.home import checkpoints
from core.store.store import EngineError
from core.train import checkpoint
from core.train.trainer import Trainer
from tests.engine.engines import Engine, curve, kill, tiny


def trained(lab: Engine, **train: object) -> str:
    """One epoch of 50 steps at a constant rate, to its end."""
    spec = tiny(watched=False)
    run_id = client.submit(spec.but(train=spec.train.but(schedule="constant", **train)))
    lab.until_status(run_id, "finished")
    return run_id


def test_more_epochs_are_those_of_a_longer_run_bit_for_bit(lab: Engine) -> None:
    first = trained(lab)
    longer = forks.fork(first, {}, forks.longer(lab.run(first), 1))
    whole = trained(lab, epochs=2)
    child = lab.until_status(longer, "finished")
    assert (child.parent, child.fork_step, child.step, child.total_steps) == (first, 50, 100, 100)
    (started,) = lab.events(longer, "started")
    assert started.step == 50
    curves = [curve(lab.events(run_id)) for run_id in (whole, first, longer)]
    assert curves[0] == curves[1] | curves[2]
    assert min(curves[2]) == 51


def test_skips_are_added_to_a_net_that_goes_on_with_its_weights(lab: Engine) -> None:
    """The first loss is that of the other net with the same weights, on the minibatch that would have come next."""
    spec = tiny(watched=False)
    plain = client.submit(spec.but(net=spec.net.but(skip=False)))
    lab.until_status(plain, "finished")
    child = forks.fork(plain, {"skip": True}, {"epochs": 2, "lr": 0.02})
    lab.until_status(child, "finished")
    state, _ = checkpoint.load(checkpoints(lab.store.folder(plain))[-1])
    trainer = Trainer(lab.run(child).spec, load(spec.train.data))
    trainer.load_state(state)
    assert not any("shortcut" in name for name in trainer.net.state_dict())
    before = torch.get_rng_state()
    trainer.train_step()
    torch.set_rng_state(before)
    assert curve(lab.events(child))[51] == trainer.recent(1)[0, 0].item()


def test_a_run_that_goes_on_waits_for_its_fork(lab: Engine) -> None:
    spec = tiny(epochs=1000, watched=False)
    first = client.submit(spec)
    lab.until_step(first, 3)
    child = forks.fork(first, {}, {"lr": 0.01})
    step = lab.run(child).fork_step
    assert step
    lab.until_step(child, step + 20)
    assert lab.run(child).group == lab.run(first).group
    reached = [max(curve(lab.events(run_id))) for run_id in (first, child)]
    assert min(reached) > step


def test_killed_before_its_first_checkpoint_it_begins_at_the_fork_again(lab: Engine) -> None:
    first = trained(lab)
    child = forks.fork(first, {}, {"epochs": 1000, "lr": 0.01})
    kill(lab.until_step(child, 55))
    lab.until(lambda: len(lab.events(child, "started")) == 2, "it begins again")
    lab.until_step(child, 60)
    client.command(child, "stop")
    lab.until_status(child, "stopped")
    assert [event.step for event in lab.events(child, "started", "resumed")] == [50, 50, 50]
    assert min(curve(lab.events(child))) == 51


def test_a_rate_that_was_set_by_hand_is_not_taken_along(lab: Engine) -> None:
    spec = tiny(epochs=1000, watched=False)
    first = client.submit(spec.but(train=spec.train.but(schedule="constant", lr=0.05)))
    lab.until_step(first, 2)
    client.command(first, "lr", 0.001)
    client.command(first, "stop")
    lab.until_status(first, "stopped")
    child = forks.fork(first, {}, {"weight_decay": 0.0})
    step = lab.run(child).fork_step
    assert step
    lab.until_step(child, step + 3)
    assert curve(lab.events(child), "lr")[step + 1] == pytest.approx(0.05)


def test_what_cannot_go_on_is_refused(lab: Engine) -> None:
    first = trained(lab)
    refused: list[tuple[dict[str, object], dict[str, object], str]] = [
        ({}, {"seed": 1}, "Seed cannot be changed on the way"),
        ({"depth": 14}, {}, "Depth cannot be changed on the way"),
        ({}, {}, "Nothing is changed"),
        ({}, {"lr": 0.01}, "where 1 epochs end"),
        ({"width": 8, "norm": "none"}, {}, "Width cannot be changed on the way"),
        ({}, {"epochs": 0}, "Number of epochs 0 is not possible"),
    ]
    for net, train, words in refused:
        with pytest.raises(SpecError, match=words):
            forks.fork(first, net, train)
    with pytest.raises(EngineError, match="has no checkpoint of step 7: choose one of 50"):
        forks.fork(first, {}, {"epochs": 2}, step=7)


def test_nothing_that_fits_is_refused(lab: Engine) -> None:
    spec = tiny(watched=False).but(net=NetSpec(family="densenet", depth=10, growth_rate=4, skip=False))
    run_id = client.submit(spec)
    lab.until_status(run_id, "finished")
    with pytest.raises(SpecError, match=r"^Of 29 tensors .* start a new run\.$"):
        forks.fork(run_id, {"skip": True}, {"epochs": 2})


def test_batch_norm_is_switched_on_while_it_goes_on(lab: Engine) -> None:
    """What it answers in eval mode is what the other run's net does, and its own checkpoints are of its own net."""
    spec = tiny(epochs=1000, watched=False)
    first = client.submit(spec.but(net=spec.net.but(norm="none", skip=False)))
    lab.until_step(first, 3)
    child = forks.fork(first, {"norm": "batch"}, {})
    step = lab.run(child).fork_step
    assert step
    lab.until_step(child, step + 5)
    (started,) = lab.events(child, "started")
    done = started.payload["taken_over"]
    assert (done["run"], done["step"], done["net"]) == (first, step, "plain-8 ×0.25 no BN")
    assert done["said"] == list(surgery(lab.run(first).spec.net, lab.run(child).spec.net).said)
    assert done["apart"] < 1e-4
    assert done["loss_before"] == pytest.approx(done["loss_after"], abs=1e-4)
    for run_id in (first, child):
        client.command(run_id, "stop")
        lab.until_status(run_id, "stopped")
    state, meta = checkpoint.load(checkpoints(lab.store.folder(child))[-1])
    trainer = Trainer(lab.run(child).spec, load(spec.train.data))
    trainer.load_state(state)
    assert (meta["run"], trainer.step) == (child, lab.run(child).step)


def test_killed_before_its_first_checkpoint_it_is_operated_on_again(lab: Engine) -> None:
    first = trained(lab, epochs=2)
    child = forks.fork(first, {"norm": "none"}, {"epochs": 1000, "batch_size": 50})
    kill(lab.until_step(child, 205))
    lab.until(lambda: len(lab.events(child, "started")) == 2, "it begins again")
    lab.until_step(child, 207)
    client.command(child, "stop")
    lab.until_status(child, "stopped")
    begun = lab.events(child, "started")
    assert [event.step for event in begun] == [200, 200]  # 100 steps of 100 pictures
    assert begun[0].payload["taken_over"] == begun[1].payload["taken_over"]
    told = [event.payload for event in lab.events(child, "metrics")]
    assert told[0]["steps"][0] == 201
    again = [each for each in told[1:] if each["steps"][0] == 201]
    assert again[0]["loss"][0] == told[0]["loss"][0]
