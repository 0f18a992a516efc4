"""Which trained nets look at the picture: up to three, by their names in the address."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.engine import client, networks
from core.engine.store import EngineError
from core.inspect.catalogue import SUFFIX, Entry
from core.web import registry
from core.web.fields import complain

MOST = 3
FIRST = ("resnet20", "plain20")  # twins, where they are there
KEY = "i_nets"
PARAMETER = "nets"
TOLD = "i_nets_told"  # what the address said when it was last read or written


def choose(where: DeltaGenerator) -> tuple[Entry, ...]:
    """Draw the choice; none where there is no trained net, or where all have been taken out."""
    offered = {link_of(entry): entry for entry in networks.networks(client.store())}
    if not offered:
        return ()
    asked = st.query_params.get(PARAMETER)
    if asked is not None and asked != st.session_state.get(TOLD):
        st.session_state[KEY] = _read(asked, offered)
    _drop_what_is_gone(offered)
    refs = where.multiselect(
        "Trained nets",
        list(offered),
        default=None if KEY in st.session_state else default(offered),
        format_func=lambda ref: label(offered[ref]),
        max_selections=MOST,
        placeholder="Choose up to three",
        key=KEY,
        persist_state="session",
        help="Nets that ship with the lab, then the newest checkpoint of each run, also while it goes on.",
    )
    _tell(refs, default(offered))
    return tuple(offered[ref] for ref in refs)


def default(offered: dict[str, Entry]) -> list[str]:
    """Two nets to begin with."""
    here = [ref for ref, entry in offered.items() if entry.path]
    return [*(ref for ref in FIRST if ref in here), *(ref for ref in here if ref not in FIRST)][:2]


def link_of(entry: Entry) -> str:
    """What a link calls the net: a run by its id, so that the link means its newest checkpoint."""
    return entry.ref.partition("@")[0]


def label(entry: Entry) -> str:
    """What the list calls the net; it never changes, because the browser knows the choice by it."""
    if "@" in entry.ref:
        return name(entry)
    if entry.classes == "imagenet":
        return f"{entry.title} · ImageNet"
    accuracy = f" · {entry.test_accuracy:.1%}" if entry.test_accuracy is not None else ""
    return f"{entry.title}{accuracy}" + (f", {entry.epochs} epochs" if entry.epochs else "")


def name(entry: Entry) -> str:
    """What a column of the page calls the net."""
    run, _, step = entry.ref.partition("@")
    return f"{entry.net.name} · run {run}" if step else entry.title


def note(entry: Entry) -> str:
    """How good it is and from where, in one line."""
    _, _, step = entry.ref.partition("@")
    parts = [f"run's step {int(step):,}"] if step else []
    if entry.test_accuracy is not None:
        parts.append(f"{entry.test_accuracy:.1%} of test pictures right")
    if entry.epochs:
        parts.append(f"{entry.epochs} epochs")
    if entry.classes == "imagenet":
        parts.append("1,000 classes of ImageNet")
    return " · ".join(parts) or "not evaluated yet"


def ready(where: DeltaGenerator, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Those whose weights are on this machine; how to get them is said of the others."""
    for entry in entries:
        if entry.path is None:
            where.caption(f"The weights of {entry.title} are not on this machine yet.")
    return tuple(entry for entry in entries if entry.path)


def empty_state() -> None:
    """There is nothing that could look at a picture."""
    st.subheader("No trained net here yet")
    st.markdown("Train one: from its first checkpoint on it can be chosen here, also while the run goes on.")
    st.page_link(registry.TRAIN.path, label="**Train a net**", icon=":material/play_circle:")


def _read(asked: str, offered: dict[str, Entry]) -> list[str]:
    """The nets that the address names, one step of a run among them; what cannot be is said and left out."""
    refs = list(dict.fromkeys(ref.strip() for ref in asked.split(",") if ref.strip()))
    known = [ref for ref in refs if ref in offered or _add_step(ref, offered)]
    unknown = [ref for ref in refs if ref not in offered]
    if unknown:
        names = ", ".join(list(offered)[:5])
        complain(PARAMETER, asked, f"there is no {unknown[0]} here; choose nets from the list, such as {names}.")
    elif len(known) > MOST:
        complain(PARAMETER, asked, f"choose up to {MOST} nets.")
    return known[:MOST] or default(offered)


def _add_step(ref: str, offered: dict[str, Entry]) -> bool:
    """Offer one checkpoint of a run that is not its newest, as far as there is one. A link never names a file."""
    if "@" not in ref or ref.endswith(SUFFIX):
        return False
    try:
        offered[ref] = networks.find(ref, client.store())
    except EngineError:
        return False
    return True


def _drop_what_is_gone(offered: dict[str, Entry]) -> None:
    before = st.session_state.get(KEY)
    if before is None:
        return
    now = [ref for ref in before if ref in offered or _add_step(ref, offered)]
    if now != before:
        st.session_state[KEY] = now


def _tell(refs: list[str], usual: list[str]) -> None:
    """Into the address, unless it is what everybody sees first."""
    text = None if refs == usual else ",".join(refs)
    if text != st.query_params.get(PARAMETER):
        if text is None:
            st.query_params.pop(PARAMETER)
        else:
            st.query_params[PARAMETER] = text
    st.session_state[TOLD] = text
