"""A run's recipe as rows of a table, the place where it was trained, and the address that sets it up again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from core.spec import NetSpec, RunSpec, Spec, TrainSpec
from core.vocabulary.field import Field
from core.vocabulary.fields import NET, TRAIN
from core.web import data_form, net_form
from core.web.controls import shown
from core.web.pictures import pictures_of

HERE = ("device", "threads")  # of the machine rather than of the recipe: the form says what this one has
FIRST = ("family", "depth", "norm", "skip", "init", "data", "epochs", "lr", "batch_size", "seed")
DIGEST = 16  # characters of a digest that are shown
NOT_SAID = "an older version did not say"


class Row(NamedTuple):
    """A field of the recipe, its value in words, and whether that is what the form begins with."""

    label: str
    value: str
    usual: bool
    first: bool  # whether it is always worth knowing


def rows(spec: RunSpec) -> list[Row]:
    """All fields that mean something in this net."""
    usual = NetSpec.make(family=spec.net.family, form=spec.net.form, bottleneck=spec.net.bottleneck)
    offered = {name: field for name, field in NET.items() if field.offered(spec.net.model_dump())}
    return [*_rows(offered, spec.net, usual), *_rows(TRAIN, spec.train, TrainSpec())]


def _rows(fields: Mapping[str, Field], spec: Spec, usual: Spec) -> list[Row]:
    found = []
    for name, field in fields.items():
        value = getattr(spec, name)
        said = pictures_of(value) if name == "data" else field.value(value)
        found.append(Row(field.label, said, value == getattr(usual, name), name in FIRST))
    return found


def place(started: Mapping[str, Any]) -> list[list[str]]:
    """What decides, beside the recipe, how the numbers come out. ``started`` as the run told it, or empty."""
    if not started:
        return [["so far", "nowhere: it has not begun"]]
    versions: Mapping[str, str] = started.get("versions", {})
    digest = started.get("data_digest", "")
    return [
        ["device", started["device"]],
        ["precision", started["precision"]],
        ["threads", str(started["threads"])],
        ["versions", ", ".join(f"{name} {version}" for name, version in versions.items()) or NOT_SAID],
        ["pictures", f"SHA-256 `{digest[:DIGEST]}…`" if digest else NOT_SAID],
    ]


def query_of(spec: RunSpec) -> dict[str, str]:
    """The address that makes the form of the Train page show this net and recipe."""
    recipe = recipe_state(spec.train) | data_form.state_of(spec.train.data)
    return net_form.query_of(spec.net) | net_form.texts(recipe)


def recipe_state(train: TrainSpec) -> dict[str, Any]:
    """The widgets' values that make the form show this recipe, but for its pictures and what is of the machine."""
    return {field.key_in({}): shown(field, train) for name, field in TRAIN.items() if field.key and name not in HERE}
