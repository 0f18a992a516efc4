"""The table of published numbers."""

from __future__ import annotations

import pytest
import torchvision

from core.arith import describe
from core.paper import COUNTS, REFERENCES, Reference, counts, reference, references
from core.spec import PRESETS, NetSpec, preset


def test_every_entry_belongs_to_a_preset_and_is_found_by_its_spec() -> None:
    for name, entries in REFERENCES.items():
        assert references(PRESETS[name]) is entries
        assert reference(PRESETS[name]) is entries[0]
        for entry in entries:
            assert entry.source
            assert entry.protocol
            imagenet = PRESETS[name].form == "imagenet"
            assert entry.unit.startswith("% top-1" if imagenet else "% test")


def test_published_counts_are_the_computed_ones() -> None:
    for name, published in COUNTS.items():
        found = describe(PRESETS[name])
        assert counts(PRESETS[name]) is published
        assert published.params == found.params
        assert published.norm_params in (None, found.norm_params)
        assert published.macs in (None, found.macs)


def test_a_net_that_nobody_published_has_no_reference() -> None:
    assert reference(NetSpec(depth=20, norm="group")) is None
    assert reference(NetSpec(depth=26)) is None
    assert reference(NetSpec(init="default")) is None
    assert references(NetSpec(depth=26)) == ()
    assert counts(NetSpec(depth=26)) is None


def first(name: str) -> Reference:
    """The result that the lab shows beside that net."""
    found = reference(preset(name))
    assert found is not None
    return found


def test_the_study_is_beside_nets_that_begin_as_its_own_did() -> None:
    for name, accuracy in (("smallresnet", 88.2), ("smallresnet-nobn", 85.3)):
        found = reference(preset(name).but(init="default"))
        assert found is not None
        assert found.said == f"{accuracy} % after 30 epochs (The BN study, notebook)"
    assert reference(preset("resnet20").but(init="default")) is None  # He 2015 did not begin so


def test_results_without_augmentation_stand_behind_those_with_it() -> None:
    with_it, without = references(preset("densenet-bc-100-12"))
    assert (with_it.value, without.value) == (4.51, 5.92)
    assert "no augmentation" in without.protocol


def test_shortcut_options_on_imagenet_have_their_own_errors() -> None:
    """He 2015, Table 3: C is a little better than B and B than A, and all are far better than no shortcut."""
    names = ("resnet34-c", "resnet34", "resnet34-a", "plain34")
    errors = [next(entry.value for entry in REFERENCES[name] if "He" in entry.source) for name in names]
    assert errors == [24.19, 24.52, 25.03, 28.54]
    assert first("resnet34").accuracy == pytest.approx(0.73314)


# Percent, as printed: with flip and crop, and where there is one without; the second of a pair in the ImageNet form is
# He 2015's with ten crops, or Simonyan and Zisserman 2015's on whole pictures.
PRINTED = {
    "smallresnet": (88.2,),
    "smallresnet-nobn": (85.3,),
    "plain20": (9.90,),
    "plain32": (13.04,),
    "plain44": (15.55,),
    "plain56": (14.74,),
    "resnet20-b": (8.26,),
    "resnet32-b": (7.77,),
    "resnet56-b": (6.91,),
    "resnet20": (8.75,),
    "resnet32": (7.51,),
    "resnet44": (7.17,),
    "resnet56": (6.97,),
    "resnet110": (6.43,),
    "resnet1202": (7.93,),
    "resnet110-c": (12.22,),
    "resnet110-sd": (5.25,),
    "resnet110-half": (12.35,),
    "resnet110-bn-after-add": (8.17,),
    "resnet110-relu-before-add": (7.84,),
    "resnet110-relu-only-pre": (6.71,),
    "resnet164": (5.93,),
    "preact110": (6.37,),
    "preact164": (5.46,),
    "preact1001": (4.92,),
    "wrn16-4": (5.02,),
    "wrn16-8": (4.27,),
    "wrn28-10": (4.00,),
    "wrn28-10-dropout": (3.89,),
    "resnext29-8x64d": (3.65,),
    "densenet-40-12": (5.24, 7.00),
    "densenet-100-12": (4.10, 5.77),
    "densenet-bc-100-12": (4.51, 5.92),
    "densenet-bc-250-24": (3.62, 5.19),
    "densenet-bc-190-40": (3.46,),
    "plain18": (27.94,),
    "plain34": (28.54,),
    "resnet18": (69.758,),
    "resnet18-a": (27.88,),
    "resnet34": (73.314, 24.52),
    "resnet34-a": (25.03,),
    "resnet34-c": (24.19,),
    "resnet50": (76.130,),
    "resnet101": (77.374,),
    "resnet152": (78.312,),
    "resnext50_32x4d": (77.618,),
    "resnext101_32x8d": (79.312,),
    "resnext101_64x4d": (83.246,),
    "wide_resnet50_2": (78.468,),
    "wide_resnet101_2": (78.848,),
    "densenet121": (74.434,),
    "densenet161": (77.138,),
    "densenet169": (75.600,),
    "densenet201": (76.896,),
    "vgg16-cifar": (92.64,),
    "vgg11": (69.020, 29.6),
    "vgg11_bn": (70.370,),
    "vgg13": (69.928, 28.7),
    "vgg13_bn": (71.586,),
    "vgg16": (71.592, 25.6),
    "vgg16_bn": (73.360,),
    "vgg19": (72.376, 25.5),
    "vgg19_bn": (74.218,),
}


def test_nothing_is_published_but_what_is_printed() -> None:
    assert REFERENCES.keys() == PRINTED.keys()


@pytest.mark.parametrize("name", PRINTED)
def test_results_are_those_that_the_papers_print(name: str) -> None:
    assert tuple(entry.value for entry in references(preset(name))) == PRINTED[name]


def test_best_and_spread_of_resnet_110_are_both_said() -> None:
    assert "best of 5 runs (6.61 ± 0.16)" in references(preset("resnet110"))[0].protocol


def test_accuracy_is_a_share_from_either_unit() -> None:
    assert first("resnet20").accuracy == pytest.approx(0.9125)
    assert first("smallresnet").accuracy == pytest.approx(0.882)
    assert first("smallresnet-nobn").accuracy == pytest.approx(0.853)
    assert first("smallresnet").epochs == 30


@pytest.mark.parametrize("name", sorted({*PRESETS} & {*torchvision.models.list_models()}))
def test_torchvisions_nets_have_the_accuracy_that_torchvision_states(name: str) -> None:
    stated = torchvision.models.get_model_weights(name).IMAGENET1K_V1.meta
    found = next(entry for entry in references(preset(name)) if entry.source == "torchvision, V1 weights")
    assert found.value == stated["_metrics"]["ImageNet-1K"]["acc@1"]
    assert stated["num_params"] == describe(preset(name)).params


def test_nets_that_he_2015_did_not_print_name_who_measured_them() -> None:
    """He 2015 draws its plain nets and prints no number; option B on CIFAR-10 it does not have at all."""
    for name in ("plain20", "plain32", "plain44", "plain56", "resnet20-b", "resnet32-b", "resnet56-b"):
        [entry] = references(preset(name))
        assert entry.source == "junyuseu/ResNet-on-Cifar10"
        assert entry.protocol.startswith("a Caffe re-implementation of He et al. 2015")
        assert entry.epochs == 200
        assert "batch 100" in entry.protocol
        assert "28×28 crops" in entry.protocol  # not the 4 pixels of padding that its other table has
    assert first("resnet44").source == "He et al. 2015, Table 6"


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("wrn16-4", "wrn16-8", "wrn28-10", "wrn28-10-dropout"), ("by reflection", "Nesterov", "weight decay 5e-4")),
        (("wrn28-10-dropout",), ("dropout 0.3",)),
        (("densenet-40-12", "densenet-bc-250-24", "densenet-bc-190-40"), ("Nesterov", "weight decay 1e-4")),
        (("resnet110-sd",), ("Nesterov", "best validation error")),
        (("resnext29-8x64d",), ("pre-activated blocks at batch 256",)),
        (("resnet20", "resnet1202"), ("momentum 0.9", "weight decay 1e-4", "pad-4")),
    ],
)
def test_protocols_say_what_matters(names: tuple[str, ...], words: tuple[str, ...]) -> None:
    for name in names:
        for entry in references(preset(name)):
            assert all(word in entry.protocol for word in words)


def test_only_wide_nets_pad_by_reflection() -> None:
    padded = {name for name in REFERENCES if any("reflection" in entry.protocol for entry in REFERENCES[name])}
    assert padded == {name for name in REFERENCES if PRESETS[name].family == "wide"}
