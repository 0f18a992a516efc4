"""The search language: every run that is found is one that should be, by a second reading of the same words."""

from __future__ import annotations

import operator
from dataclasses import fields as fields_of
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spec import NetSpec, RunSpec, SpecError, TrainSpec
from core.store.reached import Reached
from core.store.records import Run
from core.store.search import LONGEST, read_query
from core.vocabulary.fields import FIELDS

SIGNS: dict[str, Any] = {":": operator.eq, "=": operator.eq, "!=": operator.ne}
SIGNS |= {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}


def run(title: str = "", note: str = "", tags: str = "[]", status: Any = "finished", **fields: Any) -> Run:
    net = {name: value for name, value in fields.items() if name in NetSpec.model_fields}
    train = {name: value for name, value in fields.items() if name in TrainSpec.model_fields}
    spec = RunSpec(net=NetSpec.make(**net), train=TrainSpec.make(**train))
    row: dict[str, Any] = dict.fromkeys(field.name for field in fields_of(Run))
    row |= {"id": "1128-abc", "net_name": spec.net.name, "spec_json": spec.to_json(), "status": status, "step": 390}
    return Run(**row | {"title": title, "note": note, "tags_json": tags})


def finds(query: str, found: Run, *accuracies: float) -> bool:
    return read_query(query).finds(found, Reached(len(accuracies), accuracies, 900.0))


@given(
    depth=st.sampled_from([8, 14, 20, 56]),
    sign=st.sampled_from(sorted(SIGNS)),
    wanted=st.sampled_from([8, 14, 20, 30, 56]),
)
def test_numbers_compare_as_numbers(depth: int, sign: str, wanted: int) -> None:
    assert finds(f"depth{sign}{wanted}", run(depth=depth)) == SIGNS[sign](depth, wanted)


@given(
    norm=st.sampled_from(["batch", "group", "none"]),
    wanted=st.sampled_from(["batch", "Group", "none"]),
    seed=st.integers(0, 3),
    least=st.integers(0, 3),
)
def test_all_terms_must_hold(norm: Any, wanted: str, seed: int, least: int) -> None:
    found = run(norm=norm, seed=seed)
    assert finds(f"norm:{wanted}  seed>={least}", found) == (norm == wanted.lower() and seed >= least)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_search_or_one_sentence(text: str) -> None:
    said = "."
    try:
        read_query(text).finds(run(), Reached())
    except SpecError as error:
        said = str(error)
    assert said.endswith(".")
    assert said.isprintable()
    assert len(said) < 400


@given(st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_words_between_quotation_marks_are_found_as_they_stand(words: str) -> None:
    assert finds(f'"{words}"', run(note=f"before {words} after"))


@pytest.mark.parametrize("field", [field for field in FIELDS if field.part != "probes"], ids=lambda field: field.name)
def test_every_field_of_the_vocabulary_can_be_asked_for(field: Any) -> None:
    own = getattr(getattr(run().spec, field.part), field.name)
    wanted = ("on" if own else "off") if isinstance(own, bool) else own or 0
    read_query(f'{field.name}:"{wanted}" {field.name.replace("_", "-")}!="{wanted}"')


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("resnet", True),
        ("RESNET-56", True),
        ("mine", True),
        ("tag:mine", True),
        ("tag:#mine", True),
        ("tag:min", False),
        ("tag!=other", True),
        ('"too short"', True),
        ('"short too"', False),
        ("note:warm-up", True),
        ('name:"my plain"', True),
        ("status:finished", True),
        ("status!=finished", False),
        ("id:1128", True),
        ("accuracy>49 accuracy<51", True),
        ("accuracy>50%", False),
        ("speed>=900", True),
        ("skip:on", True),
        ("skip:off", False),
        ("skips:on", True),
        ("learning-rate:0,1", True),
        ("warmup_steps:auto", True),
        ("warmup_steps>3", False),
        ("growth_rate:12", False),  # it means nothing in a ResNet
        ("data:sample", True),
        ("", True),
    ],
)
def test_what_is_found(query: str, found: bool) -> None:
    subject = run("My plain net", "The warm-up is too short", '["mine"]', depth=56)
    assert finds(query, subject, 0.25, 0.5) is found


def test_a_run_without_a_test_is_neither_above_nor_below() -> None:
    assert not finds("accuracy<50", run())
    assert not finds("accuracy!=50", run())


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("dept>5", "write depth"),
        ("xyzzy:5", "choose one such as status"),
        ("depth:abc", '"abc" is not a number'),
        ("norm:bach", "choose batch, group, layer, instance or none"),
        ("norm>none", "has no order"),
        ("skip:maybe", "choose on or off"),
        ("status:done", "choose queued, starting"),
        ("depth:", "half a search"),
        (">5", "half a search"),
        ('"open', "quotation mark is not closed"),
        ("x" * (LONGEST + 1), "too long"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(query: str, sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence) as caught:
        read_query(query)
    assert len(str(caught.value).splitlines()) == 1
