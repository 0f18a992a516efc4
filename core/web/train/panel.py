"""The left column of the Train page: what to train, what it will cost, and the Train button."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from core import arith
from core.data import files
from core.data.files import DataError
from core.engine import client
from core.spec import Epoch, NetSpec, RunSpec, SpecError, TrainSpec, fitted
from core.vocabulary.numbers import amount, memory
from core.web.data_form import data_form
from core.web.net_form import net_form
from core.web.train.recipe_form import recipe_form
from core.web.words import sentence


def draw() -> str | None:
    """Draw the column; the id of the new run when Train was pressed, else None. Raises SpecError."""
    top = st.container(gap="small")
    summary = st.container()
    button = st.container()
    more = st.expander("More", icon=":material/tune:")
    net_fields = net_form(top, more)
    data = data_form(top)
    recipe_fields = recipe_form(top, more) | {"data": data}
    try:
        net = fitted(NetSpec.make(**net_fields), data)
        run = RunSpec.make(net=net, train=TrainSpec.make(**recipe_fields))
    except SpecError as error:
        summary.error(sentence(str(error)))
        button.button("Train", type="primary", width="stretch", disabled=True, key="train")
        return None
    with summary:
        _cost(net, run.train)
    if not button.button(
        f"Train {net.name}", type="primary", icon=":material/play_arrow:", width="stretch", key="train"
    ):
        return None
    try:
        return client.submit(run)
    except (SpecError, DataError, client.EngineError) as error:
        summary.error(sentence(str(error)))
        return None


def _cost(net: NetSpec, train: TrainSpec) -> None:
    """Parameters, operations and memory of the choice, exact by arith, as it changes."""
    totals = arith.describe(net)
    needed = arith.training_bytes(net, train.batch_size)
    st.markdown(
        f"**{net.name}** · {totals.params:,} parameters · {amount(totals.macs)} MACs a picture · "
        f"≈ {memory(needed)} to train"
    )
    with suppress(DataError):  # the form says what is wrong with the pictures
        images, _ = files.sizes(train.data)
        if train.batch_size <= images:
            st.caption(_epoch(net, train.epoch(images)))


def _epoch(net: NetSpec, epoch: Epoch) -> str:
    """What an epoch is, and what that does to batch norm where its last minibatch is a single picture."""
    alone = net.norm == "batch" and epoch.remainder == 1 and not epoch.drop_last
    note = " Batch norm then has one picture to take mean and variance from: its statistics are that picture's own."
    return epoch.sentence + note * alone
