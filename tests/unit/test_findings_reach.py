"""Why a layer's gradient, ratio or spread reads 0, or is no number: of networks that were made so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.findings.gaps import gaps_of
from core.findings.reach import grouped, rows_in_words, standings
from core.findings.seen import Seen
from core.nets import Net, build
from core.record.events import StoredEvent, encode
from core.record.past import Past
from core.record.recording import Head
from core.spec import NetSpec, RunSpec
from tests.unit.made_nets import PLAIN, VANISHED, bias_of, payloads, with_dead_layer


def seen(net: NetSpec, *payloads: tuple[str, dict[str, Any]]) -> Seen:
    """A run of that net, and what was said of it at step 0."""
    past = Past()
    past.add(StoredEvent(seq, 0, 0.0, kind, encode(payload)) for seq, (kind, payload) in enumerate(payloads, 1))
    return Seen(past.recording(Head("a", "a", RunSpec(net=net), "running", "", 0.0, 0, None)), "a")


def measured(net: Net, precision: str = "float32", step: bool = False) -> Seen:
    started, probe = payloads(net, precision, step)
    return seen(net.spec, ("started", started), ("probe", probe))


def told(run: Seen, quantity: str) -> list[str | None]:
    """Of each row what stands in place of a number."""
    return [each and f"{each.state}: {each.words}" for each in standings(run, run.looks[0], quantity)]


def test_a_dead_layer_is_named_before_it_and_where_it_is_read() -> None:
    run = measured(with_dead_layer(PLAIN, 5))
    dead = "none: none: layer 5 answers 0"
    assert told(run, "signal_grad") == [dead] * 5 + [None] * 3
    # the sixth layer's input is 0, and so is its weight's gradient
    assert told(run, "weight_grad") == [dead] * 6 + [None] * 2


def test_where_the_relu_stands_before_the_convolution_the_layer_reads_only_0() -> None:
    net = build(NetSpec(depth=8, width=4, skip=False, activation_order="pre"))
    with torch.no_grad():  # the norm whose ReLU the fifth layer reads
        net.get_submodule("stage2.block1.branch.norm2").bias.fill_(-100.0)  # type: ignore[operator]
    at = [layer.name for layer in net.layers].index("stage2.block1.conv2") + 1
    found = told(measured(net), "weight_grad")
    assert found[at - 1] == f"none: none: layer {at} reads only 0"


@pytest.mark.parametrize(("precision", "name"), [("float32", "float32"), ("bf16", "bfloat16")])
def test_a_gradient_that_the_numbers_cannot_hold_is_below_their_reach(
    precision: str,
    name: str,
) -> None:
    run = measured(build(VANISHED), precision)
    for quantity in ("weight_grad", "signal_grad"):
        found = told(run, quantity)
        gone = len([each for each in found if each])
        assert 4 < gone < 60
        assert found == [f"below: below {name}'s reach"] * gone + [None] * (110 - gone)


def test_a_dead_layer_and_what_vanishes_behind_it_are_told_apart() -> None:
    net = build(VANISHED)
    with torch.no_grad():
        bias_of(net.layers[3]).fill_(-1e6)
    found = told(measured(net), "signal_grad")
    assert found[:4] == ["none: none: layer 4 answers 0"] * 4
    assert found[4] == found[5] == "below: below float32's reach"
    assert found[-1] is None


def test_blocks_that_start_as_their_shortcut() -> None:
    """γ = 0 in the last norm of each branch: its layers get no gradient, the stem does."""
    run = measured(build(NetSpec(depth=8, width=4, init="zero-gamma")))
    found = told(run, "weight_grad")
    assert found[0] is found[-1] is None
    assert found[1:3] == ["none: none: layer 3 answers 0"] * 2
    assert found[5:7] == ["none: none: layer 7 answers 0"] * 2
    found = told(run, "branch_ratio")
    assert found == ["none: the branch answers 0"] * 3


def test_a_branch_times_0() -> None:
    """Its last layer answers something, but what it answers counts for nothing."""
    run = measured(build(NetSpec(depth=8, width=4, branch_scale=0.0)))
    assert told(run, "weight_grad")[1:3] == ["none: none: its branch answers 0"] * 2


def test_fixup_starts_with_a_classifier_of_zeros() -> None:
    found = told(measured(build(NetSpec(depth=8, width=4, norm="none", init="fixup"))), "signal_grad")
    assert found[0] == found[6] == "none: none: layer 8 answers 0"
    assert found[1] == "none: none: layer 3 answers 0"  # the nearer one of two


def test_a_dead_branch_stops_only_its_own_layers() -> None:
    """Its middle ReLU answers 0; the stem is reached past it. Behind the addition a dead ReLU stops all."""
    dead = "none: none: layer {} answers 0"
    net = with_dead_layer(NetSpec(depth=8, width=4), 4)
    assert told(measured(net), "signal_grad") == [None] * 3 + [dead.format(4)] + [None] * 4
    spec = NetSpec(depth=8, width=4, norm="none")
    assert told(measured(with_dead_layer(spec, 5)), "signal_grad") == [dead.format(5)] * 5 + [None] * 3


def test_a_dead_dense_layer_stops_only_its_own() -> None:
    net = build(NetSpec(family="densenet", depth=10, growth_rate=4))
    with torch.no_grad():
        net.get_submodule("block2.layer1.norm").bias.fill_(-100.0)  # type: ignore[operator]
    at = [layer.name for layer in net.layers].index("block2.layer1.conv") + 1
    found = told(measured(net), "weight_grad")
    assert [row for row, each in enumerate(found, 1) if each] == [at]


def test_updates() -> None:
    """No weight moves: where there is a gradient the update is too small, where there is none that is why."""
    found = told(measured(with_dead_layer(PLAIN, 5), step=True), "update_ratio")
    assert found == ["none: none: layer 5 answers 0"] * 6 + ["below: too small to move a float32 weight"] * 2
    net = build(NetSpec(depth=8, width=4, norm="none", init="fixup"))
    found = told(measured(net, step=True), "update_ratio")
    assert found[2] == found[-1] == "unknown: no ratio: the weight is 0"


@pytest.mark.parametrize(
    ("quantity", "value", "said"),
    [
        ("weight_grad", np.nan, "unknown: not a number (NaN)"),
        ("signal_grad", np.inf, "unknown: infinite: beyond float32's reach"),
        ("branch_ratio", np.nan, "unknown: no ratio: the shortcut answers 0"),
        ("branch_ratio", np.inf, "unknown: no ratio: the shortcut answers 0"),
        ("std", 0.0, "none: all values are equal"),
        ("std", np.nan, "unknown: not a number (NaN)"),
        ("weight_grad", 3.6e-46, None),
        ("weight_grad", 1e300, None),
    ],
)
def test_three_states_and_numbers_of_any_size(quantity: str, value: float, said: str | None) -> None:
    probe = {quantity: np.array([value, 1.0]), "mean": np.ones(2, np.float32)}
    run = seen(NetSpec(), ("probe", probe))
    assert told(run, quantity) == [said, None]


def test_what_an_older_version_wrote_is_told_too() -> None:
    """Norms as float32, and nothing known of the layers."""
    probe = {"weight_grad": np.array([0, 1e-30, 1], np.float32)}
    run = seen(NetSpec(), ("probe", probe))
    assert told(run, "weight_grad") == ["below: below float32's reach", None, None]


def test_zeros_without_a_known_cause_are_not_called_too_small() -> None:
    probe = {"weight_grad": np.array([0.0, 1e-3, 1])}
    run = seen(NetSpec(), ("probe", probe))
    assert told(run, "weight_grad") == ["none: none", None, None]


def test_rows_of_which_the_same_is_so_are_named_together() -> None:
    net = build(NetSpec(depth=8, width=4, norm="none", init="fixup"))
    run = measured(net, step=True)
    groups = grouped(standings(run, run.looks[0], "update_ratio"))
    assert [(group.words, rows_in_words(group.rows, "layer")) for group in groups] == [
        ("none: a layer answers 0", "layers 1–2, 4, 6"),
        ("no ratio: the weight is 0", "layers 3, 5, 7–8"),
    ]
    assert rows_in_words([1, 3, 5, 7, 8], "block") == "blocks 1, 3, 5 and others"


def test_what_is_so_of_a_look_is_told_where_it_changes() -> None:
    started, probe = payloads(with_dead_layer(PLAIN, 5), step=True)
    _, alive = payloads(build(PLAIN), step=True)
    past = Past()
    looks = [probe, probe, alive, probe]
    past.add([StoredEvent(1, 0, 0.0, "started", encode(started))])
    past.add(StoredEvent(step + 2, step, 0.0, "probe", encode(look)) for step, look in enumerate(looks))
    run = Seen(past.recording(Head("a", "a", RunSpec(net=PLAIN), "running", "", 0.0, 0, None)), "a")
    dead = [{"state": "none", "words": "none: layer 5 answers 0", "rows": [0, 1, 2, 3, 4, 5]}]
    assert gaps_of(run, "weight_grad") == [
        {"step": 0, "gaps": dead},
        {"step": 2, "gaps": []},
        {"step": 3, "gaps": dead},
    ]
    assert gaps_of(run, "branch_ratio") == []
