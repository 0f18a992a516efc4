"""The table of published numbers."""

from __future__ import annotations

import pytest

from core.arith import describe
from core.paper import PARAMS, REFERENCES, reference
from core.spec import PRESETS, NetSpec, preset


def test_every_entry_belongs_to_a_preset_and_is_found_by_its_spec() -> None:
    for name, entry in REFERENCES.items():
        assert reference(PRESETS[name]) is entry
        assert entry.source
        assert entry.protocol


def test_published_parameters_are_the_computed_ones() -> None:
    assert {name: describe(PRESETS[name]).params for name in PARAMS} == dict(PARAMS)


def test_a_net_that_nobody_published_has_no_reference() -> None:
    assert reference(NetSpec(depth=20, norm="group")) is None
    assert reference(NetSpec(depth=26)) is None
    assert reference(NetSpec(init="default")) is None


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
