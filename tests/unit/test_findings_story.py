"""What the story tells of the known cases: where it begins, in which layer, and why."""

from __future__ import annotations

import numpy as np
import pytest

from core.findings import cures
from core.findings.cures import cured
from core.findings.moment import moment_of
from core.findings.story import Happening, story
from core.spec import NetSpec, RunSpec, TrainSpec
from tests.unit.told_runs import FALLING, LAYERS, PLAIN, Told, layers, seen


def told(*runs: Told, step: int | None = None) -> list[Happening]:
    known = seen(*runs)
    return story(known, moment_of(known, step))


def texts(*runs: Told, step: int | None = None) -> list[str]:
    return [happening["text"] for happening in told(*runs, step=step)]


def healthy() -> Told:
    return Told(losses=FALLING).probe(0, weight_grad=layers(layer1=1.2))


def test_a_healthy_run_leaves_guessing_and_is_tested() -> None:
    run = healthy().test(39, 1, 0.312).test(60, 2, 0.405)
    [left, first, best] = told(run)
    assert [happening["text"][:10] for happening in told(run.test(78, 3, 0.4), step=39)][-1] == "First test"
    assert left["card"] == "learns"
    assert "where guessing has 2.30" in left["text"]
    recent = np.array([FALLING[max(0, last - 19) : last + 1].mean() for last in range(len(FALLING))])
    assert left["step"] == 1 + int(np.flatnonzero(recent < 0.95 * np.log(10))[0])  # the mean of 20, a second time
    assert first["text"] == "First test, after epoch 1: 31.2 % of pictures that it never saw."
    assert (best["step"], best["text"]) == (
        60,
        "Best test so far, after epoch 2: 40.5 % of pictures that it never saw.",
    )


def test_a_single_test_is_told_once() -> None:
    assert sum("test" in text for text in texts(healthy().test(39, 1, 0.312))) == 1


def test_nothing_is_told_that_comes_after_the_moment() -> None:
    run = healthy().probe(10).test(39, 1, 0.312)
    assert texts(run, step=0) == []
    assert all(happening["step"] <= 20 for happening in told(run, step=20))


def test_three_points_tell_nothing() -> None:
    assert texts(Told(losses=[2.31, 2.30, 2.31])) == []
    assert texts(Told()) == []


def test_dead_layers_are_told_with_what_stands_still_and_the_cure() -> None:
    run = Told({"skip": False, "norm": "none"}, losses=np.full(60, 2.3026))
    run.probe(0)
    gone = np.array([0.1, 0.2, 0.4, 0.9, 1, 1, 1, np.nan])
    run.probe(12, dead=gone, weight_grad=layers(layer1=0, layer2=0, layer3=0, layer4=0, layer5=0))
    run.probe(20, dead=gone)
    [dead] = told(run)
    assert (dead["step"], dead["card"]) == (12, "signals")
    assert dead["text"] == (
        "Layer 5 (conv5) answers 0 to every picture measured: a ReLU that gives 0 passes no gradient back, so layers "
        "1–5 stand still. Batch norm centres what comes before each ReLU: train the twin with BN."
    )


def test_nothing_stands_still_where_gradients_were_measured() -> None:
    run = Told(losses=FALLING).probe(12, dead=np.array([0, 1, 0, 0, 0, 0, 0, np.nan]))
    [dead] = [text for text in texts(run) if "answers 0" in text]
    assert "stand" not in dead
    assert "BN" not in dead  # it has it


def test_responses_that_explode_are_told_at_the_layer_that_matters() -> None:
    run = Told({"skip": False, "norm": "none"}, losses=FALLING).probe(0, std=layers(layer5=1600, layer7=0.01))
    [away] = [happening for happening in told(run) if happening["card"] == "signals"]
    assert away["text"] == (
        "Before the first step already, responses grow 1,600-fold from the first layer to layer 5 (conv5): each layer "
        "multiplies what the one before did, and no norm brings it back."
    )


def test_responses_that_die_away() -> None:
    run = Told({"norm": "none"}, losses=FALLING).probe(4, std=layers(layer7=1e-5))
    assert any("responses shrink 100,000-fold" in text for text in texts(run))


def test_plain_nets_are_told_that_nothing_vanishes() -> None:
    run = Told(PLAIN, losses=FALLING).probe(0, weight_grad=layers(layer1=8.5))
    [text] = [text for text in texts(run) if "gradient" in text]
    assert text.startswith("At first the gradient does not vanish: in the first layer it is 8.5 ×")
    assert "section 4.1" in text
    assert not any("gradient" in text for text in texts(Told(losses=FALLING).probe(0, weight_grad=layers(layer1=8.5))))


def test_a_gradient_that_does_vanish_is_told_so() -> None:
    run = Told({"skip": False, "norm": "none"}, losses=FALLING).probe(0, weight_grad=layers(layer1=0.001))
    assert any("gets 1 part in 1,000 of what the last convolution gets" in text for text in texts(run))


@pytest.mark.parametrize(("warmup", "cure"), [(0, "A warm-up of some hundred steps"), (30, "A longer warm-up")])
def test_a_loss_that_shoots_up_at_the_start(warmup: int, cure: str) -> None:
    losses = np.concatenate([np.linspace(2.4, 9, 10), np.linspace(8, 2.2, 60)])
    [shot] = [happening for happening in told(Told(losses=losses, warmup_steps=warmup)) if "rose" in happening["text"]]
    assert cure in shot["text"]
    assert shot["step"] <= 30


def test_numbers_that_are_none_tell_nothing_wrong() -> None:
    run = Told(losses=[np.nan] * 5).probe(0, std=np.full(LAYERS, np.nan), weight_grad=np.full(LAYERS, np.nan))
    assert texts(run) == []


def test_a_diverged_run_ends_with_its_sentence() -> None:
    run = Told(losses=[2.3, 2.4, 3], status="diverged")
    run.add("diverged", 4, {"what": "the loss of step 4 is not a number", "layer": None})
    last = told(run)[-1]
    assert (last["step"], last["run"], last["card"]) == (4, "", "learns")
    assert last["text"] == "It diverged: the loss of step 4 is not a number."
    assert last["cure"] == {"label": "Train it at rate 0.01", "part": "train", "field": "lr", "value": 0.01}


def test_a_rate_that_was_set_by_hand() -> None:
    run = healthy().add("control", 30, {"command": "lr", "requested": 0.02, "applied": 0.02, "first": 31, "until": 40})
    [rate] = [happening for happening in told(run) if "Somebody" in happening["text"]]
    assert rate["step"] == 31
    assert "set the learning rate to 0.02" in rate["text"]


def test_several_runs_are_told_apart_and_in_order_of_time() -> None:
    found = told(healthy().test(39, 1, 0.31), Told(PLAIN, losses=FALLING).probe(0, weight_grad=layers(layer1=8.5)))
    assert [happening["step"] for happening in found] == sorted(happening["step"] for happening in found)
    assert {happening["run"] for happening in found} == {"ResNet-8", "plain-8"}


def dead_without_bn() -> Told:
    run = Told({"skip": False, "norm": "none"}, losses=np.full(60, 2.3026))
    return run.probe(12, dead=np.array([0, 0, 0, 0, 1, 1, 1, np.nan]))


def test_what_to_try_is_one_field_and_not_offered_where_it_is_tried() -> None:
    run, twin = dead_without_bn(), Told({"skip": False, "norm": "batch"}, losses=FALLING)
    [dead] = [each for each in told(run) if each["card"] == "signals"]
    assert dead["cure"] == {"label": "Train the twin with BN", "part": "net", "field": "norm", "value": "batch"}
    assert cured(run.spec, dead["cure"]) == twin.spec
    [dead] = [each for each in told(run, twin) if each["card"] == "signals"]
    assert dead["cure"] is None


@pytest.mark.parametrize(("warm", "total", "steps"), [(0, 2000, 200), (0, 400, 100), (50, 2000, 100), (90, 400, 100)])
def test_a_warm_up_is_tried_that_is_longer_and_leaves_most_of_the_run(warm: float, total: int, steps: float) -> None:
    found = cures.warm_up(RunSpec(train=TrainSpec(warmup_steps=warm)), total)
    assert found
    assert (found["field"], found["value"]) == ("warmup_steps", steps)


def test_a_warm_up_that_cannot_be_longer_is_not_tried() -> None:
    assert cures.warm_up(RunSpec(train=TrainSpec(warmup_steps=100)), 400) is None


def test_what_the_spec_refuses_is_not_offered() -> None:
    assert cures.norm(RunSpec(net=NetSpec(norm="none", init="fixup"))) is None
    assert cures.skips(RunSpec(net=NetSpec(family="vgg", depth=13))) is None
