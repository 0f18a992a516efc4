"""The table of published numbers."""

from __future__ import annotations

import pytest

from core.arith import describe
from core.paper import COUNTS, REFERENCES, counts, reference, references
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


def test_results_without_augmentation_stand_behind_those_with_it() -> None:
    with_it, without = references(preset("densenet-bc-100-12"))
    assert (with_it.value, without.value) == (4.51, 5.92)
    assert "no augmentation" in without.protocol


def test_shortcut_options_on_imagenet_have_their_own_errors() -> None:
    """He 2015, Table 3: C is a little better than B and B than A, and all are far better than no shortcut."""
    names = ("resnet34-c", "resnet34", "resnet34-a", "plain34")
    errors = [next(entry.value for entry in REFERENCES[name] if "He" in entry.source) for name in names]
    assert errors == [24.19, 24.52, 25.03, 28.54]
    assert reference(preset("resnet34")).accuracy == pytest.approx(0.73314)


# Percent, as printed: with flip and crop, and where there is one without; the second of a pair in the ImageNet form is
# He 2015's with ten crops.
PRINTED = {
    "smallresnet": (88.2,),
    "smallresnet-nobn": (85.3,),
    "resnet20": (8.75,),
    "resnet32": (7.51,),
    "resnet44": (7.33,),
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
    "resnext29-8x64d": (3.65,),
    "densenet-40-12": (5.24, 7.00),
    "densenet-100-12": (4.10, 5.77),
    "densenet-bc-100-12": (4.51, 5.92),
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
    "densenet121": (74.434,),
    "densenet169": (75.600,),
    "densenet201": (76.896,),
}


@pytest.mark.parametrize("name", PRINTED)
def test_results_are_those_that_the_papers_print(name: str) -> None:
    assert tuple(entry.value for entry in references(preset(name))) == PRINTED[name]


def test_best_and_spread_of_resnet_110_are_both_said() -> None:
    assert "best of 5 runs (6.61 ± 0.16)" in references(preset("resnet110"))[0].protocol


def test_accuracy_is_a_share_from_either_unit() -> None:
    assert reference(preset("resnet20")).accuracy == pytest.approx(0.9125)
    assert reference(preset("smallresnet")).accuracy == pytest.approx(0.882)
    assert reference(preset("smallresnet-nobn")).accuracy == pytest.approx(0.853)
    assert reference(preset("smallresnet")).epochs == 30


def test_plain_nets_do_not_claim_to_be_he_2015() -> None:
    for depth, error in {20: 9.90, 32: 13.04, 44: 15.55, 56: 14.74}.items():
        entry = reference(NetSpec(depth=depth, skip=False))
        assert entry.value == error
        assert entry.source.startswith("A re-implementation")
