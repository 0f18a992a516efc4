"""What the dashboard says where a gradient reads 0, of networks that were made so, in the browser that says it."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from core.nets import Layer, Net, build
from core.probes.watch import Watcher
from core.record.events import encode
from core.spec import NetSpec, ProbeSpec
from tests.browser.test_live_modules import call, modules  # noqa: F401 (a fixture)

IMAGES, LABELS = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(1)), torch.arange(4)
PLAIN = NetSpec(depth=8, width=4, skip=False, norm="none")
VANISHED = NetSpec(depth=110, skip=False, norm="none", init="default")

STANDINGS = """(async () => {
  const { RunStore } = await import('/api/static/any/live/store.js')
  const store = new RunStore("x")
  store.merge({ run: {}, seq: 2, events: v.events })
  const [probe] = store.probes
  return { found: m.standings(store, probe, v.quantity), words: m.reachWords(store, probe, v.quantity) }
})()"""


def payloads(net: Net, precision: str = "float32", step: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a net's first measurement says: ``started`` and ``probe``; with ``step`` around an update that is none."""

    def autocast() -> AbstractContextManager[Any]:
        return torch.autocast("cpu", torch.bfloat16) if precision == "bf16" else nullcontext()

    watcher = Watcher(net, IMAGES, LABELS, ProbeSpec(), autocast)
    probe = watcher.observe()
    if step:
        probe |= watcher.after_update()
    started = {
        "spec": {"net": net.spec.model_dump()},
        "precision": precision,
        "layers": [layer.name for layer in net.layers],
        "blocks": [block.name for block in net.blocks],
        "ledger": [{"name": row.name, "sources": []} for row in net.ledger],
    }
    return started, probe


def measured(net: Net, precision: str = "float32", step: bool = False) -> list[dict[str, Any]]:
    """The same as events, as they travel."""
    return [
        {"seq": seq, "step": 0, "kind": kind, "payload": json.loads(encode(payload))}
        for seq, kind, payload in zip((1, 2), ("started", "probe"), payloads(net, precision, step), strict=True)
    ]


def told(page: Page, events: list[dict[str, Any]], quantity: str) -> tuple[list[str | None], str]:
    """Of each row what stands in place of a number, and the words for a finding."""
    answer = call(page, "reach", STANDINGS, events=events, quantity=quantity)
    return [each and f"{each['state']}: {each['words']}" for each in answer["found"]], answer["words"]


def bias_of(layer: Layer) -> torch.Tensor:
    """What is added last before the ReLU."""
    bias = layer.module.bias if layer.module.bias is not None else layer.signal.bias
    assert isinstance(bias, torch.Tensor)
    return bias


def with_dead_layer(spec: NetSpec, number: int) -> Net:
    """The ReLU of that layer, from 1, answers 0 to everything: the bias before it is far below."""
    net = build(spec)
    with torch.no_grad():
        for layer in net.layers[number:]:
            bias_of(layer).fill_(0.1)  # so that the layers behind it answer something
        bias_of(net.layers[number - 1]).fill_(-1e6)
    return net


def test_a_dead_layer_is_named_before_it_and_where_it_is_read(modules: Page) -> None:  # noqa: F811
    events = measured(with_dead_layer(PLAIN, 5))
    dead = "none: none: layer 5 answers 0"
    assert told(modules, events, "signal_grad") == (
        [dead] * 5 + [None] * 3,
        "none reaches layer 1: layer 5 answers 0",
    )
    assert told(modules, events, "weight_grad") == (
        [dead] * 6 + [None] * 2,  # the sixth layer's input is 0, and so is its weight's gradient
        "none reaches layer 1: layer 5 answers 0",
    )


def test_where_the_relu_stands_before_the_convolution_the_layer_reads_only_0(modules: Page) -> None:  # noqa: F811
    net = build(NetSpec(depth=8, width=4, skip=False, activation_order="pre"))
    with torch.no_grad():  # the norm whose ReLU the fifth layer reads
        net.get_submodule("stage2.block1.branch.norm2").bias.fill_(-100.0)  # type: ignore[operator]
    at = [layer.name for layer in net.layers].index("stage2.block1.conv2") + 1
    found, words = told(modules, measured(net), "weight_grad")
    assert words == f"none reaches layer 1: layer {at} reads only 0"
    assert found[at - 1] == f"none: none: layer {at} reads only 0"


@pytest.mark.parametrize(("precision", "name"), [("float32", "float32"), ("bf16", "bfloat16")])
def test_a_gradient_that_the_numbers_cannot_hold_is_below_their_reach(
    modules: Page,  # noqa: F811
    precision: str,
    name: str,
) -> None:
    events = vanished(precision)
    for quantity in ("weight_grad", "signal_grad"):
        found, words = told(modules, events, quantity)
        gone = len([each for each in found if each])
        assert 4 < gone < 60
        assert found == [f"below: below {name}'s reach"] * gone + [None] * (110 - gone)
        assert words == f"below {name}'s reach before layer {gone + 1}"


@lru_cache
def vanished(precision: str) -> list[dict[str, Any]]:
    return measured(build(VANISHED), precision)


def test_a_dead_layer_and_what_vanishes_behind_it_are_told_apart(modules: Page) -> None:  # noqa: F811
    net = build(VANISHED)
    with torch.no_grad():
        bias_of(net.layers[3]).fill_(-1e6)
    found, words = told(modules, measured(net), "signal_grad")
    assert found[:4] == ["none: none: layer 4 answers 0"] * 4
    assert found[4] == found[5] == "below: below float32's reach"
    assert found[-1] is None
    assert words == "none reaches layer 1: layer 4 answers 0"


def test_blocks_that_start_as_their_shortcut(modules: Page) -> None:  # noqa: F811
    """γ = 0 in the last norm of each branch: its layers get no gradient, the stem does."""
    events = measured(build(NetSpec(depth=8, width=4, init="zero-gamma")))
    found, words = told(modules, events, "weight_grad")
    assert found[0] is found[-1] is None
    assert found[1:3] == ["none: none: layer 3 answers 0"] * 2
    assert found[5:7] == ["none: none: layer 7 answers 0"] * 2
    assert words == "layers 2–7: none: a layer answers 0"
    found, words = told(modules, events, "branch_ratio")
    assert (found, words) == (["none: the branch answers 0"] * 3, "every block: the branch answers 0")


def test_a_branch_times_0(modules: Page) -> None:  # noqa: F811
    """Its last layer answers something, but what it answers counts for nothing."""
    events = measured(build(NetSpec(depth=8, width=4, branch_scale=0.0)))
    assert told(modules, events, "weight_grad")[0][1:3] == ["none: none: its branch answers 0"] * 2


def test_fixup_starts_with_a_classifier_of_zeros(modules: Page) -> None:  # noqa: F811
    found, words = told(modules, measured(build(NetSpec(depth=8, width=4, norm="none", init="fixup"))), "signal_grad")
    assert found[0] == found[6] == "none: none: layer 8 answers 0"
    assert found[1] == "none: none: layer 3 answers 0"  # the nearer one of two
    assert words == "none reaches layer 1: layer 8 answers 0"


def test_a_dead_branch_stops_only_its_own_layers(modules: Page) -> None:  # noqa: F811
    """Its middle ReLU answers 0; the stem is reached past it. Behind the addition a dead ReLU stops all."""
    dead = "none: none: layer {} answers 0"
    net = with_dead_layer(NetSpec(depth=8, width=4), 4)
    assert told(modules, measured(net), "signal_grad")[0] == [None] * 3 + [dead.format(4)] + [None] * 4
    spec = NetSpec(depth=8, width=4, norm="none")
    assert told(modules, measured(with_dead_layer(spec, 5)), "signal_grad")[0] == [dead.format(5)] * 5 + [None] * 3


def test_a_dead_dense_layer_stops_only_its_own(modules: Page) -> None:  # noqa: F811
    net = build(NetSpec(family="densenet", depth=10, growth_rate=4))
    with torch.no_grad():
        net.get_submodule("block2.layer1.norm").bias.fill_(-100.0)  # type: ignore[operator]
    at = [layer.name for layer in net.layers].index("block2.layer1.conv") + 1
    found, words = told(modules, measured(net), "weight_grad")
    assert [row for row, each in enumerate(found, 1) if each] == [at]
    assert words == f"layer {at}: none: layer {at} reads only 0"


def test_updates(modules: Page) -> None:  # noqa: F811
    """No weight moves: where there is a gradient the update is too small, where there is none that is why."""
    found, words = told(modules, measured(with_dead_layer(PLAIN, 5), step=True), "update_ratio")
    assert found == ["none: none: layer 5 answers 0"] * 6 + ["below: too small to move a float32 weight"] * 2
    assert words == "none reaches layer 1: layer 5 answers 0"
    net = build(NetSpec(depth=8, width=4, norm="none", init="fixup"))
    found, _ = told(modules, measured(net, step=True), "update_ratio")
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
def test_three_states_and_numbers_of_any_size(modules: Page, quantity: str, value: float, said: str | None) -> None:  # noqa: F811
    probe = {quantity: np.array([value, 1.0]), "mean": np.ones(2, np.float32)}
    events = [{"seq": 1, "step": 0, "kind": "probe", "payload": json.loads(encode(probe))}]
    assert told(modules, events, quantity)[0] == [said, None]


def test_what_an_older_version_wrote_is_told_too(modules: Page) -> None:  # noqa: F811
    """Norms as float32, and nothing known of the layers."""
    probe = {"weight_grad": np.array([0, 1e-30, 1], np.float32)}
    events = [{"seq": 1, "step": 0, "kind": "probe", "payload": json.loads(encode(probe))}]
    assert told(modules, events, "weight_grad") == (
        ["below: below float32's reach", None, None],
        "below float32's reach before layer 2",
    )


def test_zeros_without_a_known_cause_are_not_called_too_small(modules: Page) -> None:  # noqa: F811
    probe = {"weight_grad": np.array([0.0, 1e-3, 1])}
    events = [{"seq": 1, "step": 0, "kind": "probe", "payload": json.loads(encode(probe))}]
    assert told(modules, events, "weight_grad") == (["none: none", None, None], "none reaches layer 1")
