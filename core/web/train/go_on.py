"""Going on from where a run is or was with something changed, laid over it from there on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.data.files import DataError, sizes
from core.engine import client, forks
from core.engine.changes import forked, told
from core.spec import RunSpec, SpecError, TrainSpec
from core.store.home import checkpoints, step_of
from core.store.records import Run
from core.train.schedule import learning_rate
from core.vocabulary.field import Choice
from core.vocabulary.fields import NET, TRAIN
from core.web import roster
from core.web.train.shown import show
from core.web.words import sentence

NOW = "now"
HELP = (
    "A new run with the weights, the optimiser's memory and the next minibatches of this one, where they fit. It is "
    "laid over it from there on; while this one goes on, both stand at the same step."
)
BATCH_NORM = "Batch norm"
Changes = dict[str, Any]  # by the names of the fields


def draw(runs: list[Run]) -> None:
    """What may be changed of the first run; nothing where it has no checkpoint to go on from."""
    run = runs[0]
    kept = [step_of(path) for path in reversed(checkpoints(client.store().folder(run.id)))]
    places = ([NOW] if run.active else []) + [str(step) for step in kept]
    if not places:
        return
    with st.popover("Change and go on", icon=":material/content_cut:", width="content", help=HELP):
        at = st.selectbox(
            "From",
            places,
            key=_key(run, "at"),
            format_func=lambda place: "From where it is now" if place == NOW else f"From step {int(place):,}",
            label_visibility="collapsed",
        )
        net = _net(run)
        train = _recipe(run)
        _foretell(run, net, train, run.step if at == NOW else int(at))
        st.button(
            "Go on from there",
            type="primary",
            key=_key(run, "fork"),
            on_click=_fork,
            args=(runs, net, train, None if at == NOW else int(at)),
        )


def _key(run: Run, name: str) -> str:
    return f"go_on_{name}-{run.id}"


def _net(run: Run) -> Changes:
    """The fields of the net that were changed."""
    net = run.spec.net
    fields = net.model_dump()
    chosen: Changes = {}
    left, right = st.columns(2)
    if NET["skip"].offered(fields):
        chosen["skip"] = left.toggle(NET["skip"].label, net.skip, key=_key(run, "skip"))
    normed = right.toggle(BATCH_NORM, net.norm == "batch", key=_key(run, "norm"))
    if normed != (net.norm == "batch"):
        chosen["norm"] = "batch" if normed else "none"
    for where, name in ((left, "shortcut"), (right, "activation_order")):
        kind = NET[name].type
        if NET[name].offered(fields) and isinstance(kind, Choice):
            values = list(kind.labels)
            had = values.index(fields[name])
            chosen[name] = where.selectbox(NET[name].label, values, had, kind.label, key=_key(run, name))
    return _changed(chosen, fields)


def _recipe(run: Run) -> Changes:
    """The fields of the recipe that were changed."""
    had = run.spec.train
    kinds = {"epochs": (1, "%d"), "batch_size": (1, "%d"), "lr": (0.0, "%g"), "momentum": (0.0, "%g")}
    names = [name for name in kinds if name != "momentum" or had.optimizer == "sgd"]
    chosen = {
        name: column.number_input(
            TRAIN[name].label, kinds[name][0], value=getattr(had, name), format=kinds[name][1], key=_key(run, name)
        )
        for name, column in zip(names, st.columns(len(names)), strict=True)
    }
    return _changed(chosen, had.model_dump())


def _changed(chosen: Changes, had: Mapping[str, Any]) -> Changes:
    return {name: value for name, value in chosen.items() if value != had[name]}


def _foretell(run: Run, net: Changes, train: Changes, step: int) -> None:
    """What becomes of weights, memory and minibatches, and of the rate; or why this cannot be."""
    if not (net or train):
        return
    try:
        spec = forked(run.spec, net, train)
        images, _ = sizes(spec.train.data)
        begins = forks.began(run, spec, step)
    except (SpecError, DataError) as error:
        st.caption(sentence(str(error)))
        return
    said = [*told(run.spec, spec, images, step), _rates(run.spec, spec, images, step, begins)]
    if run.active and spec.train.batch_size != run.spec.train.batch_size:
        said.append("It takes other steps than this run, so it is trained by itself and neither waits for the other.")
    st.caption("\n".join(f"- {sentence(text)}" for text in said))


def _rates(was: RunSpec, now: RunSpec, images: int, step: int, begins: int) -> str:
    """What the schedule does: it counts from the first step of the run that is gone on from."""
    total = now.train.epochs * now.train.epoch(images).steps
    return (
        f"Learning rate: {_rate(was.train, max(step - 1, 0), images):.3g} in the step before, "
        f"{_rate(now.train, begins, images):.3g} in the next, of {total:,} steps in all."
    )


def _rate(recipe: TrainSpec, step: int, images: int) -> float:
    each = recipe.epoch(images).steps
    total = recipe.epochs * each
    return learning_rate(recipe, min(step, total - 1), total, each)


def _fork(runs: list[Run], net: Changes, train: Changes, step: int | None) -> None:
    try:
        child = forks.fork(runs[0].id, net, train, step)
    except (SpecError, DataError, client.EngineError) as error:
        st.toast(sentence(str(error)), icon=":material/error:")
    else:
        show(*[run.id for run in runs[: roster.MOST_SHOWN - 1]], child)
