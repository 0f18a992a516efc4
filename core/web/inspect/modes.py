"""The Inspect page's view ``modes``: why ``model.eval()`` matters, on the chosen picture."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.figures import modes as figures
from core.inspect.catalogue import Entry
from core.record.answers import MODES, Modes
from core.spec import Unreadable
from core.web.fields import integer, pick
from core.web.inspect import charts, nets
from core.web.inspect.chosen import Chosen
from core.web.inspect.downloads import downloads
from core.web.said import say
from core.web.words import sentence

COMPANIES = {str(count): count for count in (2, 4, 8, 16, 32, 64, 128)}  # pictures in a batch
BATCHES = 8
WHY = """
**Batch norm** subtracts a mean and divides by a standard deviation, channel by channel. *Whose?*

- In **train mode** (`model.train()`): those of the batch at hand. So what the net says about *your* picture depends on
  the pictures that happen to be beside it. Here it sits in eight batches, the company drawn from CIFAR-10's test
  pictures by the seed. Nothing else differs from batch to batch, but for what dropout and stochastic depth leave out.
- In **eval mode** (`model.eval()`): running averages that were collected while it trained. The company does not matter.

The smaller the batch, the less one batch resembles another, and the more the answer moves. Who forgets `model.eval()`
before a test measures a different net for every batch size. The net is not trained here, and is afterwards as before.

**Distance** is |batch mean − running mean| ÷ running standard deviation, averaged over the channels and
the batches: the means themselves average channels of both signs, so they can look alike where the channels differ.
"""


def modes(chosen: Chosen) -> None:
    """One row a net: what it says in company in both modes, and its statistics."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        company = pick(
            st.container(width=180),
            "Pictures in a batch",
            COMPANIES,
            "i_modes_company",
            index=1,
            help="Your picture and others; the fewer, the stranger.",
        )
        seed = integer(st.container(width=140), "Seed", 0, 2**31 - 1, 0, "i_modes_seed", help="Draws the company.")
        with st.popover("Why?", icon=":material/help:", width="content"):
            st.markdown(WHY)
        to_save = st.container(width="content")
    if isinstance(seed, Unreadable):
        st.error(sentence(seed))
        return
    found = chosen.ask(MODES, chosen.nets, "modes", company=company, batches=BATCHES, seed=seed)
    if found is None:
        return
    with to_save:
        downloads("modes", {}, lambda: _arrays(chosen.nets, found))
    for index, (net, answer) in enumerate(zip(chosen.nets, found, strict=True)):
        _row(index, chosen, net, answer)


def _row(index: int, chosen: Chosen, net: Entry, found: Modes) -> None:
    drawn = {"answers": figures.answers(found)}
    if found["layers"]:
        drawn["statistics"] = figures.statistics(found, net.net.kind, chosen.colour(net))
    st.html(nets.head(net, chosen.colour(net)))
    charts.row(drawn, [1, 1], f"i_modes_chart{index + 1}", f"{net.ref}-modes")
    if found["layers"]:
        say(figures.moments(found))


def _arrays(nets: tuple[Entry, ...], found: list[Modes]) -> dict[str, np.ndarray]:
    """Every array of every net, its name before it."""
    return {
        f"{net.ref}_{name}": np.asarray(value)
        for net, answer in zip(nets, found, strict=True)
        for name, value in answer.items()
        if name != "seconds"
    }
