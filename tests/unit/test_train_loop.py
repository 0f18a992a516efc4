"""The loop's events: none missing, none twice, and every command obeyed between two steps."""

from __future__ import annotations

import json
import math
import time

import numpy as np
import pytest
import torch
from torch import Tensor

from core.probes.timing import Stopwatch
from core.record.events import Command, Event, decode, encode
from core.train import loop
from core.train.loop import train
from core.train.report import Meter
from core.train.trainer import Trainer
from tests.unit.small_runs import NETS, all_losses, events_of, no_commands, pictures, run_spec, trainer
from tests.unit.torch_types import gradient_of


class Script:
    """Commands given at set steps; while the run is paused, one group of ``paused`` each time it waits."""

    def __init__(
        self, trainer: Trainer, at: dict[int, list[Command]], paused: list[list[Command]] | None = None
    ) -> None:
        self.trainer = trainer
        self.at = dict(at)
        self.paused = list(paused or [])
        self.waits: list[int] = []  # the step at each wait

    def __call__(self, seconds: float) -> list[Command]:
        if seconds > 0:
            self.waits.append(self.trainer.step)
            return self.paused.pop(0)
        return self.at.pop(self.trainer.step, [])


def of_kind(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event.kind == kind]


def steps_of(events: list[Event]) -> list[int]:
    return [int(step) for event in of_kind(events, "metrics") for step in event.payload["steps"]]


def test_every_step_is_reported_once_and_the_first_at_once() -> None:
    events = events_of(trainer(epochs=5))
    assert steps_of(events) == list(range(1, 21))
    assert of_kind(events, "metrics")[0].payload["steps"].tolist() == [1]
    for event in of_kind(events, "metrics"):
        lengths = {len(event.payload[name]) for name in ("steps", "loss", "accuracy", "lr")}
        assert lengths == {len(event.payload["steps"])}
        assert event.step == event.payload["steps"][-1]


def test_reported_losses_and_rates_are_those_of_the_steps() -> None:
    events = events_of(trainer(schedule="cosine"))
    run = trainer(schedule="cosine")
    expected = []
    for _ in range(8):
        run.train_step()
        expected.append(run.log[(run.step - 1) % 4, 0].item())
    np.testing.assert_array_equal(all_losses(events), np.array(expected, np.float32))
    rates = np.concatenate([event.payload["lr"] for event in of_kind(events, "metrics")])
    np.testing.assert_allclose(rates, [0.05 * (1 + math.cos(math.pi * step / 8)) for step in range(8)], rtol=1e-6)


def test_order_of_events() -> None:
    kinds = [event.kind for event in events_of(trainer()) if event.kind != "metrics"]
    assert kinds == ["started", "evaluation", "checkpoint", "evaluation", "checkpoint", "finished"]


def test_steps_of_events_never_go_back() -> None:
    run = Trainer(run_spec("resnet", probes=True), pictures())
    events = list(train(run, run.watcher(), no_commands))
    assert [event.step for event in events] == sorted(event.step for event in events)
    assert of_kind(events, "probe")[0].step == 0


@pytest.mark.parametrize("net", NETS)
def test_opening_says_what_the_page_needs(net: str) -> None:
    run = trainer(net)
    opening = next(iter(train(run, None, no_commands)))
    payload = opening.payload
    assert (payload["steps_per_epoch"], payload["total_steps"], payload["images"]) == (4, 8, 64)
    assert payload["epoch"] == "An epoch is 4 steps of 16 pictures, all 64."
    assert len(payload["layers"]) == run.run.net.depth - 2 * (net == "vgg")  # one linear layer where the name has three
    assert payload["precision"] == "float32"
    assert payload["threads"] == torch.get_num_threads()
    assert payload["versions"]["torch"] == torch.__version__
    assert payload["data_digest"] == pictures().digest
    assert payload["params"] == sum(parameter.numel() for parameter in run.net.parameters())
    assert bool(payload["blocks"]) == (net == "resnet")
    assert bool(payload["ledger"]) == (net == "densenet")


def test_all_but_checkpoints_travel_as_json() -> None:
    run = Trainer(run_spec("densenet", probes=True), pictures())
    for event in train(run, run.watcher(), no_commands):
        if event.kind != "checkpoint":
            text = encode(event.payload)
            json.loads(text, parse_constant=pytest.fail)  # no NaN as a bare word
            assert decode(text).keys() == event.payload.keys()
        else:
            json.dumps(event.payload["meta"])


def test_evaluation_is_the_mean_of_its_epoch() -> None:
    events = events_of(trainer())
    losses = all_losses(events)
    for number, event in enumerate(of_kind(events, "evaluation")):
        assert event.payload["epoch"] == number + 1
        assert event.payload["train_loss"] == pytest.approx(losses[4 * number : 4 * number + 4].mean(), rel=1e-6)
        assert 0 <= event.payload["test_accuracy"] <= 1
        assert event.payload["precision"] == "float32"
    summary = events[-1].payload
    last = of_kind(events, "evaluation")[-1].payload
    assert summary["test_accuracy"] == last["test_accuracy"]
    assert summary["train_loss"] == last["train_loss"]
    assert summary["epochs"] == 2
    assert summary["images_per_second"] == pytest.approx(8 * 16 / summary["seconds"])
    assert summary["precision"] == "float32"
    assert summary["clipped"] is None


def test_last_smaller_minibatch_counts_as_its_pictures() -> None:
    """60 pictures and 4 in turn: a mean over minibatches would give the four as much weight as the sixty."""
    run = trainer(batch_size=60, drop_last=False)
    events = events_of(run)
    assert steps_of(events) == [1, 2, 3, 4]
    losses = all_losses(events).astype(float)
    for number, event in enumerate(of_kind(events, "evaluation")):
        pair = losses[2 * number : 2 * number + 2]
        assert event.payload["epoch"] == number + 1
        assert event.payload["train_loss"] == pytest.approx(np.average(pair, weights=[60, 4]), rel=1e-6)
        assert event.payload["train_loss"] != pytest.approx(pair.mean(), rel=1e-3)
    summary = events[-1].payload
    assert summary["images_per_second"] == pytest.approx(2 * 64 / summary["seconds"])
    opening = events[0].payload
    assert (opening["steps_per_epoch"], opening["total_steps"]) == (2, 4)
    assert opening["epoch"] == "An epoch is 2 steps: 60 pictures each and 4 in the last one, all 64."


@pytest.mark.parametrize(("drop_last", "pictures_a_step"), [(False, 32), (True, 60)])
def test_speed_counts_pictures_that_are_trained_on(drop_last: bool, pictures_a_step: float) -> None:
    """On average a step has half of 64 pictures, or, where the rest is left out, 60."""
    run = trainer(batch_size=60, drop_last=drop_last)
    meter = Meter(run)
    run.train_step()
    metrics, _ = meter.read(None)
    assert metrics is not None
    assert metrics.payload["images_per_second"] == pytest.approx(pictures_a_step / meter.step_seconds)


@pytest.mark.parametrize(("limit", "some"), [(1e-3, False), (0.9, True), (1e6, False)])
def test_share_of_clipped_steps_is_that_of_gradients_above_the_limit(limit: float, some: bool) -> None:
    run = trainer(grad_clip=limit, epochs=4)
    squares = np.zeros(run.total_steps)

    def add(parameter: Tensor) -> None:
        squares[run.step] += float(gradient_of(parameter).double().square().sum())

    for parameter in run.parameters:
        parameter.register_post_accumulate_grad_hook(add)
    events = events_of(run)
    above = np.sqrt(squares) > limit
    for event in of_kind(events, "metrics"):
        assert event.payload["clipped"] == pytest.approx(above[: event.step].mean())
    assert events[-1].payload["clipped"] == pytest.approx(above.mean())
    assert (0 < above.mean() < 1) == some


def test_pause_blocks_until_resumed() -> None:
    run = trainer()
    script = Script(run, {3: [Command("pause")]}, paused=[[], [], [Command("resume")]])
    events = list(train(run, None, script))
    assert script.waits == [3, 3, 3]
    assert steps_of(events) == list(range(1, 9))
    controls = [(event.payload["command"], event.payload["applied"]) for event in of_kind(events, "control")]
    assert controls == [("pause", "paused"), ("resume", "resumed")]
    saved = of_kind(events, "checkpoint")[0]
    assert saved.step == 3
    assert 3 in [event.step for event in of_kind(events, "metrics")]  # nothing is kept back while it waits
    np.testing.assert_array_equal(all_losses(events), all_losses(events_of(trainer())))


def test_step_trains_one_minibatch_looks_at_it_and_waits_again() -> None:
    run = Trainer(run_spec("resnet", probes=True), pictures())
    watcher = run.watcher()
    two = [Command("step"), Command("step")]
    script = Script(run, {2: [Command("pause")]}, paused=[[Command("step")], two, [Command("stop")]])
    events = list(train(run, watcher, script))
    assert script.waits == [2, 3, 5]
    assert run.step == 5
    assert [event.step for event in of_kind(events, "probe")][-3:] == [2, 3, 4]
    assert [event.step for event in of_kind(events, "metrics")][-3:] == [3, 4, 5]
    last = of_kind(events, "probe")[-1].payload
    assert (last["update_ratio"] > 0).all()


def test_step_while_running_pauses_behind_it() -> None:
    run = trainer()
    script = Script(run, {2: [Command("step")]}, paused=[[Command("stop")]])
    list(train(run, None, script))
    assert script.waits == [3]


def test_pause_takes_back_steps_not_yet_made() -> None:
    run = trainer()
    script = Script(run, {1: [Command("step"), Command("step"), Command("pause")]}, paused=[[Command("stop")]])
    list(train(run, None, script))
    assert run.step == 1


@pytest.mark.parametrize("at", [0, 3, 4])
def test_stop_checkpoints_and_sums_up(at: int) -> None:
    run = trainer()
    events = list(train(run, None, Script(run, {at: [Command("stop")]})))
    assert [event.kind for event in events[-2:]] == ["checkpoint", "stopped"]
    assert {event.step for event in events[-2:]} == {at}
    assert steps_of(events) == list(range(1, at + 1))
    summary = events[-1].payload
    assert (summary["test_accuracy"] is None) == (at < 4)
    assert (summary["train_loss"] is None) == (at == 0)
    assert summary["epochs"] == at // 4


def test_changed_learning_rate_survives_a_resume() -> None:
    straight = trainer()
    list(train(straight, None, Script(straight, {2: [Command("lr", 0.01)]})))
    first = trainer()
    events = list(train(first, None, Script(first, {2: [Command("lr", 0.01)], 3: [Command("stop")]})))
    second = trainer()
    second.load_state(events[-2].payload["state"])
    events = events_of(second)
    assert events[0].kind == "resumed"
    assert events[0].step == events[0].payload["step"] == 3
    assert events[-1].kind == "finished"
    assert steps_of(events) == [4, 5, 6, 7, 8]
    for name, tensor in straight.tensors().items():
        assert torch.equal(second.tensors()[name], tensor), name


@pytest.mark.parametrize("wanted", [0.0, -1.0, math.nan, math.inf, None])
def test_impossible_learning_rate_is_refused_in_one_sentence(wanted: float | None) -> None:
    run = trainer()
    events = list(train(run, None, Script(run, {3: [Command("lr", wanted)]})))
    (control,) = of_kind(events, "control")
    assert control.payload["message"].endswith(".")
    assert control.payload["applied"] == run.scheduled_lr(3)
    np.testing.assert_array_equal(all_losses(events), all_losses(events_of(trainer())))


def test_checkpoint_on_request_resumes_to_the_same_end() -> None:
    run = trainer("densenet")
    events = list(train(run, None, Script(run, {2: [Command("checkpoint")]})))
    saved = of_kind(events, "checkpoint")[0]
    assert saved.step == saved.payload["meta"]["step"] == 2
    again = trainer("densenet")
    again.load_state(saved.payload["state"])
    losses = all_losses(events_of(again))
    np.testing.assert_array_equal(losses, all_losses(events)[2:])
    for name, tensor in run.tensors().items():
        assert torch.equal(again.tensors()[name], tensor), name


def test_resumed_behind_its_last_step_it_evaluates_and_finishes() -> None:
    first = trainer()
    finished = events_of(first)
    second = trainer()
    second.load_state(of_kind(finished, "checkpoint")[-1].payload["state"])
    events = events_of(second)
    assert [event.kind for event in events] == ["resumed", "finished"]
    assert events[-1].payload["test_accuracy"] == finished[-1].payload["test_accuracy"]
    assert events[-1].payload["train_loss"] == pytest.approx(finished[-1].payload["train_loss"])


def test_clock_leaves_out_consumers_and_commands() -> None:
    run, idle = trainer(epochs=1), Stopwatch()

    def slow_commands(seconds: float) -> list[Command]:
        with idle:
            time.sleep(0.02)
        return []

    events = []
    with Stopwatch() as whole:
        for event in train(run, None, slow_commands):
            events.append(event)
            with idle:
                time.sleep(0.02)
    assert 0 < events[-1].payload["seconds"] <= whole.seconds - idle.seconds


def test_checkpoint_is_due_by_the_clock_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
    events = events_of(trainer(epochs=1))
    assert [event.step for event in of_kind(events, "checkpoint")] == [1, 2, 3, 4]
    for event in of_kind(events, "checkpoint"):
        assert int(event.payload["state"]["step"]) == event.step
