"""Specs: what can be written can be read, what exists can be built, what is wrong is one sentence."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.arith import describe
from core.nets import build
from core.spec import PRESETS, NetSpec, ProbeSpec, RunSpec, SpecError, TrainSpec, preset, twin


@st.composite
def net_specs(draw: st.DrawFn) -> NetSpec:
    """Any family, norm, shortcut and initialisation that go together, small enough to build in an instant."""
    norm = draw(st.sampled_from(["batch", "group", "layer", "none"]))
    skip = draw(st.booleans())
    classes = draw(st.integers(2, 20))
    n = draw(st.integers(1, 4))
    if draw(st.booleans()):
        bottleneck = draw(st.booleans())
        return NetSpec.make(
            family="densenet",
            depth=(6 if bottleneck else 3) * n + 4,
            norm=norm,
            skip=skip,
            init=draw(st.sampled_from(["he", "default"])),
            growth_rate=draw(st.integers(1, 16)),
            bottleneck=bottleneck,
            compression=draw(st.floats(0.01, 1.0)),
            num_classes=classes,
        )
    inits = ["he", "default"] + (["fixup" if norm == "none" else "zero-gamma"] if skip else [])
    return NetSpec.make(
        depth=6 * n + 2,
        width=draw(st.integers(1, 24)),
        norm=norm,
        skip=skip,
        shortcut=draw(st.sampled_from("ABC")),
        init=draw(st.sampled_from(inits)),
        num_classes=classes,
    )


@given(net_specs())
@settings(max_examples=100, deadline=None)
def test_every_valid_spec_can_be_built_and_counts_agree(spec: NetSpec) -> None:
    net = build(spec)
    found = describe(spec)
    assert found.params == sum(parameter.numel() for parameter in net.parameters())
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d | nn.GroupNorm)]
    assert found.norm_params == sum(parameter.numel() for norm in norms for parameter in norm.parameters())
    assert found.depth == len(net.layers) == spec.depth


@given(net_specs())
def test_a_net_spec_survives_json_and_is_hashable(spec: NetSpec) -> None:
    again = NetSpec.from_json(spec.to_json())
    assert again == spec
    assert hash(again) == hash(spec)
    assert len({spec, again}) == 1


@given(net_specs(), st.integers(1, 512), st.floats(1e-6, 10), st.integers(0, 2**31 - 1))
def test_a_run_spec_survives_json_and_its_digest_names_it(net: NetSpec, batch: int, lr: float, seed: int) -> None:
    run = RunSpec(net=net, train=TrainSpec(batch_size=batch, lr=lr, seed=seed))
    again = RunSpec.from_json(run.to_json())
    assert again == run
    assert again.digest == run.digest
    other = run.but(train=run.train.model_dump() | {"seed": seed ^ 1})
    assert other.digest != run.digest


def test_specs_are_immutable() -> None:
    with pytest.raises(ValueError, match="frozen"):
        NetSpec().depth = 56  # type: ignore[misc]


@pytest.mark.parametrize(
    ("fields", "choose"),
    [
        ({"depth": 21}, "20 or 26."),
        ({"depth": 25}, "20 or 26."),
        ({"depth": 7}, "8."),
        ({"depth": -3}, "8."),
        ({"depth": 10**6}, "6002."),
        ({"family": "plain", "depth": 55}, "50 or 56."),
        ({"family": "densenet", "depth": 41}, "40 or 43."),
        ({"family": "densenet", "depth": 43, "bottleneck": True}, "40 or 46."),
    ],
)
def test_an_impossible_depth_names_the_nearest_possible(fields: dict[str, object], choose: str) -> None:
    with pytest.raises(SpecError, match=r"^A (plain or residual net|DenseNet)") as error:
        NetSpec.make(**fields)
    assert str(error.value).endswith(f"choose {choose}")
    for depth in map(int, choose.rstrip(".").split(" or ")):
        assert NetSpec.make(**fields | {"depth": depth}).depth == depth


@pytest.mark.parametrize(
    ("kind", "fields", "says"),
    [
        (NetSpec, {"family": "densenet", "growth_rate": 0}, "Growth rate 0"),
        (NetSpec, {"family": "densenet", "compression": 0}, "Compression 0"),
        (NetSpec, {"family": "densenet", "compression": math.nan}, "compression"),
        (NetSpec, {"family": "vgg"}, "family"),
        (NetSpec, {"width": 0}, "Width 0"),
        (NetSpec, {"num_classes": 1}, "Number of classes 1"),
        (NetSpec, {"norm": "none", "init": "zero-gamma"}, "Zero-γ"),
        (NetSpec, {"skip": False, "init": "zero-gamma"}, "Zero-γ"),
        (NetSpec, {"init": "fixup"}, "Fixup"),
        (NetSpec, {"family": "densenet", "norm": "none", "init": "fixup"}, "Fixup"),
        (NetSpec, {"depht": 20}, "depht"),
        (TrainSpec, {"lr": 0.0}, "Learning rate 0"),
        (TrainSpec, {"lr": -0.1}, "Learning rate -0.1"),
        (TrainSpec, {"lr": math.nan}, "Learning rate nan"),
        (TrainSpec, {"lr": math.inf}, "Learning rate inf"),
        (TrainSpec, {"epochs": 0}, "Number of epochs 0"),
        (TrainSpec, {"batch_size": 0}, "Batch size 0"),
        (TrainSpec, {"momentum": 1.0}, "Momentum 1"),
        (TrainSpec, {"weight_decay": -1.0}, "Weight decay -1"),
        (TrainSpec, {"warmup_epochs": 11.0}, "warm-up of 11"),
        (TrainSpec, {"grad_clip": -1.0}, "Gradient clipping -1"),
        (TrainSpec, {"device": "tpu"}, 'Device "tpu"'),
        (TrainSpec, {"data": " "}, "Data"),
        (ProbeSpec, {"budget": 0.0}, "budget of 0"),
        (ProbeSpec, {"images": 1}, "probe images 1"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(
    kind: type[NetSpec | TrainSpec | ProbeSpec], fields: dict[str, object], says: str
) -> None:
    with pytest.raises(SpecError) as error:
        kind.make(**fields)
    sentence = str(error.value)
    assert says in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert ". " not in sentence


def test_text_that_is_no_spec_is_refused_in_one_sentence() -> None:
    with pytest.raises(SpecError, match="JSON") as error:
        NetSpec.from_json("{")
    assert "\n" not in str(error.value)


def test_an_unknown_preset_names_those_there_are() -> None:
    with pytest.raises(SpecError, match='no preset "resnet21"') as error:
        preset("resnet21")
    assert all(name in str(error.value) for name in PRESETS)


def test_plain_is_a_residual_net_with_its_skips_off() -> None:
    assert NetSpec.make(family="plain", depth=56) == NetSpec(depth=56, skip=False)
    assert NetSpec.make(family="plain").kind == "plain"


def test_fields_of_the_other_family_are_dropped() -> None:
    assert NetSpec.make(depth=20, growth_rate=99) == NetSpec(depth=20)
    assert NetSpec.make(family="densenet", width=99) == NetSpec.make(family="densenet")


def test_the_twin_flips_one_thing_and_back() -> None:
    for spec in PRESETS.values():
        for flip in ("norm", "skip"):
            other = twin(spec, flip)
            assert other != spec
            assert twin(other, flip) == spec


def test_the_twin_of_zero_gamma_is_refused() -> None:
    with pytest.raises(SpecError, match="Zero-γ"):
        twin(NetSpec(init="zero-gamma"), "norm")


def test_names_of_presets_differ() -> None:
    names = [spec.name for spec in PRESETS.values()]
    assert len(set(names)) == len(names)
    assert PRESETS["densenet-bc-100-12"].name == "DenseNet-BC-100-12"
    assert PRESETS["smallresnet-nobn"].name == "ResNet-14 B no BN"
