"""The right side of the Train page: the run in the URL, its twin beside it, or what can be watched."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from core import paper, said
from core.data.files import DataError
from core.engine import client
from core.spec import NetSpec, RunSpec, SpecError, read_number, twin
from core.spec.names import told_apart
from core.store.recordings import head
from core.store.records import Run
from core.vocabulary.datasets import SAMPLE, dataset_of
from core.vocabulary.fields import NET
from core.vocabulary.numbers import percent
from core.vocabulary.states import RESUMABLE
from core.web import registry
from core.web.addresses import asked
from core.web.keys import FILE
from core.web.runs import active_runs, listed, past_runs
from core.web.said import say
from core.web.train import live, recorded
from core.web.words import code, sentence

SHOWN = "shown_runs"  # what the address was last seen or made to ask for
FLIPS: dict[Literal["norm", "skip"], str] = {"norm": "BN", "skip": "skips"}


def show(run_id: str, compare_id: str | None = None) -> None:
    """Put a run, and perhaps another to compare it with, into the URL and draw it at once."""
    st.query_params.pop(FILE, None)
    st.query_params["run"] = run_id
    if compare_id:
        st.query_params["with"] = compare_id
    else:
        st.query_params.pop("with", None)


def selected() -> tuple[Run | None, Run | None]:
    """The run that the address asks for and the one to lay over it; an unknown id is named and ignored.

    A link from this page to itself reaches the script, but Streamlit leaves the browser's address as it was: what is
    new is therefore written there.
    """
    run, other = _named("run"), _named("with")
    if run is None or other == run:
        st.query_params.pop("with", None)
        other = None
    ids = (run.id, other.id if other else None) if run else None
    if ids and ids != st.session_state.get(SHOWN):
        show(*ids)
    st.session_state[SHOWN] = ids
    return run, other


def _named(parameter: str) -> Run | None:
    run_id = asked(parameter)
    run = client.run(run_id) if run_id else None
    if run_id and run is None:
        st.warning(f"There is no run {code(run_id)} here: it belongs to another machine or was removed.")
    if run is None:
        st.query_params.pop(parameter, None)
    return run


def draw(run: Run, other: Run | None) -> None:
    """The row of twins and comparisons, and the live dashboard under it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="compare_row"):
        st.markdown("**Train the twin**", width="content", help=TWIN_HELP)
        for flip in FLIPS:
            _twin_button(run, flip)
        _compare_picker(run, other)
        st.caption(pictures_of(run.spec.train.data), width="content")
        _paper(run.spec.net)
    say(said.of_training(run.spec.net))
    live.live(head(run), head(other) if other else None, key="live", on_command=_send)


TWIN_HELP = (
    "The same net, seed, minibatches and, where shapes agree, initial weights, with one thing flipped; "
    "laid over this run on shared scales."
)


def _twin_button(run: Run, flip: Literal["norm", "skip"]) -> None:
    spec = run.spec.net
    if not NET[flip].offered(spec.model_dump()):
        return
    on = spec.norm != "none" if flip == "norm" else spec.skip
    label = f"{'without' if on else 'with'} {FLIPS[flip]}"
    try:
        net = twin(spec, flip)
    except SpecError as error:
        st.button(label, key=f"twin_{flip}", disabled=True, help=sentence(str(error)))
        return
    st.button(label, key=f"twin_{flip}", icon=":material/call_split:", on_click=_train_twin, args=(run, net))


def _train_twin(run: Run, net: NetSpec) -> None:
    spec = RunSpec(net=net, train=run.spec.train, probes=run.spec.probes)
    try:
        twin_id = client.submit(spec, twin_of=run.id)
    except (SpecError, DataError, client.EngineError) as error:
        st.toast(sentence(str(error)), icon=":material/error:")
    else:
        show(run.id, twin_id)


def _compare_picker(run: Run, other: Run | None) -> None:
    others = {candidate.id: candidate for candidate in client.runs(limit=50) if candidate.id != run.id}
    if other:
        others[other.id] = other
    known = [run, *others.values()]
    told = told_apart([each.spec for each in known], [each.created for each in known])
    labels = {each.id: label for each, label in zip(known, told, strict=True)}
    options = [None, *others]
    chosen = st.selectbox(
        "Compare with",
        options,
        index=options.index(other.id) if other else 0,
        format_func=lambda run_id: f"{labels[run_id]} · {others[run_id].status}" if run_id else "Compare with …",
        label_visibility="collapsed",
        key=f"compare-{run.id}-{other.id if other else ''}",
        width=260,
    )
    if chosen != (other.id if other else None):
        show(run.id, chosen)
        st.rerun()


def pictures_of(data: str) -> str:
    """What a run is trained on, in words."""
    label = dataset_of(data).label
    return f"Sample of {label}" if data == SAMPLE else label


def _paper(net: NetSpec) -> None:
    """What is published about this net, with its protocol, for comparison; nothing where no source says."""
    reference = paper.reference(net)
    if reference:
        epochs = f"after {reference.epochs} epochs" if reference.epochs else "epochs not stated"
        st.caption(
            f"Published: {percent(reference.accuracy, 2)} {epochs} ({reference.source})",
            help=f"Test accuracy. Protocol: {reference.protocol}.",
            width="content",
        )


def _send(command: live.LiveCommand) -> bool:
    """A button of the dashboard was pressed: pass it on, and say whether that went well; refusals are told."""
    try:
        value = None if command.value is None else read_number(command.value)
        run = client.run(command.run)
        if command.kind == "resume" and run and run.status in RESUMABLE:
            client.resume(command.run)
        else:
            client.command(command.run, command.kind, value)
    except (SpecError, client.EngineError) as error:
        st.toast(sentence(str(error)), icon=":material/error:")
        return False
    return True


def empty_state() -> None:
    """Nothing is chosen yet: what is running can be watched, and what the page does."""
    st.subheader("Choose a net, press Train, watch it learn")
    st.markdown(
        "Everything on the left can stay as it is. Then switch **batch normalisation** or **skip connections** off, "
        "train the twin, and compare."
    )
    now, over = listed(limit=8)
    active_runs(now, registry.TRAIN.path)
    past_runs(over, registry.TRAIN.path)
    recorded.drop()
