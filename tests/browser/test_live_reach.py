"""What stands in place of a number, in the browser that draws it: as :mod:`core.findings.reach` has it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Page

from core.findings.reach import standings
from core.nets import Net, build
from core.spec import NetSpec
from tests.browser.test_live_modules import call, modules  # noqa: F401 (a fixture)
from tests.unit.made_nets import PLAIN, VANISHED, bias_of, with_dead_layer
from tests.unit.test_findings_reach import measured

STANDINGS = """(async () => {
  const { RunStore } = await import('/api/static/any/live/store.js')
  const store = new RunStore("x")
  store.merge({ run: {}, seq: 2, events: v.events })
  return v.quantities.map((quantity) => m.standings(store, store.probes[0], quantity))
})()"""
QUANTITIES = ("weight_grad", "signal_grad", "update_ratio", "agreement", "std", "branch_ratio")


def vanished_before_a_dead_layer() -> Net:
    net = build(VANISHED)
    with torch.no_grad():
        bias_of(net.layers[3]).fill_(-1e6)
    return net


def dense() -> Net:
    net = build(NetSpec(family="densenet", depth=10, growth_rate=4))
    with torch.no_grad():
        net.get_submodule("block2.layer1.norm").bias.fill_(-100.0)  # type: ignore[operator]
    return net


@pytest.mark.parametrize(
    "make",
    [
        lambda: with_dead_layer(PLAIN, 5),
        lambda: with_dead_layer(NetSpec(depth=8, width=4, norm="none"), 5),
        lambda: build(NetSpec(depth=8, width=4, init="zero-gamma")),
        lambda: build(NetSpec(depth=8, width=4, branch_scale=0.0)),
        lambda: build(NetSpec(depth=8, width=4, norm="none", init="fixup")),
        vanished_before_a_dead_layer,
        dense,
    ],
    ids=["dead", "dead after the addition", "zero-gamma", "times 0", "fixup", "vanished", "dense"],
)
def test_both_judge_alike(modules: Page, make: Callable[[], Net]) -> None:  # noqa: F811
    run = measured(make(), step=True)
    events = [
        {"seq": event.seq, "step": 0, "kind": event.kind, "payload": json.loads(event.text)}
        for event in run.recording.events
    ]
    told = call(modules, "reach", STANDINGS, events=events, quantities=QUANTITIES)
    for quantity, found in zip(QUANTITIES, told, strict=True):
        expected = [each and each._asdict() for each in standings(run, run.looks[0], quantity)]
        assert found == expected, quantity
