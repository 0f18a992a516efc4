"""The Architecture page: the form on the left, and the net in pictures, code and numbers as one component.

Everything that it shows follows from the spec; the browser draws it (assets/diagram).
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from html import escape
from typing import TypedDict
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import paper, said
from core.engine.checks import check_net
from core.figures import palette, source
from core.figures.channels import channel_growth
from core.figures.comparison import comparison
from core.figures.diagram import diagram, for_browser
from core.figures.memory import memory
from core.figures.schema import ChannelsFigure, ComparisonFigure, MemoryFigure, Palette, Published, ShownNet
from core.spec import PRESETS, NetSpec, RunSpec, SpecError
from core.web import loader, static
from core.web.addresses import asked, refuse
from core.web.fields import pick, segments
from core.web.filling import fill
from core.web.net_form import net_form, query_of, state_of
from core.web.said import line
from core.web.words import sentence

VIEWS = {"Layers": "layers", "Channels": "channels", "Memory": "memory", "Compare": "compare"}
UNIT = re.compile(r"stem|head|transition\d+|(stage|block)\d+\.(block|layer)\d+")


class PageData(TypedDict):
    """What the component is given; nets and figure as JSON, which the browser reads once a change."""

    module: str
    palette: Palette
    view: str
    open: str | None
    refusal: str | None
    net: str
    said: str  # HTML of the lab's own words
    other: str | None
    figure: str | None


_drawing = st.components.v2.component("depth_lab_diagram", js=loader.JS, isolate_styles=False)


def form() -> tuple[NetSpec, str | None]:
    """Draw the left column; the net to show, and what is wrong with the one that was asked for, if anything is."""
    known = st.container()
    top = st.container(gap="small")
    action = st.container(key="train_this")
    refused = st.container()
    more = st.expander("More", icon=":material/tune:")
    fields = net_form(top, more)
    try:
        net = NetSpec.make(**fields)
        check_net(net)
    except SpecError as error:
        refused.error(sentence(str(error)))
        net = st.session_state.get("last_good", NetSpec())
        _preset_picker(known, None)
        return net, str(error)
    st.session_state["last_good"] = net
    _preset_picker(known, net)
    _train_link(action, net)
    return net, None


def _train_link(where: DeltaGenerator, net: NetSpec) -> None:
    try:
        RunSpec.make(net=net)
    except SpecError as error:
        where.caption(sentence(str(error)))
        return
    # a page link would lose its query: Streamlit clears what the widgets of the page that is left were bound to
    address = f"train?{urlencode(query_of(net))}"
    where.html(f'<a class="train-this" href="{escape(address)}">▶\u2002Train {escape(net.name)}</a>')


def _preset_picker(where: DeltaGenerator, shown: NetSpec | None) -> None:
    """Fills the form with a known net; names the one that the form holds.

    The choice is taken and forgotten: a box that followed the form would, through a browser that is one run behind,
    set the form back.
    """
    name = next((name for name, spec in PRESETS.items() if spec == shown), "choose one")
    where.selectbox(
        "Known nets",
        list(PRESETS),
        index=None,
        placeholder=name,
        key="preset",
        on_change=_fill,
        help="Sets everything below to that net.",
    )


def _fill() -> None:
    net = PRESETS.get(st.session_state["preset"])
    st.session_state["preset"] = None
    if net is not None:
        fill(state_of(net))


def draw(net: NetSpec, refusal: str | None) -> None:
    """The choice of view, and the component under it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="view_row"):
        view = segments(st.container(width=420), "View", VIEWS, "view", label_visibility="collapsed")
        other = _against(net) if view == "compare" else None
    _drawing(
        key="diagram",
        data=PageData(
            module=static.url("diagram/main.js"),
            palette=palette.for_browser(),
            view=view,
            open=_opened(),
            refusal=refusal and f"{refusal} The picture still shows {net.name}.",
            net=_net(net),
            said="".join(line(each) for each in said.of_architecture(net)),
            other=_net(other) if other else None,
            figure=_figure(net, view, other),
        ),
    )


def _against(net: NetSpec) -> NetSpec:
    names = {name: PRESETS[name] for name in PRESETS}
    default = "plain20" if net != PRESETS["plain20"] else "resnet20"
    index = list(names).index(default)
    return pick(st.container(width=300), "Compare with", names, "against", index=index, label_visibility="collapsed")


def _opened() -> str | None:
    """The unit that the address names: the browser opens it first, and from then on writes the address itself."""
    name = asked("open")
    if name is not None and not UNIT.fullmatch(name):
        refuse("open", name, "name a unit such as stem, stage1.block2 or block1.layer3.")
        return None
    return name


@lru_cache(maxsize=64)
def _net(net: NetSpec) -> str:
    """Picture, table, code and paper's numbers of a net, as JSON: the browser reads it once a change."""
    drawn = diagram(net)
    kinds = {unit.form.kind for unit in drawn.units}
    shown: ShownNet = {
        **for_browser(drawn),
        "code": source.for_browser(net.family, set(kinds)),
        "paper": _paper(net),
    }
    return json.dumps(shown, separators=(",", ":"))


@lru_cache(maxsize=64)
def _figure(net: NetSpec, view: str, other: NetSpec | None) -> str | None:
    figure: ChannelsFigure | MemoryFigure | ComparisonFigure
    if view == "channels":
        figure = channel_growth(diagram(net))
    elif view == "memory":
        figure = memory(diagram(net))
    elif view == "compare" and other:
        figure = comparison(diagram(net), diagram(other))
    else:
        return None
    return json.dumps(figure, separators=(",", ":"))


def _paper(net: NetSpec) -> Published:
    """What is published about exactly this net."""
    counts = paper.counts(net)
    found = paper.reference(net)
    return {
        "params": counts and counts.params,
        "value": f"{found.value:g} {found.unit}" if found else None,
        "epochs": found.epochs if found else None,
        "source": found.source if found else None,
        "protocol": found.protocol if found else None,
    }
