"""The command that an exported net carries makes the same net and recipe again."""

from __future__ import annotations

import shlex

import pytest

from core.cli.arguments import parse, run_of
from core.spec import PRESETS, NetSpec, RunSpec, TrainSpec
from core.spec.command import command
from core.spec.warmup import settled
from tests.unit.small_nets import SPEC

SPECS = [
    NetSpec(),
    SPEC,
    NetSpec(family="resnet", depth=14, skip=False, norm="none", init="default"),
    NetSpec(family="wide", depth=16, width_multiplier=1, shortcut="A", activation_order="post", dropout=0.3),
    NetSpec(family="densenet", depth=22, growth_rate=7, bottleneck=True, compression=0.3),
    NetSpec(family="densenet", depth=10, skip=False),
    NetSpec(depth=29, bottleneck=True, groups=4, base_width=5, shortcut="C", stride_on="1x1", se_reduction=4),
    NetSpec(depth=20, bottleneck=True),  # as deep as the usual net without bottlenecks
    NetSpec(depth=20, survival_probability=0.5, init="zero-gamma", norm="group"),
    NetSpec(form="imagenet", stem="3x3", depth=34, width=8, shortcut="A"),
    NetSpec(family="vgg", depth=13, width=8, norm="layer"),
    *(spec for spec in PRESETS.values() if spec.image_size == 32),
]
RECIPES = [
    TrainSpec(),
    TrainSpec(data="/where it lay", seed=7, augment=False, epochs=3, batch_size=64),
    TrainSpec(optimizer="adamw", lr=3e-4, weight_decay=1e-5, decay="weights", schedule="onecycle", warmup_steps=400),
    TrainSpec(warmup_steps=0),
    TrainSpec(warmup_steps=97.5),
    TrainSpec(momentum=0.0, grad_clip=0.1 + 0.2, precision="float32", device="cuda:1", schedule="step"),
    TrainSpec(threads=1),
]


@pytest.mark.parametrize("net", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("recipe", RECIPES)
def test_the_command_makes_the_same_run_again(net: NetSpec, recipe: TrainSpec) -> None:
    words = shlex.split(command(RunSpec(net=net, train=recipe)))
    assert words[:4] == ["python", "-m", "core", "train"]
    again = run_of(parse(words[3:]))
    assert again.net == net
    there = recipe if recipe.data == "sample" else recipe.but(data="DIR")
    assert settled([again], 50_000) == settled([RunSpec(net=net, train=there)], 50_000)


def test_scaled_branches_and_shortcuts_have_words() -> None:
    words = shlex.split(command(RunSpec(net=NetSpec(branch_scale="1/L", shortcut_scale=0.5))))
    assert words[4:] == ["--family", "resnet", "--shortcut-scale", "0.5", "--branch-scale", "1/L", "--seed", "0"]


@pytest.mark.parametrize(
    ("name", "steps", "typed"), [("resnet20", 0, []), ("resnet20", 39, ["39"]), ("plain56", 0, ["0"])]
)
def test_no_warm_up_goes_without_saying_where_there_would_be_none(name: str, steps: int, typed: list[str]) -> None:
    words = shlex.split(command(RunSpec(net=PRESETS[name], train=TrainSpec(warmup_steps=steps, seed=1))))
    assert words[5:] == ["--seed", "1", *(["--warmup-steps", *typed] if typed else [])]
