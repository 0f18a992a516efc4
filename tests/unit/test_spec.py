"""Specs: what can be written can be read, what exists can be built, what is wrong is one sentence."""

from __future__ import annotations

import json
import math
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.arith import describe
from core.nets import build
from core.spec import PRESETS, NetSpec, ProbeSpec, RunSpec, SpecError, TrainSpec, preset, twin
from core.vocabulary.choices import NORMS
from core.vocabulary.datasets import DATASETS
from core.vocabulary.orders import ActivationOrder

CLASSES = DATASETS["cifar10"].classes


@st.composite
def net_specs(draw: st.DrawFn) -> NetSpec:
    """Any fields that go together, of a net small enough to build in an instant."""
    norm = draw(st.sampled_from(list(NORMS)))
    skip = draw(st.booleans())
    classes = draw(st.integers(2, 20))
    n = draw(st.integers(1, 4))
    if draw(st.integers(0, 2)) == 0:
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
    fields = draw(residual_families(n))
    inits = ["he", "default"]
    if skip and norm != "none":
        inits += ["gamma-0.1"] + ["zero-gamma"] * (fields["activation_order"] in ("post", "relu-only-pre"))
    elif skip and fields["activation_order"] == "post":
        inits += ["fixup"]
    return NetSpec.make(norm=norm, skip=skip, init=draw(st.sampled_from(inits)), num_classes=classes, **fields)


@st.composite
def residual_families(draw: st.DrawFn, n: int) -> dict[str, Any]:
    """Fields of a ResNet in either form, a ResNeXt or a Wide ResNet."""
    kind = draw(st.sampled_from(["basic", "basic", "bottleneck", "wide", "imagenet"]))
    fields: dict[str, Any] = {
        "width": draw(st.integers(1, 24)),
        "shortcut": draw(st.sampled_from("ABC")),
        "shortcut_scale": draw(st.sampled_from([0.5, 1.0])),
        "branch_scale": draw(st.sampled_from([0.5, 1.0, "1/L"])),
        "activation_order": draw(st.sampled_from(get_args(ActivationOrder))),
        "se_reduction": draw(st.sampled_from([0, 0, 4, 16])),
        "dropout": draw(st.sampled_from([0.0, 0.3])),
        "survival_probability": draw(st.sampled_from([0.5, 1.0])),
    }
    if kind == "wide":
        return fields | {"family": "wide", "depth": 6 * n + 4, "width_multiplier": draw(st.integers(1, 3))}
    if kind == "imagenet":
        fields["stem"] = draw(st.sampled_from(["3x3", "7x7"]))
        fields |= {"form": "imagenet", "depth": draw(st.sampled_from([18, 34, 50])), "width": draw(st.integers(1, 4))}
    if kind == "bottleneck":
        fields |= {"bottleneck": True, "depth": 9 * n + 2}
    if kind == "bottleneck" or fields.get("depth") == 50:
        fields |= {"stride_on": draw(st.sampled_from(["1x1", "3x3"])), "base_width": draw(st.integers(1, 5))}
        return fields | {"groups": draw(st.integers(1, 4))}
    return {"depth": 6 * n + 2} | fields


@given(net_specs())
@settings(max_examples=100)
def test_every_valid_spec_can_be_built_and_counts_agree(spec: NetSpec) -> None:
    net = build(spec)
    found = describe(spec)
    assert found.params == sum(parameter.numel() for parameter in net.parameters())
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d | nn.GroupNorm)]
    assert found.norm_params == sum(parameter.numel() for norm in norms for parameter in norm.parameters())
    assert len(found.layers) == len(net.layers) == spec.depth - (2 if spec.family == "wide" else 0)


@given(net_specs())
def test_a_net_spec_survives_json_and_is_hashable(spec: NetSpec) -> None:
    again = NetSpec.from_json(spec.to_json())
    assert again == spec
    assert hash(again) == hash(spec)
    assert len({spec, again}) == 1


@given(
    net_specs().filter(lambda net: net.form == "cifar").map(lambda net: net.but(num_classes=10)),
    st.integers(1, 512),
    st.floats(1e-6, 10),
    st.integers(0, 2**31 - 1),
)
def test_a_run_spec_survives_json_and_its_digest_names_it(net: NetSpec, batch: int, lr: float, seed: int) -> None:
    run = RunSpec(net=net, train=TrainSpec(batch_size=batch, lr=lr, seed=seed))
    again = RunSpec.from_json(run.to_json())
    assert again == run
    assert again.digest == run.digest
    other = run.but(train=run.train.model_dump() | {"seed": seed ^ 1})
    assert other.digest != run.digest


def test_specs_are_immutable() -> None:
    with pytest.raises(ValueError, match="frozen"):
        NetSpec().depth = 56


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
        ({"depth": 165, "bottleneck": True}, "164 or 173."),
        ({"family": "wide", "depth": 27}, "22 or 28."),
        ({"form": "imagenet", "depth": 60}, "50 or 101."),
        ({"form": "imagenet", "depth": 3}, "18."),
        ({"form": "imagenet", "depth": 1000}, "152."),
        ({"form": "imagenet", "family": "densenet", "depth": 202}, "201 or 264."),
        ({"family": "vgg", "depth": 17}, "16 or 19."),
        ({"form": "imagenet", "family": "vgg", "depth": 20}, "19."),
    ],
)
def test_an_impossible_depth_names_the_nearest_possible(fields: dict[str, object], choose: str) -> None:
    with pytest.raises(SpecError, match=r"^A (plain or residual net|Wide ResNet|DenseNet|VGG)") as error:
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
        (NetSpec, {"family": "alexnet"}, "family"),
        (NetSpec, {"width": 0}, "Width 0"),
        (NetSpec, {"num_classes": 1}, "Number of classes 1"),
        (NetSpec, {"norm": "none", "init": "zero-gamma"}, "Zero-γ"),
        (NetSpec, {"skip": False, "init": "zero-gamma"}, "Zero-γ"),
        (NetSpec, {"init": "fixup"}, "Fixup"),
        (NetSpec, {"family": "densenet", "norm": "none", "init": "fixup"}, "a DenseNet has none"),
        (NetSpec, {"family": "densenet", "init": "zero-gamma"}, "a DenseNet has none"),
        (NetSpec, {"init": "gamma-0.1", "norm": "none"}, "γ = 0.1"),
        (NetSpec, {"init": "zero-gamma", "activation_order": "pre"}, "Zero-γ"),
        (NetSpec, {"init": "fixup", "norm": "none", "activation_order": "pre"}, "Fixup"),
        (NetSpec, {"groups": 2}, "bottleneck"),
        (NetSpec, {"base_width": 64}, "bottleneck"),
        (NetSpec, {"depth": 29, "bottleneck": True, "groups": 3}, "choose 2 or 4,"),
        (NetSpec, {"depth": 29, "bottleneck": True, "groups": 17}, "choose 16,"),
        (NetSpec, {"depth": 29, "bottleneck": True, "groups": 0}, "Number of groups 0"),
        (NetSpec, {"depth": 29, "bottleneck": True, "base_width": 0}, "Base width 0"),
        (NetSpec, {"family": "wide", "width_multiplier": 0}, "Width multiplier 0"),
        (NetSpec, {"se_reduction": -1}, "SE reduction -1"),
        (NetSpec, {"dropout": 1.0}, "Dropout 1"),
        (NetSpec, {"survival_probability": 0.0}, "Survival probability 0"),
        (NetSpec, {"shortcut_scale": -1.0}, "Shortcut scale -1"),
        (NetSpec, {"branch_scale": 11.0}, "Branch scale 11"),
        (NetSpec, {"branch_scale": "1/N"}, "branch_scale"),
        (NetSpec, {"family": ["resnet"]}, "family"),
        (NetSpec, {"depht": 20}, "depht"),
        (TrainSpec, {"lr": 0.0}, "Learning rate 0"),
        (TrainSpec, {"lr": -0.1}, "Learning rate -0.1"),
        (TrainSpec, {"lr": math.nan}, "Learning rate nan"),
        (TrainSpec, {"lr": math.inf}, "Learning rate inf"),
        (TrainSpec, {"epochs": 0}, "Number of epochs 0"),
        (TrainSpec, {"batch_size": 0}, "Batch size 0"),
        (TrainSpec, {"momentum": 1.0}, "Momentum 1"),
        (TrainSpec, {"threads": 0}, "Number of threads 0 is not possible"),
        (TrainSpec, {"threads": "many"}, "Number of threads 'many' is not possible: choose auto or a whole number"),
        (TrainSpec, {"threads": True}, "Number of threads True is not possible"),
        (TrainSpec, {"weight_decay": -1.0}, "Weight decay -1"),
        (TrainSpec, {"warmup_steps": -1}, "warm-up of -1 steps"),
        (TrainSpec, {"warmup_steps": "long"}, "warm-up of 'long' is not possible: choose auto or a number of steps"),
        (TrainSpec, {"warmup_steps": math.inf}, "warm-up of inf is not possible"),
        (TrainSpec, {"warmup_steps": True}, "warm-up of True is not possible"),
        (TrainSpec, {"warmup_epochs": 11.0}, "warm-up of 11 epochs does not fit 10"),
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
        for flip in ("norm", "skip") if spec.family != "vgg" else ("norm",):
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


def test_what_an_earlier_version_wrote_means_the_same_net() -> None:
    """JSON without the fields that came later."""
    text = (
        '{"family":"resnet","depth":56,"width":16,"norm":"batch","skip":false,"shortcut":"B","init":"he",'
        '"growth_rate":12,"bottleneck":false,"compression":1.0,"num_classes":10}'
    )
    assert NetSpec.from_json(text) == NetSpec(depth=56, skip=False, shortcut="B")
    dense = text.replace("resnet", "densenet").replace('"depth":56', '"depth":40')
    assert NetSpec.from_json(dense) == NetSpec(family="densenet", depth=40, skip=False)


def test_forms_and_families_have_their_usual_values() -> None:
    resnet50 = NetSpec(form="imagenet")
    assert resnet50 == NetSpec(form="imagenet", depth=50, width=64, shortcut="B", num_classes=1000, bottleneck=True)
    assert resnet50.stages == (3, 4, 6, 3)
    assert not resnet50.but(depth=34).bottleneck
    dense = NetSpec(form="imagenet", family="densenet")
    assert (dense.depth, dense.growth_rate, dense.compression, dense.bottleneck) == (121, 32, 0.5, True)
    assert NetSpec(family="wide") == preset("wrn28-10")
    assert NetSpec(family="wide", activation_order="post").activation_order == "post"


def test_fields_without_meaning_do_not_make_another_net() -> None:
    assert NetSpec(stride_on="1x1") == NetSpec()
    assert NetSpec(width_multiplier=3) == NetSpec()
    assert NetSpec(family="wide", form="imagenet", groups=3) == NetSpec(family="wide")
    assert NetSpec(family="densenet", se_reduction=16, dropout=0.3) == NetSpec(family="densenet")


def test_one_over_l_is_one_over_the_number_of_blocks() -> None:
    assert NetSpec(depth=110, branch_scale="1/L").branch_factor == 1 / 54
    assert NetSpec(form="imagenet", branch_scale="1/L").branch_factor == 1 / 16
    assert NetSpec(branch_scale=0.5).branch_factor == 0.5


def test_an_imagenet_net_is_not_trained_on_small_pictures() -> None:
    with pytest.raises(SpecError, match=r"ResNet-50 .*224×224") as error:
        RunSpec.make(net=preset("resnet50"))
    assert str(error.value).endswith("choose the CIFAR form or a 3×3 stem to train it here.")
    with pytest.raises(SpecError, match=r"DenseNet-121 .*: choose the CIFAR form to train it here\.$"):
        RunSpec.make(net=preset("densenet121"))


def test_a_small_stem_makes_four_stages_a_net_for_small_pictures() -> None:
    net = NetSpec(form="imagenet", depth=18, stem="3x3")
    assert net == preset("resnet18-3x3")
    assert (net.image_size, net.num_classes, net.width, net.shortcut) == (32, 10, 64, "B")
    assert RunSpec.make(net=net).net == net
    assert net.but(stem="7x7").image_size == 224
    assert net.but(stem="7x7", num_classes=1000) == preset("resnet18")
    assert NetSpec(form="imagenet", family="densenet", stem="3x3").image_size == 224
    with pytest.raises(SpecError, match=r"begins with a 3×3 stem: choose that or the ImageNet form\.$"):
        NetSpec.make(stem="7x7")


@pytest.mark.parametrize("classes", [2, 5, 9, 11, 1000])
def test_a_net_for_other_classes_is_not_trained_on_ten(classes: int) -> None:
    for net in (NetSpec(num_classes=classes), NetSpec(family="densenet", num_classes=classes)):
        with pytest.raises(
            SpecError, match=rf"tells {classes:,} classes apart and the pictures have 10: choose 10 "
        ) as error:
            RunSpec.make(net=net)
        assert "\n" not in str(error.value)
    assert RunSpec.make(net=NetSpec(num_classes=len(CLASSES))).net.num_classes == 10


def test_a_recipe_of_an_earlier_version_leaves_the_rest_out_as_it_did() -> None:
    old = TrainSpec(batch_size=64).model_dump()
    del old["drop_last"]
    assert TrainSpec.from_json(json.dumps(old)) == TrainSpec(batch_size=64)
    assert TrainSpec.from_json(json.dumps(old)).epoch(100).left_out == 36


def test_names_say_what_is_unusual() -> None:
    names = {
        "preact164": "PreAct-164 bottleneck B",
        "wrn28-10": "WRN-28-10",
        "resnext29-8x64d": "ResNeXt-29 8×64d B",
        "se-resnet20": "SE-ResNet-20",
        "resnet50": "ResNet-50 (ImageNet)",
        "resnet18-3x3": "ResNet-18 (3×3 stem)",
        "resnet50-v1": "ResNet-50 v1 (ImageNet)",
        "densenet121": "DenseNet-121 (ImageNet)",
    }
    assert {name: preset(name).name for name in names} == names
    assert NetSpec(shortcut_scale=0.5, branch_scale="1/L").name == "ResNet-20 shortcut ×0.5 branch ×1/L"
    assert NetSpec(family="wide", skip=False, dropout=0.3).name == "plain-28-10 dropout 0.3"
    assert NetSpec(activation_order="bn-after-add", init="gamma-0.1").name == "ResNet-20 bn-after-add gamma-0.1"
