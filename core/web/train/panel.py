"""The left column of the Train page: what to train, what it will cost, and the Train button."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import arith
from core.data import files
from core.data.files import DataError
from core.engine import client
from core.engine.checks import checkpoint_bytes
from core.spec import Epoch, NetSpec, ProbeSpec, RunSpec, SpecError, TrainSpec, fitted
from core.spec.races import RACES, he_figure_6
from core.spec.warmup import settled
from core.vocabulary.fields import PROBES
from core.vocabulary.glossary import explained
from core.vocabulary.numbers import amount, memory
from core.web.data_form import data_form
from core.web.fields import pick, switch
from core.web.net_form import net_form
from core.web.train.published_form import published_form
from core.web.train.recipe_form import recipe_form
from core.web.words import sentence

FILM = PROBES["film"]
WORDS = explained("parameters", "MACs", "epoch", "minibatch")
RACE_HELP = (
    "Several nets by one recipe, with the same seed and minibatches: each trains a minibatch in its turn, so that all "
    "stand at the same step. BN and skips are switched in the net chosen above; figure 6 brings its own four nets, and "
    "not the paper's recipe."
)


def place(folded: bool) -> DeltaGenerator:
    """Where the form stands: folded away while runs are shown, because it starts another one."""
    return st.expander("New run", icon=":material/add:", key="new_run") if folded else st.container()


def draw() -> list[str]:
    """Draw the column; the ids of the new runs when Train was pressed, else none. Raises SpecError."""
    top = st.container(gap="small")
    button = st.container()  # above the figures: on a laptop's screen it would else be below the fold
    summary = st.container()
    known = st.container(gap="small")
    more = st.expander("More", icon=":material/tune:")
    net_fields = net_form(top, more)
    data = data_form(top)
    recipe_fields = recipe_form(top, more) | {"data": data}
    probes = ProbeSpec(film=FILM.bounds[1] if switch(more, FILM.label, False, FILM.key_in({}), help=FILM.help) else 0)
    nets_of = pick(top, "Train beside each other", RACES, "race", help=RACE_HELP)
    try:
        net = fitted(NetSpec.make(**net_fields), data)
        train = TrainSpec.make(**recipe_fields)
        runs = _settled([RunSpec.make(net=fitted(each, data), train=train, probes=probes) for each in nets_of(net)])
    except SpecError as error:
        summary.error(sentence(str(error)))
        published_form(known, None, None)
        button.button("Train", type="primary", width="stretch", disabled=True, key="train")
        return []
    published_form(known, net, train)
    with summary:
        _cost([run.net for run in runs], train)
        _warm_up(runs[0].train, of_the_paper=nets_of is he_figure_6)
        _film(runs)
    label = f"Train {net.name}" if len(runs) == 1 else f"Train {len(runs)} nets at the same step"
    if not button.button(label, type="primary", icon=":material/play_arrow:", width="stretch", key="train"):
        return []
    try:
        return client.submit_race(runs)
    except (SpecError, DataError, client.EngineError) as error:
        summary.error(sentence(str(error)))
        return []


def _settled(runs: list[RunSpec]) -> list[RunSpec]:
    """The runs as they would be trained; as they are where the pictures cannot be counted, which is said elsewhere."""
    with suppress(DataError):
        images, _ = files.sizes(runs[0].train.data)
        if runs[0].train.batch_size <= images:
            return settled(runs, images)
    return runs


def _warm_up(train: TrainSpec, of_the_paper: bool) -> None:
    """How long the rate grows, where it does."""
    steps = train.warmup_steps
    if steps in (0, "auto"):
        return
    unlike = " He 2015 did not warm up at these depths; one recipe serves all four nets." * of_the_paper
    st.caption(f"Warm-up: in the first {steps:,g} steps the learning rate grows from 0.{unlike}")


def _film(runs: list[RunSpec]) -> None:
    """What a film takes on the disk, where one is kept."""
    if frames := runs[0].probes.film:
        size = memory(sum(frames * checkpoint_bytes(run) for run in runs))
        st.caption(f"Film: up to {frames} checkpoints{' of each net' * (len(runs) > 1)}, ≈ {size} on this disk.")


def _cost(nets: list[NetSpec], train: TrainSpec) -> None:
    """Parameters, operations and memory of the choice, exact by arith, as it changes."""
    counts = sorted((arith.describe(net) for net in nets), key=lambda count: count.params)
    params = _spread(f"{count.params:,}" for count in counts)
    macs = _spread(amount(macs) for macs in sorted(count.macs for count in counts))
    needed = memory(sum(arith.training_bytes(net, train.batch_size) for net in nets))
    names = ", ".join(net.name for net in nets)
    st.markdown(f"**{names}** · {params} parameters · {macs} MACs a picture · ≈ {needed} to train", help=WORDS)
    net = nets[0]
    with suppress(DataError):  # the form says what is wrong with the pictures
        images, _ = files.sizes(train.data)
        if train.batch_size <= images:
            st.caption(_epoch(net, train.epoch(images)))


def _spread(values: Iterable[str]) -> str:
    """What nets have there: one value, or the least and the most of values in ascending order."""
    found = list(dict.fromkeys(values))
    return found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}"


def _epoch(net: NetSpec, epoch: Epoch) -> str:
    """What an epoch is, and what that does to batch norm where its last minibatch is a single picture."""
    alone = net.norm == "batch" and epoch.remainder == 1 and not epoch.drop_last
    note = " Batch norm then has one picture to take mean and variance from: its statistics are that picture's own."
    return epoch.sentence + note * alone
