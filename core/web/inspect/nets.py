"""Which trained nets look at the picture: up to three, by their names in the address."""

from __future__ import annotations

from collections import Counter
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.answers import networks
from core.engine import client
from core.inspect.catalogue import SUFFIX, Entry
from core.store import kept
from core.store.store import EngineError
from core.vocabulary.numbers import in_precision, percent
from core.web import registry
from core.web.addresses import asked, complain
from core.web.words import code

MOST = 3
FIRST = ("resnet20", "plain20")  # twins, where they are there
KEY = "i_nets"
PARAMETER = "nets"
TOLD = "i_nets_told"  # what the address said when it was last read or written


def choose(where: DeltaGenerator) -> tuple[Entry, ...]:
    """Draw the choice; the nets chosen, also such whose weights are not here."""
    offered = {link_of(entry): entry for entry in networks.networks(client.store())}
    wanted = asked(PARAMETER)
    if wanted is not None and wanted != st.session_state.get(TOLD):
        st.session_state[KEY] = _read(wanted, offered)
    _drop_what_is_gone(offered)
    labels = labelled(offered)
    refs = where.multiselect(
        "Trained nets",
        list(offered),
        default=None if KEY in st.session_state else default(offered),
        format_func=lambda ref: labels[ref],
        max_selections=MOST,
        placeholder="Choose up to three",
        select_all=False,
        key=KEY,
        persist_state="session",
        help="Nets that ship with the lab, then the newest checkpoint of each run, also while it goes on, and "
        "that of its best epoch where it is another one: it was chosen on the test set, so its accuracy flatters it.",
    )
    _tell(refs, default(offered))
    return tuple(offered[ref] for ref in refs)


def default(offered: dict[str, Entry]) -> list[str]:
    """Two nets to begin with."""
    here = [ref for ref, entry in offered.items() if entry.path]
    return [*(ref for ref in FIRST if ref in here), *(ref for ref in here if ref not in FIRST)][:2]


def link_of(entry: Entry) -> str:
    """What a link calls the net: a run by its id, so that the link means its newest checkpoint; its best epoch so."""
    run, _, step = entry.ref.partition("@")
    return entry.ref if step == networks.BEST else run


def labelled(offered: dict[str, Entry]) -> dict[str, str]:
    """What the list calls the nets, each differently."""
    labels = {ref: _label(entry) for ref, entry in offered.items()}
    counts = Counter(labels.values())
    return {ref: f"{label} ({ref})" if counts[label] > 1 else label for ref, label in labels.items()}


def _label(entry: Entry) -> str:
    if "@" in entry.ref or entry.test_accuracy is None:
        return name(entry) if entry.dataset else entry.title
    return f"{name(entry)} · {percent(entry.test_accuracy)}"


def name(entry: Entry) -> str:
    """What a column of the page calls the net."""
    best = " · best epoch" if entry.ref.endswith(f"@{networks.BEST}") else ""
    return f"{entry.name.removesuffix(' (ImageNet)')}{best}"


def square(colour: str) -> str:
    """What stands for a net wherever it is spoken of beside others, as HTML."""
    return f'<span style="color:{colour}">■</span>'


def head(entry: Entry, colour: str) -> str:
    """The head of what is shown of a net, as HTML."""
    return f'<div class="i-net">{square(colour)} {escape(name(entry))}</div>'


def note(entry: Entry) -> str:
    """How good it is, and after what."""
    if entry.classes == "imagenet":
        return "1,000 classes of ImageNet"
    _, _, step = entry.ref.partition("@")
    known = ""
    if entry.test_accuracy is not None:
        known = f"{percent(entry.test_accuracy)}{in_precision(entry.precision)} after {entry.epochs} epochs"
    which = kept.CHOSEN if step == networks.BEST else f"step {int(step):,}" if step else ""
    return " · ".join(part for part in (known, which) if part) or "not evaluated yet"


def empty_state() -> None:
    """No net that could look at a picture is here, or none was chosen."""
    if any(entry.path for entry in networks.networks(client.store())):
        st.info("Choose a trained net in the form.", icon=":material/search:")
        return
    st.subheader("No trained net here yet")
    st.markdown("Train one: from its first checkpoint on it can be chosen here, also while the run goes on.")
    st.page_link(registry.TRAIN.path, label="**Train a net**", icon=":material/play_circle:")


def _read(wanted: str, offered: dict[str, Entry]) -> list[str]:
    """The nets that the address names, one step of a run among them; what cannot be is said and left out.

    An address that names nothing is that of a viewer who has taken all of them away.
    """
    if not wanted:
        return []
    refs = list(dict.fromkeys(ref.strip() for ref in wanted.split(",") if ref.strip()))
    known = [ref for ref in refs if ref in offered or _add_step(ref, offered)]
    unknown = [ref for ref in refs if ref not in offered]
    if unknown:
        names = ", ".join(list(offered)[:5])
        complain(PARAMETER, wanted, f"there is no {code(unknown[0])} here; choose nets from the list, such as {names}.")
    elif len(known) > MOST:
        complain(PARAMETER, wanted, f"choose up to {MOST} nets.")
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
