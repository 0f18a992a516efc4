"""The picker of nets of the literature with the recipe that they were trained by."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.spec import NetSpec, TrainSpec
from core.spec.published import PUBLISHED, name_of
from core.vocabulary.datasets import DATASETS, USUAL
from core.web import net_form
from core.web.filling import fill
from core.web.run.recipe import recipe_state

HELP = (
    "Sets everything below, net and recipe, as it was published: on all of CIFAR-10, which takes hours to days on a "
    "CPU. Fewer epochs or the sample make it quick, and no longer comparable."
)


def published_form(where: DeltaGenerator, net: NetSpec | None, train: TrainSpec | None) -> None:
    """Draw it, for what the form holds now, if anything; say what is otherwise here than it was published.

    The choice is taken and forgotten: a box that followed the form would set the form back.
    """
    name = name_of(net, train) if net and train else None
    where.selectbox(
        "As in a paper",
        list(PUBLISHED),
        index=None,
        placeholder=name or "a net and its recipe",
        key="published",
        on_change=_take,
        help=HELP,
    )
    if name and PUBLISHED[name].unlike:
        where.caption(PUBLISHED[name].unlike)


def _take() -> None:
    chosen = PUBLISHED.get(st.session_state["published"])
    st.session_state["published"] = None
    if chosen:
        fill(net_form.state_of(chosen.net) | recipe_state(chosen.train) | {"data": DATASETS[USUAL].whole})
