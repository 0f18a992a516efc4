"""What is said of gradients, signals and branches: the words, of known cases."""

from __future__ import annotations

import numpy as np

from tests.unit.told_runs import FALLING, LAYERS, PLAIN, Told, layers, said


def test_first_against_last_where_they_say_it_all() -> None:
    run = Told(losses=FALLING).probe(0, weight_grad=layers(layer1=8.5))
    assert said(run)["gradient"] == "Gradient: first layer 8.5 × the last convolution"
    other = Told(PLAIN, losses=FALLING).probe(0, weight_grad=layers(layer1=0.25, layer8=1e-9))
    assert said(run, other)["gradient"] == "Gradient at step 0, first ÷ last: ResNet-8 8.5, plain-8 0.25"


def test_a_layer_between_that_is_worse_is_named() -> None:
    run = Told(losses=FALLING).probe(0, weight_grad=layers(layer3=1600, layer5=1e-4))
    told = said(run)["gradient"]
    assert told == "Gradient: layer 3 (conv3) 1,600 ×, layer 5 (conv5) 1.0·10⁻⁴ × the last convolution"
    other = Told(PLAIN, losses=FALLING).probe(0, weight_grad=layers(layer1=3))
    told = said(run, other)["gradient"]
    assert told == (
        "Gradient ÷ last convolution's at step 0: "
        "ResNet-8: 1,600 in layer 3, 1.0·10⁻⁴ in layer 5; plain-8: 3 in layer 1"
    )
    lost = Told(PLAIN, losses=FALLING).probe(0, weight_grad=layers(layer1=3, layer7=np.inf))
    assert said(run, lost)["gradient"].startswith("Gradient at step 0: ResNet-8: 1.0·10⁻⁴ (layer 5) to 1,600")


def test_where_there_is_no_gradient_the_reason_is_said() -> None:
    dead = {"std": layers(layer5=0), "dead": layers(**{f"layer{n}": 0 for n in (1, 2, 3, 4, 6, 7, 8)})}
    gone = layers(layer1=0, layer2=0, layer3=0, layer4=0, layer5=0)
    run = Told({"skip": False, "norm": "none"}, losses=FALLING, started={"blocks": []})
    run.probe(0, weight_grad=gone, **dead)
    told = said(run)
    assert told["gradient"] == "Gradient: layers 1–5 none (layer 5 answers 0), layer 6 (conv6) 1 × the last convolution"
    all_gone = Told(losses=FALLING).probe(0, weight_grad=np.zeros(LAYERS))
    assert said(all_gone)["gradient"].startswith("Gradient: layers 1–7 ")


def test_agreement_may_be_0_or_less_and_the_classifier_has_no_part() -> None:
    run = Told(losses=FALLING).probe(0, agreement=[0.5, -0.125, 0, 0.9, 0.7, np.nan, 0.3, -1])
    assert said(run)["agreement"] == (
        "Agreement of the gradients of two halves: "
        "layer 6 no direction (a half's gradient is 0 or no number), −0.13 (layer 2) to 0.9 (layer 4)"
    )
    other = Told(PLAIN, losses=FALLING).probe(0, agreement=np.full(8, -0.5))
    assert said(run, other)["agreement"].endswith("; plain-8: about −0.5")


def test_a_gradient_that_is_no_number() -> None:
    run = Told(losses=FALLING).probe(0, weight_grad=layers(layer2=np.nan, layer7=np.inf))
    assert said(run)["gradient"] == "Gradient: layers 2, 7 no number, about 1"


def test_updates_are_named_by_their_layers() -> None:
    run = Told(losses=FALLING).probe(0, update_ratio=layers(layer2=0.001, layer6=20))
    assert said(run)["update"] == "Relative update: 0.001 (layer 2) to 20 (layer 6)"


def test_std_that_explodes_in_the_middle_is_named() -> None:
    exploded = layers(layer5=1600, layer6=0.02, layer7=0.011)
    dead = {"dead": [0, 0, 0, 0, 0, 1, 1, np.nan]}
    run = Told({"norm": "none"}, losses=FALLING).probe(0, std=exploded, **dead)
    told = said(run)["signals"]
    assert told == (
        "Std of the responses: 1 in layer 1, 1,600 in layer 5 (conv5), 0.011 in layer 7 (conv7), dead from layer 6 on"
    )
    told = said(Told(losses=FALLING).probe(0, std=layers(layer2=1.4)), run)["signals"]
    assert told == (
        "Std at step 0: with BN: 1 to 1.4; "
        "without BN: 1 in layer 1, 1,600 in layer 5, 0.011 in layer 7, dead from layer 6 on"
    )


def test_a_healthy_net_and_its_dead_parts() -> None:
    assert said(Told(losses=FALLING).probe(0))["signals"] == "Std of the responses: about 1"
    one = Told(losses=FALLING).probe(0, dead=[0, 1, 0, 0.6, 0, 0, 0, np.nan])
    assert said(one)["signals"] == "Std of the responses: about 1, dead in layer 2"
    most = Told(losses=FALLING).probe(0, dead=[0, 0.7, 0, 0.6, 0, 0, 0, np.nan])
    assert said(most)["signals"] == "Std of the responses: about 1, over half the channels dead in layers 2, 4"
    without = Told(losses=FALLING).probe(0, dead=[0, 0, 1, np.nan, 1, np.nan, 1, np.nan])
    assert said(without)["signals"].endswith("dead from layer 3 on")


def test_signals_that_are_no_number_or_nothing() -> None:
    run = Told(losses=FALLING).probe(0, std=[1, 1, np.inf, np.nan, np.nan, np.nan, np.nan, np.nan])
    assert said(run)["signals"] == "Std of the responses: about 1, not a number from layer 3 on"
    silent = Told(losses=FALLING).probe(0, std=[1, 1, 0, 0, 0, 0, 0, 0])
    assert said(silent)["signals"] == "Std of the responses: about 1, no response from layer 3 on"


def test_branches_that_differ_are_not_averaged() -> None:
    alike = Told(losses=FALLING).probe(0, branch_ratio=[0.5, 0.5, 0.5])
    assert said(alike)["flow"] == "Branch ÷ shortcut: 0.5 on average"
    apart = Told(seed=1, losses=FALLING).probe(0, branch_ratio=[0.5, 12, 0.5])
    assert said(apart)["flow"] == "Branch ÷ shortcut: 0.5 (block 1) to 12 (block 2)"
    assert said(alike, apart)["flow"] == (
        "Branch ÷ shortcut at step 0: seed 0: 0.5 on average, seed 1: 0.5 (block 1) to 12 (block 2)"
    )


def test_branches_of_nothing() -> None:
    zero = Told({"init": "zero-gamma"}, losses=FALLING).probe(0, branch_ratio=[0, 0, 0])
    assert said(zero)["flow"] == "Branch ÷ shortcut: blocks 1–3 none (the branch answers 0)"
    lost = Told(losses=FALLING).probe(0, branch_ratio=[0.5, np.nan, np.inf])
    assert said(lost)["flow"] == "Branch ÷ shortcut: 0.5 on average, blocks 2–3 none (the shortcut answers 0)"


def test_a_ledger_says_nothing_of_weights_that_are_no_number() -> None:
    row = {"name": "transition1", "sources": [{"name": str(n), "channels": 12} for n in range(4)]}
    run = Told(losses=FALLING, started={"ledger": [row]}).probe(0, weight_share=[[0.4, 0.3, 0.2, 0.1]])
    assert said(run)["ledger"] == "Inputs grow to 48 channels; transition1 spends 30 % on late ones"
    run.probe(9, weight_share=[[np.nan] * 4])
    assert said(run)["ledger"] == "Inputs grow to 48 channels"
    assert said(run, step=5)["ledger"].endswith("spends 30 % on late ones at step 0")


# Moments ------------------------------------------------------------------------------------------------------------


def test_measurements_of_two_runs_are_as_near_as_they_can_be() -> None:
    often, seldom = Told(seed=1, losses=np.full(30, 1.0)), Told(seed=2, losses=np.full(30, 1.0))
    for step in range(0, 30, 4):
        often.probe(step)
    for step in range(0, 30, 13):
        seldom.probe(step)
    told = said(often, seldom)
    assert told["measured"] == [28, 26]
    assert told["gradient"].startswith("Gradient at steps 28 and 26, first ÷ last")
    assert said(often, seldom, step=11)["measured"] == [0, 0]
    assert said(often, seldom, step=17)["measured"] == [12, 13]


def test_one_at_step_30_and_the_other_at_13() -> None:
    ahead, behind = Told(seed=1, losses=np.full(30, 1.0)), Told(seed=2, losses=np.full(13, 1.0))
    for step in range(0, 30, 2):
        ahead.probe(step)
    for step in range(0, 13, 2):
        behind.probe(step)
    told = said(ahead, behind)
    assert told["measured"] == [12, 12]
    for finding in ("gradient", "update", "signals"):
        assert "at step 12" in told[finding]


def test_a_single_run_names_the_chosen_step_in_every_view() -> None:
    run = Told(losses=np.full(60, 1.0)).probe(0, branch_ratio=[1, 1, 1]).probe(30, branch_ratio=[2, 2, 2])
    told = said(run, step=20)
    for finding in ("gradient", "update", "signals", "flow"):
        assert " at step 0:" in told[finding]
    assert "at step" not in said(run)["flow"]
