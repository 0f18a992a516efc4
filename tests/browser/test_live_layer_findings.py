"""What the dashboard says of gradients, signals and branches: the words, of known cases, in a real browser."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page

from tests.browser.test_live_findings import FALLING, LAYERS, PLAIN, Told, said
from tests.browser.test_live_modules import modules  # noqa: F401 (a fixture)


def layers(**at: float) -> np.ndarray:
    """1 in every layer but those given: layer5=1600."""
    values = np.ones(LAYERS)
    for name, value in at.items():
        values[int(name.removeprefix("layer")) - 1] = value
    return values


def test_first_against_last_where_they_say_it_all(modules: Page) -> None:  # noqa: F811
    run = Told(losses=FALLING).probe(0, weight_grad=layers(layer1=8.5))
    assert said(modules, run)["gradient"] == "Gradient: first layer 8.5 × the last convolution"
    other = Told(PLAIN, losses=FALLING).probe(0, weight_grad=layers(layer1=0.25, layer8=1e-9))
    assert said(modules, run, other)["gradient"] == "Gradient at step 0, first ÷ last: ResNet-8 8.5, plain-8 0.25"


def test_a_layer_between_that_is_worse_is_named(modules: Page) -> None:  # noqa: F811
    run = Told(losses=FALLING).probe(0, weight_grad=layers(layer3=1600, layer5=1e-4))
    told = said(modules, run)["gradient"]
    assert told == "Gradient: layer 3 (conv3) 1,600 ×, layer 5 (conv5) 1.0·10⁻⁴ × the last convolution"
    other = Told(PLAIN, losses=FALLING).probe(0, weight_grad=layers(layer1=3))
    told = said(modules, run, other)["gradient"]
    assert told == (
        "Gradient ÷ last convolution's at step 0: "
        "ResNet-8: 1,600 in layer 3, 1.0·10⁻⁴ in layer 5; plain-8: 3 in layer 1"
    )
    lost = Told(PLAIN, losses=FALLING).probe(0, weight_grad=layers(layer1=3, layer7=np.inf))
    assert said(modules, run, lost)["gradient"].startswith("Gradient at step 0: ResNet-8: 1.0·10⁻⁴ (layer 5) to 1,600")


def test_where_there_is_no_gradient_the_reason_is_said(modules: Page) -> None:  # noqa: F811
    dead = {"std": layers(layer5=0), "dead": layers(**{f"layer{n}": 0 for n in (1, 2, 3, 4, 6, 7, 8)})}
    gone = layers(layer1=0, layer2=0, layer3=0, layer4=0, layer5=0)
    run = Told({"skip": False, "norm": "none"}, losses=FALLING).probe(0, weight_grad=gone, **dead)
    run.events[0]["payload"]["blocks"] = []
    told = said(modules, run)
    assert told["gradient"] == "Gradient: layers 1–5 none (layer 5 answers 0), layer 6 (conv6) 1 × the last convolution"
    all_gone = Told(losses=FALLING).probe(0, weight_grad=np.zeros(LAYERS))
    assert said(modules, all_gone)["gradient"].startswith("Gradient: layers 1–7 ")


def test_agreement_may_be_0_or_less_and_the_classifier_has_no_part(modules: Page) -> None:  # noqa: F811
    run = Told(losses=FALLING).probe(0, agreement=[0.5, -0.125, 0, 0.9, 0.7, np.nan, 0.3, -1])
    assert said(modules, run)["agreement"] == (
        "Agreement of the gradients of two halves: "
        "layer 6 no direction (a half's gradient is 0 or no number), −0.13 (layer 2) to 0.9 (layer 4)"
    )
    other = Told(PLAIN, losses=FALLING).probe(0, agreement=np.full(8, -0.5))
    assert said(modules, run, other)["agreement"].endswith("; plain-8: about −0.5")


def test_a_gradient_that_is_no_number(modules: Page) -> None:  # noqa: F811
    run = Told(losses=FALLING).probe(0, weight_grad=layers(layer2=np.nan, layer7=np.inf))
    assert said(modules, run)["gradient"] == "Gradient: layers 2, 7 no number, about 1"


def test_updates_are_named_by_their_layers(modules: Page) -> None:  # noqa: F811
    run = Told(losses=FALLING).probe(0, update_ratio=layers(layer2=0.001, layer6=20))
    assert said(modules, run)["update"] == "Relative update: 0.001 (layer 2) to 20 (layer 6)"


def test_std_that_explodes_in_the_middle_is_named(modules: Page) -> None:  # noqa: F811
    exploded = layers(layer5=1600, layer6=0.02, layer7=0.011)
    dead = {"dead": [0, 0, 0, 0, 0, 1, 1, np.nan]}
    run = Told({"norm": "none"}, losses=FALLING).probe(0, std=exploded, **dead)
    told = said(modules, run)["signals"]
    assert told == (
        "Std of the responses: 1 in layer 1, 1,600 in layer 5 (conv5), 0.011 in layer 7 (conv7), dead from layer 6 on"
    )
    told = said(modules, Told(losses=FALLING).probe(0, std=layers(layer2=1.4)), run)["signals"]
    assert told == (
        "Std at step 0: with BN: 1 to 1.4; "
        "without BN: 1 in layer 1, 1,600 in layer 5, 0.011 in layer 7, dead from layer 6 on"
    )


def test_a_healthy_net_and_its_dead_parts(modules: Page) -> None:  # noqa: F811
    assert said(modules, Told(losses=FALLING).probe(0))["signals"] == "Std of the responses: about 1"
    one = Told(losses=FALLING).probe(0, dead=[0, 1, 0, 0.6, 0, 0, 0, np.nan])
    assert said(modules, one)["signals"] == "Std of the responses: about 1, dead in layer 2"
    most = Told(losses=FALLING).probe(0, dead=[0, 0.7, 0, 0.6, 0, 0, 0, np.nan])
    assert said(modules, most)["signals"] == "Std of the responses: about 1, over half the channels dead in layers 2, 4"
    without = Told(losses=FALLING).probe(0, dead=[0, 0, 1, np.nan, 1, np.nan, 1, np.nan])
    assert said(modules, without)["signals"].endswith("dead from layer 3 on")


def test_signals_that_are_no_number_or_nothing(modules: Page) -> None:  # noqa: F811
    run = Told(losses=FALLING).probe(0, std=[1, 1, np.inf, np.nan, np.nan, np.nan, np.nan, np.nan])
    assert said(modules, run)["signals"] == "Std of the responses: about 1, not a number from layer 3 on"
    silent = Told(losses=FALLING).probe(0, std=[1, 1, 0, 0, 0, 0, 0, 0])
    assert said(modules, silent)["signals"] == "Std of the responses: about 1, no response from layer 3 on"


def test_branches_that_differ_are_not_averaged(modules: Page) -> None:  # noqa: F811
    alike = Told(losses=FALLING).probe(0, branch_ratio=[0.5, 0.5, 0.5])
    assert said(modules, alike)["flow"] == "Branch ÷ shortcut: 0.5 on average"
    apart = Told(seed=1, losses=FALLING).probe(0, branch_ratio=[0.5, 12, 0.5])
    assert said(modules, apart)["flow"] == "Branch ÷ shortcut: 0.5 (block 1) to 12 (block 2)"
    assert said(modules, alike, apart)["flow"] == (
        "Branch ÷ shortcut at step 0: seed 0: 0.5 on average, seed 1: 0.5 (block 1) to 12 (block 2)"
    )


def test_branches_of_nothing(modules: Page) -> None:  # noqa: F811
    zero = Told({"init": "zero-gamma"}, losses=FALLING).probe(0, branch_ratio=[0, 0, 0])
    assert said(modules, zero)["flow"] == "Branch ÷ shortcut: blocks 1–3 none (the branch answers 0)"
    lost = Told(losses=FALLING).probe(0, branch_ratio=[0.5, np.nan, np.inf])
    assert said(modules, lost)["flow"] == "Branch ÷ shortcut: 0.5 on average, blocks 2–3 none (the shortcut answers 0)"


def test_a_ledger_says_nothing_of_weights_that_are_no_number(modules: Page) -> None:  # noqa: F811
    row = {"name": "transition1", "sources": [{"name": str(n), "channels": 12} for n in range(4)]}
    run = Told(losses=FALLING).probe(0, weight_share=[[0.4, 0.3, 0.2, 0.1]])
    run.events[0]["payload"]["ledger"] = [row]
    assert said(modules, run)["ledger"] == "Inputs grow to 48 channels; transition1 spends 30 % on late ones"
    run.probe(9, weight_share=[[np.nan] * 4])
    assert said(modules, run)["ledger"] == "Inputs grow to 48 channels"
    assert said(modules, run, step=5)["ledger"].endswith("spends 30 % on late ones at step 0")


# Moments ------------------------------------------------------------------------------------------------------------


def test_measurements_of_two_runs_are_as_near_as_they_can_be(modules: Page) -> None:  # noqa: F811
    often, seldom = Told(seed=1, losses=np.full(30, 1.0)), Told(seed=2, losses=np.full(30, 1.0))
    for step in range(0, 30, 4):
        often.probe(step)
    for step in range(0, 30, 13):
        seldom.probe(step)
    told = said(modules, often, seldom)
    assert told["measured"] == [28, 26]
    assert told["gradient"].startswith("Gradient at steps 28 and 26, first ÷ last")
    assert said(modules, often, seldom, step=11)["measured"] == [0, 0]
    assert said(modules, often, seldom, step=17)["measured"] == [12, 13]


def test_one_at_step_30_and_the_other_at_13(modules: Page) -> None:  # noqa: F811
    ahead, behind = Told(seed=1, losses=np.full(30, 1.0)), Told(seed=2, losses=np.full(13, 1.0))
    for step in range(0, 30, 2):
        ahead.probe(step)
    for step in range(0, 13, 2):
        behind.probe(step)
    told = said(modules, ahead, behind)
    assert told["measured"] == [12, 12]
    for finding in ("gradient", "update", "signals"):
        assert "at step 12" in told[finding]


def test_a_single_run_names_the_chosen_step_in_every_view(modules: Page) -> None:  # noqa: F811
    run = Told(losses=np.full(60, 1.0)).probe(0, branch_ratio=[1, 1, 1]).probe(30, branch_ratio=[2, 2, 2])
    told = said(modules, run, step=20)
    for finding in ("gradient", "update", "signals", "flow"):
        assert " at step 0:" in told[finding]
    assert "at step" not in said(modules, run)["flow"]
