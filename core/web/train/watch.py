"""The right side of the Train page: the runs in the address, laid over each other, or what can be watched."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from core import paper, said
from core.data.files import DataError
from core.engine import client
from core.spec import NetSpec, RunSpec, SpecError, read_number, twin
from core.spec.names import of_runs
from core.store import notes
from core.store.recordings import head
from core.store.records import Run
from core.vocabulary.datasets import pictures_of
from core.vocabulary.fields import NET
from core.vocabulary.states import RESUMABLE
from core.web import registry, roster
from core.web.recent import active_runs, listed, past_runs
from core.web.refusals import told
from core.web.run import doors
from core.web.said import say
from core.web.train import attempts, go_on, live, recorded, shows, strip
from core.web.train.shown import show
from core.web.words import sentence

SHOWN = "shown_runs"  # what the address was last seen or made to ask for
FLIPS: dict[Literal["norm", "skip"], str] = {"norm": "BN", "skip": "skips"}


def selected() -> list[Run]:
    """The run that the address asks for, and those to lay over it; an unknown id is named and ignored.

    A link from this page to itself reaches the script, but Streamlit leaves the browser's address as it was: what is
    new is therefore written there.
    """
    first = roster.names("run")[:1]
    wanted = list(dict.fromkeys([*first, *roster.names("with")]))
    found = [run for run in map(roster.known, wanted) if run]
    if not first or not found or found[0].id != first[0]:
        found = []
        st.query_params.pop("run", None)
    found = roster.few(found)
    ids = [run.id for run in found]
    if not ids:
        st.query_params.pop("with", None)
    elif ids != st.session_state.get(SHOWN) or len(ids) != len(wanted):
        show(*ids)
    st.session_state[SHOWN] = ids
    return found


def draw(runs: list[Run]) -> None:
    """The row of twins and comparisons, and the live dashboard under it."""
    first, heads = runs[0], [head(run) for run in runs]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="compare_row"):
        st.markdown("**Train the twin**", width="content", help=TWIN_HELP)
        for flip in FLIPS:
            _twin_button(runs, flip)
        go_on.draw(runs)
        film = strip.choose(runs)
        _compare_picker(runs)
        if len(runs) > 1:
            query = {"runs": ",".join(run.id for run in runs)}
            st.page_link(registry.COMPARE.path, label="What differs", icon=registry.COMPARE.icon, query_params=query)
        doors.draw(heads)
        st.caption(pictures_of(first.spec.train.data), width="content")
        _paper(first.spec.net)
    say(said.of_training(first.spec.net))
    registry.name_tab(live.in_the_tab(heads), registry.TRAIN.title)
    live.live(heads, key="live", on_command=send, on_attempt=attempts.train, on_note=keep)
    if film:
        strip.draw(runs, *film)


TWIN_HELP = (
    "The same net, seed, minibatches and, where shapes agree, initial weights, with one thing flipped. While this run "
    "goes on, its twin is trained up to it, and from there both stand at the same step."
)


def _twin_button(runs: list[Run], flip: Literal["norm", "skip"]) -> None:
    spec = runs[0].spec.net
    if not NET[flip].offered(spec.model_dump()):
        return
    on = spec.norm != "none" if flip == "norm" else spec.skip
    label = f"{'without' if on else 'with'} {FLIPS[flip]}"
    try:
        net = twin(spec, flip)
    except SpecError as error:
        st.button(label, key=f"twin_{flip}", disabled=True, help=sentence(str(error)))
        return
    st.button(label, key=f"twin_{flip}", icon=":material/call_split:", on_click=_train_twin, args=(runs, net))


def _train_twin(runs: list[Run], net: NetSpec) -> None:
    first = runs[0]
    spec = RunSpec(net=net, train=first.spec.train, probes=first.spec.probes)
    try:
        twin_id = client.submit(spec, twin_of=first.id)
    except (SpecError, DataError, client.EngineError) as error:
        st.toast(sentence(str(error)), icon=":material/error:")
    else:
        show(*[run.id for run in runs[: roster.MOST_SHOWN - 1]], twin_id)


def _compare_picker(runs: list[Run]) -> None:
    """Which other runs are laid over the first; those of its own race stand first."""
    first, *others = runs
    known = {run.id: run for run in (*runs, *client.runs(limit=50))}
    labels = dict(zip(known, of_runs([*known.values()]).labels, strict=True))
    options = sorted(
        (run_id for run_id in known if run_id != first.id), key=lambda run_id: known[run_id].group != first.group
    )
    shown = [run.id for run in others]
    with st.popover(f"Compared with {len(others)}" if others else "Compare with …", width="content"):
        chosen = st.multiselect(
            "Runs beside this one",
            options,
            default=shown,
            format_func=lambda run_id: f"{labels[run_id]} · {known[run_id].status}",
            max_selections=roster.MOST_SHOWN - 1,
            key=f"compare-{first.id}-{','.join(shown)}",
            placeholder="Choose runs",
            width=420,
        )
    if chosen != shown:
        show(first.id, *chosen)
        st.rerun()


def _paper(net: NetSpec) -> None:
    """What is published about this net, with its protocol, for comparison; nothing where no source says."""
    reference = paper.reference(net)
    if reference:
        st.caption(
            f"Published: {reference.said}",
            help=f"Test accuracy. Protocol: {reference.protocol}.",
            width="content",
        )


def send(command: live.LiveCommand) -> bool:
    """A button of the dashboard was pressed: pass it on, and say whether that went well; refusals are told."""
    try:
        value = None if command.value is None else read_number(command.value)
        run = client.run(command.run)
        if command.kind == "resume" and run and run.status in RESUMABLE:
            client.resume(command.run)
        elif command.kind == "resume" and run and run.status == "queued":
            client.begin_now(command.run)
        else:
            client.command(command.run, command.kind, value)
    except (SpecError, client.EngineError) as error:
        st.toast(sentence(str(error)), icon=":material/error:")
        return False
    return True


def keep(remark: live.Remark) -> bool:
    """A note was written on the dashboard: pin it, and say whether that went well; refusals are told."""
    return told(lambda: notes.write(client.store(), remark.run, remark.step, remark.text, remark.layer, remark.view))


def empty_state() -> None:
    """Nothing is chosen yet: what is running can be watched, what was recorded plays, what has been can be opened."""
    now, over = listed(limit=8)
    active_runs(now, registry.TRAIN.path)
    shows.draw()
    past_runs(over, registry.TRAIN.path)
    recorded.drop()
