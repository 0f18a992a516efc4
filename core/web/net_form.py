"""The network's widgets: query parameters and clicks -> NetSpec. Shared by every page that asks for a net."""

from __future__ import annotations

from typing import Any

from streamlit.delta_generator import DeltaGenerator

from core import said
from core.spec import NetSpec
from core.vocabulary.choices import NORMS
from core.vocabulary.families import FAMILIES
from core.vocabulary.fields import NET
from core.vocabulary.orders import ORDERS
from core.web.controls import Row, control, draw_rows, layout, shown
from core.web.depth_form import depth_control
from core.web.fields import pick, switch
from core.web.keys import BN
from core.web.said import say

_FIRST: tuple[str, ...] = ("form", "bottleneck")  # what the other fields depend on
_MAIN: tuple[str, ...] = ("width_multiplier", "growth_rate")
_MORE: tuple[Row, ...] = (
    *("compression", "width", ("groups", "base_width"), "stride_on", "shortcut", "activation_order"),
    *(("se_reduction", "dropout"), ("survival_probability", "branch_scale"), "shortcut_scale"),
)
_ELSEWHERE = ("family", "depth", "skip", "norm", "init", *_FIRST, *_MAIN)


def net_form(main: DeltaGenerator, more: DeltaGenerator) -> dict[str, Any]:
    """Draw the net's widgets into the two containers; the fields of a NetSpec as they stand, not yet validated."""
    fields: dict[str, Any] = {}

    def draw(where: DeltaGenerator, name: str) -> None:
        fields[name] = control(where, NET[name], _usual(fields)[name], fields)

    def offered(name: str) -> bool:
        return NET[name].offered(fields)

    fields["family"] = control(main, NET["family"], "resnet", {})
    draw_rows(more, _FIRST, offered, draw)
    rule = {"form": "cifar", "bottleneck": False} | fields
    fields["depth"] = depth_control(main, NET["depth"].key_in(fields), _usual(fields)["depth"], rule)
    draw_rows(main, _MAIN, offered, draw)
    draw_rows(more, layout(_MORE, NET, _ELSEWHERE), offered, draw)
    if fields.get("branch_scale") == "1/L":
        with more:
            say(said.SCALED)
    return fields | _switches(main, more, fields)


def _usual(fields: dict[str, Any]) -> dict[str, Any]:
    """What the form begins with in that family, form and kind of block."""
    family = fields["family"]
    chosen = {name: fields[name] for name in _FIRST if name in fields}
    return NetSpec.make(**{"family": family, **FAMILIES[family].start, **chosen}).model_dump()


def _switches(main: DeltaGenerator, more: DeltaGenerator, fields: dict[str, Any]) -> dict[str, Any]:
    order = FAMILIES[fields["family"]].order or fields["activation_order"]
    switches = main.container(key="switches", gap="small", border=True)
    norm_on = switch(
        switches,
        "Batch norm",
        True,
        BN,
        help="Batch normalisation (BN) rescales every channel to mean 0 and variance 1 within the minibatch, here "
        f"{ORDERS[order].norms_stand}; then a learnt scale γ and shift β apply.",
    )
    chosen = {"skip": control(switches, NET["skip"], True, {})} if NET["skip"].offered(fields) else {}
    kinds = {words.label: norm for norm, words in NORMS.items() if norm != "none"}
    norm = pick(more, NET["norm"].label, kinds, NET["norm"].key_in({}), disabled=not norm_on, help=NET["norm"].help)
    init = control(more, NET["init"], "he", {})
    with more:
        say(said.of_weights(init))
    return {"norm": norm if norm_on else "none", "init": init, **chosen}


def state_of(net: NetSpec) -> dict[str, Any]:
    """The widgets' values that make the form show this net."""
    fields = net.model_dump()
    named = [field for field in NET.values() if field.key and field.offered(fields) and field.name != "norm"]
    state = {field.key_in(fields): shown(field, net) for field in named} | {BN: net.norm != "none"}
    return state if net.norm == "none" else state | {NET["norm"].key_in(fields): NORMS[net.norm].label}


def query_of(net: NetSpec) -> dict[str, str]:
    """The query parameters that make the form show this net: for links."""
    return texts(state_of(net))


def texts(state: dict[str, Any]) -> dict[str, str]:
    """Values of widgets as an address holds them."""
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in state.items()}
