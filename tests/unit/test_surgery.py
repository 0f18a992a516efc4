"""Nets that go on as others: what they answer, what is kept of them, and whether the count beforehand was right."""

from __future__ import annotations

import itertools
import random
from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor

from core.arith.surgery import surgery
from core.nets import build
from core.nets.surgery import Operated, operated
from core.spec import NetSpec
from core.train.trainer import Trainer
from tests.unit.small_runs import trainer

PLAIN = NetSpec(depth=14, width=4, skip=False)
RESIDUAL = NetSpec(depth=14, width=4)
BOTTLENECK = NetSpec(depth=11, width=4, bottleneck=True, shortcut="B")
PRE = RESIDUAL.but(activation_order="pre", shortcut="B")
DENSE = NetSpec(family="densenet", depth=10, growth_rate=4)
VGG = NetSpec(family="vgg", depth=11, width=4)
WIDE = NetSpec(family="wide", depth=10, width=4, width_multiplier=2)
KINDS = {
    **{"plain": PLAIN, "residual": RESIDUAL, "bottleneck": BOTTLENECK, "pre": PRE, "wide": WIDE},
    **{"dense": DENSE, "dense BC": DENSE.but(bottleneck=True, compression=0.5), "vgg": VGG},
    **{"plain pre": PLAIN.but(activation_order="pre"), "C": RESIDUAL.but(shortcut="C")},
    **{"se": RESIDUAL.but(se_reduction=2), "scaled": RESIDUAL.but(branch_scale=0.5, survival_probability=0.5)},
    "bn-after-add": RESIDUAL.but(activation_order="bn-after-add", shortcut="B"),
}
FOLDABLE = ("plain", "residual", "bottleneck", "vgg", "plain pre", "C", "se", "scaled")


@cache
def trained(spec: NetSpec) -> Trainer:
    """Eight steps, so that norms, biases and running statistics are all something of their own."""
    made = trainer(spec, lr=0.02)
    for _ in range(8):
        made.train_step()
    return made


def batches_of(made: Trainer) -> list[Tensor]:
    return [made.batches.batch(step)[0] for step in range(4)]


def gone_on(was: NetSpec, now: NetSpec) -> Operated:
    made = trained(was)
    weights = {name: tensor.clone() for name, tensor in made.net.state_dict().items()}
    return operated(weights, was, now, seed=0, batches=batches_of(made))


def apart(was: NetSpec, now: NetSpec) -> float:
    """The most that two logits of test pictures differ, in eval mode."""
    made = trained(was)
    images = torch.cat([images for images, _ in made.batches.test_batches(20)])
    with torch.no_grad():
        answers = [net.eval()(images) for net in (made.net, gone_on(was, now).net)]
    made.net.train()
    assert answers[0].std() > 0.01  # a net that says nothing would agree with anything
    return float((answers[0] - answers[1]).abs().max())


@pytest.mark.parametrize("kind", KINDS)
def test_batch_norm_that_is_switched_on_changes_nothing_in_eval_mode(kind: str) -> None:
    was = KINDS[kind].but(norm="none")
    assert apart(was, KINDS[kind]) < 1e-4
    assert surgery(was, KINDS[kind]).same


@pytest.mark.parametrize("kind", KINDS)
def test_batch_norm_that_is_switched_off_is_folded_where_it_can_be(kind: str) -> None:
    now = KINDS[kind].but(norm="none")
    same = kind in FOLDABLE
    assert (apart(KINDS[kind], now) < 1e-4) == same
    assert surgery(KINDS[kind], now).same == same


def test_new_norms_have_the_statistics_of_the_pictures() -> None:
    """Those of the maps of the net without norms, computed here by hooks of this test's own."""
    was = PLAIN.but(norm="none")
    made = gone_on(was, PLAIN)
    net, maps = trained(was).net.eval(), {}
    for name, module in net.named_modules():
        module.register_forward_hook(lambda _, inputs, output, name=name: maps.update({name: output}))
    with torch.no_grad():
        net(torch.cat(batches_of(trained(was))))
    norm = {name: made.net.state_dict()[f"stage2.block1.branch.norm1.{name}"] for name in ("bias", "running_mean")}
    variance = made.net.state_dict()["stage2.block1.branch.norm1.running_var"]
    values = maps["stage2.block1.branch.norm1"]  # nothing stands there: what the convolution gives, with its bias
    bias = net.get_parameter("stage2.block1.branch.conv1.bias").detach()
    assert norm["bias"] == pytest.approx(values.mean((0, 2, 3)), abs=1e-5)
    assert norm["running_mean"] == pytest.approx(values.mean((0, 2, 3)) - bias, abs=1e-5)
    assert variance == pytest.approx(values.transpose(0, 1).flatten(1).var(1), rel=1e-4)
    trained.cache_clear()  # it has hooks


@pytest.mark.parametrize("norm", ["batch", "none"])
@pytest.mark.parametrize("shortcut", ["B", "C"])
def test_a_projection_begins_as_the_shortcut_that_it_replaces(norm: Any, shortcut: Any) -> None:
    was = RESIDUAL.but(norm=norm)
    assert apart(was, was.but(shortcut=shortcut)) < 1e-4
    pre = was.but(activation_order="pre")
    assert apart(pre, pre.but(shortcut=shortcut)) > 1e-2  # it reads what the norm makes of the block's input
    made = gone_on(pre, pre.but(shortcut=shortcut))
    drawn = build(made.net.spec, 0).get_parameter("stage2.block1.shortcut.conv.weight")
    assert torch.equal(made.net.get_parameter("stage2.block1.shortcut.conv.weight"), drawn)


def test_without_skips_every_order_is_the_same_net() -> None:
    for order in ("bn-after-add", "relu-before-add", "relu-only-pre", "pre"):
        now = PLAIN.but(activation_order=order)
        assert apart(PLAIN, now) == 0
        assert surgery(PLAIN, now).said[-1] == "It computes what it did."
        assert apart(RESIDUAL, RESIDUAL.but(activation_order=order)) > 1e-2


def test_skips_that_are_switched_on_keep_every_weight() -> None:
    made = gone_on(PLAIN, RESIDUAL)
    before = dict(trained(PLAIN).net.named_parameters())
    for name, parameter in made.net.named_parameters():
        assert torch.equal(parameter, before[made.kept[name]])
    assert surgery(PLAIN, RESIDUAL).said == (
        "All 41 tensors of weights are kept.",
        "What the net computes changes at the cut; evaluated, its norms lag behind for some 40 steps.",
    )


def test_it_is_the_same_each_time_and_leaves_random_states_alone() -> None:
    before = torch.get_rng_state()
    one, other = (gone_on(PLAIN.but(norm="none"), RESIDUAL.but(shortcut="B")).net.state_dict() for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def pairs() -> list[tuple[NetSpec, NetSpec]]:
    """Two nets of one family at random, whose norm, order, skips and shortcuts differ."""
    source = random.Random(0)
    orders = ("post", "bn-after-add", "relu-before-add", "relu-only-pre", "pre")
    fields = ("norm", "activation_order", "skip", "shortcut")
    values = [*itertools.product(("none", "batch", "group"), orders, (True, False), "ABC")]
    sizes: list[dict[str, Any]] = [
        {"depth": 8, "width": 4},
        {"depth": 11, "width": 4, "bottleneck": True},
        {"depth": 8, "width": 4, "se_reduction": 2},
    ]
    found = []
    for size in sizes * 20:
        one, other = (dict(zip(fields, each, strict=True)) for each in source.sample(values, 2))
        found.append((NetSpec.make(**size, **one), NetSpec.make(**size, **other)))
    others = (DENSE, DENSE.but(bottleneck=True, compression=0.5), DENSE.but(skip=False), VGG, WIDE)
    found += [
        (net.but(norm=one), net.but(norm=other))
        for net in others
        for one, other in itertools.permutations(("none", "batch", "group"), 2)
    ]
    return [*found, (DENSE, DENSE.but(skip=False))]


@torch.no_grad()
def test_what_is_said_beforehand_is_what_is_done() -> None:
    """Counts and effect, from the specs alone and from the nets themselves."""
    torch.manual_seed(0)
    images = torch.randn(8, 3, 32, 32)
    for was, now in pairs():
        net, said = build(was, seed=1), surgery(was, now)
        for name, tensor in net.state_dict().items():
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 1.5)
            elif tensor.is_floating_point() and tensor.ndim < 2:
                tensor.add_(torch.randn_like(tensor) * 0.2)
        made = operated(net.state_dict(), was, now, 0, images.split(4))
        after = dict(made.net.named_parameters())
        gone = len(dict(net.named_parameters()).keys() - set(made.kept.values()))
        pair = f"{was} -> {now}"
        assert (said.tensors, said.kept, said.folded, said.gone) == (
            *(len(after), len(made.kept), len(made.folded), gone),
        ), pair
        numbers = sum(after[name].numel() for name in {*made.kept, *made.folded})
        assert said.share == pytest.approx(numbers / sum(tensor.numel() for tensor in after.values())), pair
        answers = [each.eval()(images) for each in (net, made.net)]
        difference = float((answers[0] - answers[1]).abs().max() / answers[0].abs().max())
        assert (difference < 1e-4) == said.same, pair
        assert (said.new == 0) == (" new" not in said.said[0]), pair
