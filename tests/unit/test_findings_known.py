"""All that is said of runs that everybody knows, word for word."""

from __future__ import annotations

import numpy as np

from core.nets import Net, build
from tests.unit.made_nets import PLAIN, VANISHED, payloads, with_dead_layer
from tests.unit.told_runs import FALLING, LAYERS, Told, layers, said


def first_looks(net: Net, losses: np.ndarray) -> Told:
    """A run of a real net, whose first measurement is a real one."""
    started, probe = payloads(net, step=True)
    run = Told(net.spec.model_dump(), losses=losses, started={name: started[name] for name in ("layers", "blocks")})
    return run.add("probe", 0, probe)


def test_a_healthy_net() -> None:
    run = Told(losses=[*np.linspace(2.3, 1.1, 400)]).probe(390, branch_ratio=[0.4, 0.5, 0.6]).test(390, 10, 0.712)
    told = said(run)
    assert told["learn"] == "Test accuracy 71.2 % after epoch 10; training loss still falling over the last 78 steps"
    assert told["gradient"] == "Gradient: first layer 1 × the last convolution"
    assert told["signals"] == "Std of the responses: about 1"
    assert told["flow"] == "Branch ÷ shortcut: 0.49 on average"


def test_dead_without_bn() -> None:
    told = said(first_looks(with_dead_layer(PLAIN, 5), np.full(60, 2.303)))
    assert told["learn"] == "Training loss 2.3 at step 60, level over the last 60 steps"
    assert told["gradient"].startswith(
        "Gradient: layers 1–6 none (layer 5 answers 0), layer 7 (stage3.block1.conv2) 1 ×"
    )
    assert "dead in layer 5" in told["signals"]
    assert told["flow"] == "No shortcuts: everything passes through every layer"


def test_a_gradient_that_never_arrives() -> None:
    told = said(first_looks(build(VANISHED), np.full(60, 2.303)))
    assert told["gradient"].startswith("Gradient: layers 1–")
    assert " below float32's reach, layer " in told["gradient"]


def test_plain_56_beside_resnet_56() -> None:
    plain = Told({"depth": 56, "skip": False}, losses=np.linspace(2.3, 2.2, 60)).probe(0, weight_grad=layers(layer1=40))
    residual = Told({"depth": 56}, losses=FALLING).probe(0, weight_grad=layers(layer1=1.5))
    told = said(plain, residual)
    assert told["learn"] == "Training loss at step 60: plain-56 2.22, ResNet-56 1.29"
    assert told["gradient"] == "Gradient at step 0, first ÷ last: plain-56 40, ResNet-56 1.5"


def test_one_that_diverged_beside_one_that_did_not() -> None:
    broken = Told({"norm": "none"}, losses=[2.3, 30, 9e4], status="diverged").add("diverged", 4, {"what": "x"})
    told = said(broken, Told(losses=np.full(30, 2.0)))
    assert told["learn"] == (
        "without BN diverged at step 4 (training loss 30,011); "
        "with BN: training loss 2 at step 30, level over the last 30 steps"
    )


def test_three_points_are_no_trend() -> None:
    assert said(Told(losses=[2.3, 2.2, 2.1]))["learn"] == "Training loss 2.2 at step 3, just begun"


def test_what_is_no_number_is_called_none() -> None:
    run = Told(losses=[2.3] * 30 + [np.nan]).probe(30, weight_grad=np.full(LAYERS, np.nan), std=np.full(LAYERS, np.nan))
    told = said(run.test(30, 1, None))
    assert told["learn"] == "Test accuracy – after epoch 1; training loss not a number at each of the last 30 steps"
    assert told["gradient"] == "Gradient: layers 1–7 not a number (NaN)"
    assert told["signals"] == "Std of the responses: not a number in every layer"


def test_one_seed_and_five() -> None:
    seeds = [Told(seed=seed, losses=np.full(30, 2.0)).test(30, 1, 0.3 + seed / 100) for seed in range(5)]
    assert said(seeds[0])["learn"] == ("Test accuracy 30.0 % after epoch 1; training loss level over the last 30 steps")
    assert said(*seeds[:4])["learn"] == (
        "Test accuracy after epoch 1: seed 0: 30.0 %, seed 1: 31.0 %, seed 2: 32.0 %, seed 3: 33.0 %"
    )
    assert said(*seeds)["learn"] == "Test accuracy after epoch 1: ResNet-8 30.0 % to 34.0 % over 5 seeds"


def test_a_rate_set_by_hand_is_a_difference() -> None:
    control = {"command": "lr", "requested": 0.01, "applied": 0.01, "first": 11, "until": 30, "end": 0.0}
    first, second = (Told(seed=seed, losses=np.full(30, 2.0)) for seed in (1, 2))
    second.add("control", 10, control)
    assert said(first, second)["learn"].endswith("; also differ in a rate set by hand")
    assert said(first.add("control", 10, control), second)["learn"].endswith("seed 2: 2")
