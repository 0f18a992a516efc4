"""Runs are told apart by what differs, in the fewest words."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spec import NetSpec, ProbeSpec, RunSpec, TrainSpec
from core.spec.names import differing, names, told_apart, value
from core.vocabulary.fields import FIELDS


def run(net: dict[str, Any] | None = None, probes: dict[str, Any] | None = None, **train: Any) -> RunSpec:
    return RunSpec(
        net=NetSpec.make(**({"depth": 14} | (net or {}))), train=TrainSpec(**train), probes=ProbeSpec(**(probes or {}))
    )


def test_every_field_of_a_spec_is_in_the_table_once() -> None:
    listed = [(field.part, field.name) for field in FIELDS]
    fields = [(part, name) for part in ("net", "train", "probes") for name in type(getattr(run(), part)).model_fields]
    assert sorted(listed) == sorted(fields)


def test_five_seeds() -> None:
    seeds = [run(seed=seed) for seed in range(5)]
    assert told_apart(seeds) == [f"ResNet-14 · seed {seed}" for seed in range(5)]
    assert names(seeds).brief == tuple(f"seed {seed}" for seed in range(5))


def test_one_name_alone_needs_no_more() -> None:
    runs = [run(seed=1), run(seed=2), run({"depth": 20}, seed=9)]
    assert told_apart(runs) == ["ResNet-14 · seed 1", "ResNet-14 · seed 2", "ResNet-20"]
    assert told_apart([run(seed=4)]) == ["ResNet-14"]
    assert told_apart([]) == []


@pytest.mark.parametrize(
    ("changes", "brief"),
    [
        ({"lr": 0.05}, ("lr 0.1", "lr 0.05")),
        ({"batch_size": 64}, ("batch 128", "batch 64")),
        ({"precision": "bf16"}, ("precision auto", "bf16")),
        ({"data": "/home/me/cifar"}, ("data sample", "data cifar")),
        ({"augment": False}, ("augmented", "not augmented")),
        ({"epochs": 1}, ("10 epochs", "1 epoch")),
        ({"grad_clip": 0.5}, ("no clipping", "clip 0.5")),
        ({"net": {"norm": "none"}}, ("with BN", "without BN")),
        ({"net": {"norm": "group"}}, ("with BN", "with GN")),
        ({"net": {"width": 8}}, ("width 16", "width 8")),
        ({"net": {"init": "default"}}, ("init he", "init default")),
        ({"net": {"skip": False}}, ("ResNet-14", "plain-14")),
        ({"net": {"depth": 20}}, ("ResNet-14", "ResNet-20")),
        ({"probes": {"images": 64}}, ("32 probe images", "64 probe images")),
    ],
)
def test_two_runs_that_differ_in_one_thing(changes: dict[str, Any], brief: tuple[str, str]) -> None:
    told = names([run(), run(**changes)])
    assert told.brief == brief
    assert told.also == ()


def test_names_lose_the_end_that_all_have() -> None:
    small = {"width": 8, "norm": "none"}
    assert names([run(small), run(small | {"skip": False})]).brief == ("ResNet-14", "plain-14")
    assert names([run({"width": 8}), run({"depth": 20})]).brief == ("ResNet-14 ×0.5", "ResNet-20")


def test_the_fewest_fields_and_what_else_differs() -> None:
    told = names([run(seed=0, lr=0.1), run(seed=1, lr=0.1), run(seed=0, lr=0.05), run(seed=1, lr=0.05)])
    assert told.brief == ("seed 0, lr 0.1", "seed 1, lr 0.1", "seed 0, lr 0.05", "seed 1, lr 0.05")
    told = names([run(), run({"norm": "none"}, batch_size=64, lr=0.01)])
    assert told.brief == ("with BN", "without BN")
    assert told.also == ("lr", "batch size")
    told = names([run(), run({"skip": False}, seed=3)])
    assert (told.brief, told.also) == (("ResNet-14", "plain-14"), ("seed",))


def test_what_only_watches_is_no_difference_that_matters() -> None:
    assert names([run(), run(seed=1, probes={"enabled": False})]).also == ()


def test_equal_runs_are_numbered_by_their_start() -> None:
    equal = [run(), run(), run(seed=1)]
    assert told_apart(equal) == ["ResNet-14 · seed 0, #1", "ResNet-14 · seed 0, #2", "ResNet-14 · seed 1"]
    assert told_apart(equal, [200.0, 100.0, 50.0])[:2] == ["ResNet-14 · seed 0, #2", "ResNet-14 · seed 0, #1"]
    assert names(equal[:2]).brief == ("#1", "#2")
    assert told_apart(equal[:2]) == ["ResNet-14 · #1", "ResNet-14 · #2"]


def test_what_the_name_hides_is_said() -> None:
    dense = [run({"family": "densenet", "depth": 40, "compression": theta}) for theta in (0.5, 0.4)]
    assert dense[0].net.name == dense[1].net.name
    assert told_apart(dense) == ["DenseNet-C-40-12 · compression 0.5", "DenseNet-C-40-12 · compression 0.4"]
    both = names([dense[0], run({"family": "densenet", "depth": 43, "compression": 0.4})])
    assert both.also == ("compression",)


def test_folders_of_one_name_are_said_in_full() -> None:
    assert names([run(data="/a/cifar"), run(data="/b/cifar")]).brief == ("data /a/cifar", "data /b/cifar")


CHANGES: dict[str, list[Any]] = {
    "seed": [0, 1, 2],
    "lr": [0.1, 0.05],
    "batch_size": [128, 64],
    "data": ["sample", "/a/cifar", "/b/cifar"],
    "net": [{}, {"norm": "none"}, {"skip": False}, {"width": 8}, {"family": "densenet", "depth": 40}],
}
SPECS = st.builds(
    lambda *values: run(**dict(zip(CHANGES, values, strict=True))), *map(st.sampled_from, CHANGES.values())
)


@given(st.lists(SPECS, min_size=1, max_size=6))
def test_no_two_runs_have_one_name_and_no_field_could_be_spared(specs: list[RunSpec]) -> None:
    told = names(specs)
    assert len(set(told.labels)) == len(set(told.brief)) == len(specs)
    for label, spec in zip(told.labels, specs, strict=True):
        title, _, words = label.partition(" · ")
        assert title == spec.net.name
        said = [word for word in words.split(", ") if word and not word.startswith("#")]
        namesakes = {other for other in specs if other.net.name == title}
        fewer = itertools.combinations(differing(list(namesakes)), max(len(said) - 1, 0))
        if said:
            assert all(
                len({tuple(value(field, other) for field in few) for other in namesakes}) < len(namesakes)
                for few in fewer
            )


def test_a_title_is_what_a_run_is_called_also_beside_others() -> None:
    runs = [run(seed=0), run(seed=1), run(seed=2)]
    told = names(runs, titles=["mine", "", ""])
    assert told.labels == ("mine", "ResNet-14 · seed 1", "ResNet-14 · seed 2")
    assert told.brief == ("mine", "seed 1", "seed 2")
    assert told.also == ("seed",)  # which "mine" does not say
    assert names(runs, titles=["mine", "mine", ""]).labels == ("mine · seed 0", "mine · seed 1", "ResNet-14")
    assert names(runs[:1] * 2, titles=["mine", "mine"]).labels == ("mine · #1", "mine · #2")
    assert names(runs[:1], titles=["mine"]).brief == ("mine",)


TITLES = st.sampled_from(["", "", "mine", "ResNet-14", "ResNet-14 · seed 1", "seed 1", "#1", "mine (2)"])


@given(st.lists(st.tuples(SPECS, TITLES), min_size=1, max_size=6))
def test_no_two_runs_have_one_name_whatever_their_titles(runs: list[tuple[RunSpec, str]]) -> None:
    told = names([spec for spec, _ in runs], titles=[title for _, title in runs])
    assert len(set(told.labels)) == len(set(told.brief)) == len(runs)
    for label, (_, title) in zip(told.labels, runs, strict=True):
        assert label.startswith(title)


def test_a_thousand_runs_that_differ_in_much_are_named_at_once() -> None:
    many = [
        run(
            {"width": 4 + number % 3, "init": ("he", "default")[number // 2 % 2]},
            seed=number,
            lr=0.01 * (1 + number % 7),
            batch_size=16 + number % 11,
            momentum=0.1 * (number % 9),
            weight_decay=1e-4 * (number % 5),
            grad_clip=float(number % 4),
            epochs=1 + number % 13,
        )
        for number in range(1000)
    ]
    assert len(set(told_apart(many))) == 1000


def test_a_title_from_right_to_left_turns_nothing_round_that_stands_beside_it() -> None:
    told = names([run(seed=0), run(seed=1)], titles=["שלום 56", "mine"])
    assert told.labels == ("\u2068שלום 56\u2069", "mine")
