"""What is kept of a run: its checkpoints, what each is kept for, and what can be pinned or let go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.engine import client
from core.record.recording import Recording
from core.store import kept
from core.store.kept import Kept
from core.store.records import Run
from core.vocabulary.numbers import memory
from core.web.compare import tables
from core.web.refusals import told
from core.web.words import sentence

HELP = (
    "The newest two are kept, and that of the best epoch by test accuracy. What is pinned stays for as long as the "
    "run; a film, chosen before the training, keeps up to 60. Each can be gone on from, and tried on pictures."
)
WORDS: dict[kept.Why, str] = {"newest": "one of the newest two", "best": kept.CHOSEN, "pinned": "pinned"}


def draw(run: Run, found: Recording) -> None:
    """Nothing where there is none yet."""
    store = client.store()
    there = kept.listed(store, run)
    if not there:
        return
    st.markdown("##### Checkpoints", help=HELP)
    tables.table(["Step", "Kept as", "On disk"], _rows(there))
    for event in found.of_kind("unkept"):
        st.caption(sentence(f"step {event.step:,}: {event.payload['message']}"))
    steps = {each.step: each for each in reversed(there)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="kept_row"):
        step = st.selectbox("Checkpoint", list(steps), key=f"kept_step-{run.id}", format_func=_step, width=220)
        if step in steps:
            _pin(run, steps[step])
        film = [each for each in there if each.why == {"film"}]
        if film and not run.active:
            _cut(run, film)


def _rows(there: Sequence[Kept]) -> list[list[str]]:
    """One for each that is kept for itself, and one for what only the film keeps."""
    film = [each for each in there if each.why == {"film"}]
    rows = [[f"{each.step:,}", _why(each), memory(each.size)] for each in there if each not in film]
    if film:
        which = f"{film[0].step:,} to {film[-1].step:,}" if len(film) > 1 else f"{film[0].step:,}"
        many = f"{len(film)} more of its film" if len(film) > 1 else "of its film"
        rows.append([which, many, memory(sum(each.size for each in film))])
    return rows


def _why(each: Kept) -> str:
    return ", ".join(words for why, words in WORDS.items() if why in each.why) or "until the next one comes"


def _step(step: int) -> str:
    return f"step {step:,}"


def _pin(run: Run, each: Kept) -> None:
    if "pinned" not in each.why:
        st.button("Pin", icon=":material/keep:", key="kept_pin", on_click=_do, args=(kept.pin, run.id, each.step))
        return
    freed = f" and free {memory(each.size)}" * (each.why == {"pinned"} and not run.active)
    st.button(
        f"Let go{freed}",
        icon=":material/keep_off:",
        key="kept_unpin",
        on_click=_do,
        args=(kept.unpin, run.id, each.step),
        help="It is not pinned any more, and removed where nothing else keeps it.",
    )


def _cut(run: Run, film: Sequence[Kept]) -> None:
    st.button(
        f"Remove the film and free {memory(sum(each.size for each in film))}",
        icon=":material/delete:",
        key="kept_cut",
        on_click=_do,
        args=(kept.cut, run.id),
        help="What is pinned stays, and so do the newest two and the best. This cannot be undone.",
    )


def _do(what: Callable[..., object], *of: object) -> None:
    told(lambda: what(client.store(), *of))
