"""Palette, texts and layouts of the live views: what the whole app relies on, and what plotly accepts."""

from __future__ import annotations

import itertools
import json

import plotly.graph_objects as go
import pytest

from core.figures import live, palette
from core.spec import PRESETS, NetSpec

PAGES = {"light": "#FFFFFF", "dark": "#12161C"}  # backgrounds of .streamlit/config.toml
PLAIN, RESIDUAL = NetSpec(skip=False), NetSpec()


def contrast(first: str, second: str) -> float:
    """Ratio of the WCAG: 3 is enough for graphics."""

    def luminance(colour: str) -> float:
        channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_one_legend_for_the_whole_app() -> None:
    assert palette.style(PLAIN) == {"color": "#D55E00", "dash": "solid"}
    assert palette.style(RESIDUAL) == {"color": "#0072B2", "dash": "solid"}
    assert palette.style(PRESETS["densenet-40-12"]) == {"color": "#009E73", "dash": "solid"}
    assert palette.style(NetSpec(norm="none"))["dash"] == "dash"
    assert palette.style(NetSpec(norm="group"))["dash"] == "solid"


def test_runs_that_are_shown_together_never_look_alike() -> None:
    nets = [PLAIN, RESIDUAL, PRESETS["densenet-40-12"]]
    nets += [net.but(norm="none") for net in nets]
    for first, second in itertools.product(nets, nets):
        looks = palette.styles([first, second])
        assert looks[0]["color"] != looks[1]["color"]
        assert [look["dash"] for look in looks] == [palette.dash(net.norm) for net in (first, second)]
    eight = palette.styles([PLAIN] * 8)
    assert len({look["color"] for look in eight}) == 8
    assert not {look["color"] for look in eight} & {*palette.KINDS.values()}


def test_runs_of_different_kinds_have_the_colours_of_these() -> None:
    assert palette.styles([PLAIN, RESIDUAL]) == [palette.style(PLAIN), palette.style(RESIDUAL)]


@pytest.mark.parametrize("page", PAGES.values())
def test_lines_stand_out_from_the_page(page: str) -> None:
    for colour in (*palette.KINDS.values(), *palette.RUNS):
        assert contrast(colour, page) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_source_has_its_own_colour(theme: str) -> None:
    for count in (1, 2, 13, 33):
        colours = palette.source_colours(count, theme)
        assert len(set(colours)) == len(colours) == count
        assert colours[0] == palette.SOURCES[theme][0]
    _, stops = palette.SOURCES[theme]
    assert palette.source_colours(len(stops) + 1, theme)[1:] == list(stops)


@pytest.mark.parametrize("name", live.layouts())
def test_plotly_accepts_every_layout(name: str) -> None:
    layout = live.layouts()[name]
    figure = go.Figure(layout=layout)  # plotly's own validators raise for anything it does not know
    assert figure.layout.uirevision, "zoom must survive an update"
    axes = [layout[axis] for axis in ("xaxis", "yaxis")]
    assert all("title" in axis for axis in axes)


def test_every_view_asks_a_question_and_explains_itself() -> None:
    assert list(live.VIEWS) == ["learns", "gradient", "signals", "flow"]
    for view in live.VIEWS.values():
        assert view.question.endswith("?")
        assert 2 <= len(view.why) <= 3
        assert view.alt.endswith(".")
        for sentence in view.why:
            assert sentence.format(images=32)  # no other gap to fill


def test_what_goes_to_the_browser_is_plain_json_and_small() -> None:
    sent = live.live_figures()
    text = json.dumps(sent)
    assert json.loads(text) == json.loads(json.dumps(live.live_figures()))
    assert len(text) < 20_000  # it travels with every script run
