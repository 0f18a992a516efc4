"""Going on from where a run is or was with something changed, laid over it from there on."""

from __future__ import annotations

import streamlit as st

from core.data.files import DataError
from core.engine import client, forks
from core.spec import SpecError, TrainSpec
from core.store.home import checkpoints, step_of
from core.store.records import Run
from core.train.schedule import learning_rate
from core.vocabulary.fields import NET, TRAIN
from core.web import roster
from core.web.train.shown import show
from core.web.words import sentence

NOW = "now"
HELP = (
    "A new run with the weights, the optimiser's memory and the next minibatches of this one. It is laid over it from "
    "there on; while this one goes on, both stand at the same step."
)


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
            format_func=lambda place: "where it is now" if place == NOW else f"step {int(place):,}",
        )
        net = _net(run)
        train = _recipe(run)
        _rates(run, train, run.step if at == NOW else int(at))
        st.button(
            "Go on from there",
            type="primary",
            key=_key(run, "fork"),
            on_click=_fork,
            args=(runs, net, train, None if at == NOW else int(at)),
        )


def _key(run: Run, name: str) -> str:
    return f"go_on_{name}-{run.id}"


def _net(run: Run) -> dict[str, bool]:
    """The fields of the net that were changed: its skips, where it can have them."""
    net = run.spec.net
    if not NET["skip"].offered(net.model_dump()):
        return {}
    skip = st.toggle(NET["skip"].label, net.skip, key=_key(run, "skip"))
    return {"skip": skip} if skip != net.skip else {}


def _recipe(run: Run) -> dict[str, float]:
    """The fields of the recipe that were changed."""
    had = run.spec.train
    left, right = st.columns(2)
    epochs = left.number_input(TRAIN["epochs"].label, 1, value=had.epochs, key=_key(run, "epochs"))
    lr = right.number_input(TRAIN["lr"].label, 0.0, value=had.lr, format="%g", key=_key(run, "lr"))
    changed = {"epochs": epochs, "lr": lr}
    return {name: value for name, value in changed.items() if value != getattr(had, name)}


def _rates(run: Run, train: dict[str, float], step: int) -> None:
    """What the schedule does then: it counts from the first step of the run that is gone on from."""
    if not run.total_steps:
        return
    had = run.spec.train
    each = run.total_steps // had.epochs  # steps of an epoch
    try:
        then = had.but(**train)
    except SpecError as error:
        st.caption(sentence(str(error)))
        return
    total = then.epochs * each
    if step < total:
        before, after = _rate(had, max(step - 1, 0), run.total_steps, each), _rate(then, step, total, each)
        st.caption(
            f"Learning rate: {before:.3g} in the step before, {after:.3g} in the next, of {total:,} steps in all."
        )


def _rate(recipe: TrainSpec, step: int, total: int, each: int) -> float:
    return learning_rate(recipe, min(step, total - 1), total, each)


def _fork(runs: list[Run], net: dict[str, bool], train: dict[str, float], step: int | None) -> None:
    try:
        child = forks.fork(runs[0].id, net, train, step)
    except (SpecError, DataError, client.EngineError) as error:
        st.toast(sentence(str(error)), icon=":material/error:")
    else:
        show(*[run.id for run in runs[: roster.MOST_SHOWN - 1]], child)
