"""The address that sets a run's recipe up again."""

from __future__ import annotations

from typing import Any

from core.spec import RunSpec, TrainSpec
from core.vocabulary.fields import TRAIN
from core.web import data_form, net_form
from core.web.controls import shown

HERE = ("device", "threads")  # of the machine rather than of the recipe: the form says what this one has


def query_of(spec: RunSpec) -> dict[str, str]:
    """The address that makes the form of the Train page show this net and recipe."""
    recipe = recipe_state(spec.train) | data_form.state_of(spec.train.data)
    return net_form.query_of(spec.net) | net_form.texts(recipe)


def recipe_state(train: TrainSpec) -> dict[str, Any]:
    """The widgets' values that make the form show this recipe, but for its pictures and what is of the machine."""
    return {field.key_in({}): shown(field, train) for name, field in TRAIN.items() if field.key and name not in HERE}
