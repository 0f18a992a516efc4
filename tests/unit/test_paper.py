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
