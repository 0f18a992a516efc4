"""The lab's words stand once: types and tables agree, and numbers read alike wherever they are written."""

from __future__ import annotations

import json
import math
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cli.arguments import net_of, parse
from core.spec import NetSpec, TrainSpec, preset
from core.vocabulary import choices, view
from core.vocabulary.families import FAMILIES, KINDS, FamilyName, Kind, depth_rule, nearest_depth, remarks
from core.vocabulary.field import Choice, Field, Integer, Number, Switch
from core.vocabulary.fields import FIELDS, NET
from core.vocabulary.numbers import amount, duration, memory, number, percent
from core.vocabulary.orders import ORDERS, ActivationOrder
from core.vocabulary.quantities import QUANTITIES
from core.vocabulary.states import STATES, Status
from core.web.controls import layout


@pytest.mark.parametrize(
    ("type", "table"),
    [
        (choices.Norm, choices.NORMS),
        (choices.Shortcut, choices.SHORTCUTS),
        (choices.Init, choices.INITS),
        (choices.Stem, choices.STEMS),
        (choices.Stride, choices.STRIDES),
        (choices.Schedule, choices.SCHEDULES),
        (choices.ScheduleBy, choices.SCHEDULE_BY),
        (choices.Optimizer, choices.OPTIMIZERS),
        (choices.Decay, choices.DECAYS),
        (choices.Precision, choices.PRECISIONS),
        (FamilyName, FAMILIES),
        (Kind, KINDS),
        (ActivationOrder, ORDERS),
        (Status, STATES),
    ],
)
def test_every_value_of_a_type_has_its_words(type: Any, table: dict[str, Any]) -> None:
    assert set(get_args(type)) == set(table)


def test_what_depth_does_not_say_is_remarked() -> None:
    assert "three projections" in remarks(NetSpec(family="wide").model_dump())[0]
    assert "265" in remarks(preset("densenet264").model_dump(), "depth")[0]
    assert not remarks(preset("densenet264").model_dump(), "biases")
    assert not remarks(preset("densenet121").model_dump()) + remarks(NetSpec().model_dump())


def test_labels_and_keys_are_told_apart() -> None:
    for field in FIELDS:
        if isinstance(field.type, Choice):
            assert len(field.type.options) == len(field.type.labels), field.name
    for family in FAMILIES:
        net = NetSpec.make(family=family).model_dump()
        keys = [field.key_in(net) for field in FIELDS if field.key and field.part == "net"]
        assert len(set(keys)) == len(keys)


def test_every_field_of_a_form_says_what_it_does() -> None:
    assert not [field.name for field in FIELDS if field.key and not field.help]


def test_every_field_of_a_net_can_be_typed() -> None:
    for name, field in NET.items():
        assert field.flag == f"--{name.replace('_', '-')}"
    net = net_of(parse(["describe", "--depth", "20", "--shortcut-scale", "0,5", "--branch-scale", "1/L"]))
    assert net == NetSpec(shortcut_scale=0.5, branch_scale="1/L")
    assert net_of(parse(["describe", "--family", "resnet", "--num-classes", "100"])).num_classes == 100


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("bottleneck", [False, True])
def test_the_usual_depth_is_possible(family: str, bottleneck: bool) -> None:
    net = NetSpec.make(family=family, bottleneck=bottleneck)
    rule = depth_rule(family, bottleneck=net.bottleneck)
    assert (net.depth - rule.offset) % rule.step == 0 if rule else net.depth in FAMILIES[family].stages
    for wanted in (1, 15, 17, 110):
        assert NetSpec.make(family=family, depth=nearest_depth(wanted, family))


def test_bounds_are_those_of_the_specs() -> None:
    for field in FIELDS:
        if not isinstance(field.type, Integer) or field.part == "probes" or field.name == "depth":
            continue
        spec: type[NetSpec] | type[TrainSpec] = NetSpec if field.part == "net" else TrainSpec
        others: dict[str, Any] = {"bottleneck": True, "depth": 29} if field.part == "net" else {}
        family = {"width_multiplier": "wide", "growth_rate": "densenet"}.get(field.name)
        others = {"family": family} if family else others
        with pytest.raises(ValueError, match="is not possible: choose"):
            spec.make(**{**others, field.name: field.type.high + 1})


def test_a_field_without_a_place_stands_below_the_one_before_it() -> None:
    table = {name: Field("train", name, name, Number(), key=name) for name in "abcdef"}
    assert layout([("c", "d"), "a"], table, elsewhere=["e"]) == [("c", "d"), "a", "b", "f"]
    assert layout(["b", "e"], table, elsewhere=["a"]) == ["b", "c", "d", "e", "f"]


def test_switches_have_two_words() -> None:
    assert all(field.type.on != field.type.off for field in FIELDS if isinstance(field.type, Switch))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (number(0.34149), "0.341"),
        (number(-5.126), "−5.13"),
        (number(999.6), "1,000"),
        (number(1234.5), "1,235"),
        (number(2.34e-11), "2.3·10⁻¹¹"),
        (number(9.96e5), "1.0·10⁶"),
        (number(123.4, 2), "123"),
        (number(math.nan), "–"),
        (number(math.inf), "–"),
        (number(0.0), "0"),
        (amount(999_999), "1 M"),
        (amount(999), "999"),
        (amount(40_560_000), "40.6 M"),
        (amount(1e15), "1000 T"),
        (percent(0.9125), "91.3 %"),
        (percent(0.5, 0), "50 %"),
        (percent(math.nan), "–"),
        (memory(999.6e6), "1.0 GB"),
        (memory(2.5e6), "3 MB"),
        (memory(4321), "4 kB"),
        (memory(999.4e6), "999 MB"),
        (duration(200), "3 min 20 s"),
        (duration(59.6), "1 min 00 s"),
        (duration(7500), "2 h 05 min"),
    ],
)
def test_numbers_for_people(written: str, expected: str) -> None:
    assert written == expected


@given(st.floats(1e-30, 1e30))
def test_a_number_keeps_its_size(value: float) -> None:
    text = number(value).replace(",", "").replace("·10", "e").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    assert float(text) == pytest.approx(value, rel=0.051)


def test_the_browser_reads_the_same_tables() -> None:
    head, _, body = view.module().partition("export default ")
    assert head.startswith("//")
    tables = json.loads(body)
    assert set(tables["states"]) == set(STATES)
    assert set(tables["quantities"]) == set(QUANTITIES)
    assert tables["quantities"]["weight_grad"]["per"] == "layer"
