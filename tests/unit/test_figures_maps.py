"""Colours, tiles, scales and findings of feature maps, against Plotly's tables and second computations."""

import re

import numpy as np
import pytest
from plotly.colors import sample_colorscale

from core.figures import colour_maps, maps
from core.figures.colour_maps import coloured
from core.web.inspect.overlay import scaled_position

SOME = np.random.default_rng(0).normal(size=(12, 8, 8)).astype(np.float32)


@pytest.mark.parametrize(("diverging", "published"), [(False, "Viridis"), (True, "RdBu_r")])
def test_tables_are_the_published_ones(diverging: bool, published: str) -> None:
    shares = np.linspace(0, 1, 256)
    wanted = [
        [float(number) for number in re.findall(r"[\d.]+", colour)] for colour in sample_colorscale(published, shares)
    ]
    assert np.abs(colour_maps.table(diverging) - np.array(wanted)).max() <= 1


def test_colours_end_at_the_scale_and_are_white_at_zero() -> None:
    around = coloured(np.array([-9.0, -2.0, 0.0, 2.0, 9.0]), 2.0, diverging=True)
    assert (around[0] == around[1]).all()
    assert (around[3] == around[4]).all()
    assert around[1].tolist() == [0x05, 0x30, 0x61]
    assert around[3].tolist() == [0x67, 0x00, 0x1F]
    assert around[2].min() > 240
    above = coloured(np.array([-1.0, 0.0, 2.0]), 2.0, diverging=False)
    assert (above[0] == above[1]).all()
    assert above[2].tolist() == [0xFD, 0xE7, 0x25]
    assert (coloured(np.zeros(3), 0.0, diverging=True) == around[2]).all()


def test_tiles_lose_at_most_half_a_step() -> None:
    made = maps.tiles(SOME)
    span = (made.high - made.low)[:, None, None]
    again = made.low[:, None, None] + made.steps / 255 * span
    assert (np.abs(again - SOME) <= span / 510 + 1e-6).all()
    flat = maps.tiles(np.full((2, 4, 4), 3.0, np.float32))
    assert (flat.steps == 0).all()
    assert flat.low.tolist() == [3.0, 3.0]


def test_large_layers_are_averaged_until_they_fit() -> None:
    large = np.random.default_rng(1).normal(size=(8, 113, 112)).astype(np.float32)
    made = maps.tiles(large, most=8 * 56 * 56)
    assert made.steps.shape == (8, 56, 56)
    again = made.low[5] + made.steps[5, 20, 30] / 255 * (made.high[5] - made.low[5])
    assert again == pytest.approx(large[5, 40:42, 60:62].mean(), abs=float(made.high[5] - made.low[5]) / 400)
    assert maps.tiles(np.ones((2048, 8, 8), np.float32), most=1000).steps.shape == (2048, 8, 8)


def test_order_and_scales() -> None:
    values = np.stack([np.full((2, 2), number, np.float32) for number in (1, -5, 0, 5, 2)])
    assert maps.by_response(values).tolist() == [1, 3, 4, 0, 2]
    low, high = np.array([-7.0, 0.0]), np.array([3.0, 6.0])
    assert maps.scales(values, "unit", low, high).tolist() == [1, 5, 0, 5, 2]
    assert maps.scales(values, "layer", low, high).tolist() == [5] * 5
    assert maps.scales(values, "net", low, high).tolist() == [7] * 5


def test_findings() -> None:
    quiet = np.abs(SOME).copy()
    quiet[[2, 7]] = 0
    assert maps.finding(quiet, "activation", ()) == ("2 of 12 maps are 0 everywhere; 17 % of all values are 0.")
    assert "No map is 0 everywhere" in maps.finding(np.abs(SOME), "activation", ())
    strength = [float(np.abs(one).mean()) for one in SOME]
    said = maps.finding(SOME, "response", ())
    assert said.startswith(f"Map {strength.index(max(strength))} responds most")
    assert f"map {strength.index(min(strength))} least" in said


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (
            ["stem"] * 24 + [f"layer{n}" for n in range(1, 17) for _ in range(12)],
            "216 maps: 24 from the stem, 12 from each of 16 layers.",
        ),
        (["stem"] * 16, "16 maps: 16 from the stem, the block's input."),
        (["transition1"] * 48 + ["layer1"] * 12, "60 maps: 48 from transition1, 12 from layer 1."),
    ],
)
def test_sources_are_counted(sources: list[str], said: str) -> None:
    assert maps.sources_finding(sources) == said


def test_saved_grid_has_each_map_at_its_place() -> None:
    order = maps.by_response(SOME)
    scale = maps.scales(SOME, "layer", np.zeros(1), np.zeros(1))
    sheet = maps.grid_picture(SOME, order.tolist(), scale, diverging=True, sources=(), title="maps")
    for place, channel in enumerate(order):
        wanted = np.kron(coloured(SOME[channel], scale[channel], diverging=True), np.ones((6, 6, 1), np.uint8))
        left, top = maps.GAP + place % 5 * (48 + maps.GAP), 3 * maps.GAP + maps.LABEL
        top += place // 5 * (48 + maps.LABEL + maps.GAP)
        assert (sheet[top : top + 48, left : left + 48] == wanted).all()


def test_saved_grid_has_stripes_of_the_sources() -> None:
    sources = ["stem"] * 6 + ["layer1"] * 6
    sheet = maps.grid_picture(SOME, range(12), np.ones(12), diverging=True, sources=sources, title="maps")
    bottom = 3 * maps.GAP + maps.LABEL + 47
    colours = maps.source_stripes(sources)
    assert len(set(colours)) == 2
    assert bytes(sheet[bottom, maps.GAP]).hex().upper() == colours[0].removeprefix("#")


def test_saved_overlay_mixes_map_and_picture() -> None:
    picture = np.random.default_rng(2).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    large = np.kron(picture, np.ones((14, 14, 1), np.uint8))
    colours = np.kron(coloured(SOME[0], 2.0, diverging=True), np.ones((56, 56, 1), np.uint8))
    assert (maps.overlay_picture(picture, SOME[0], 2.0, True, opacity=0.0) == large).all()
    assert (maps.overlay_picture(picture, SOME[0], 2.0, True, opacity=1.0) == colours).all()
    half = maps.overlay_picture(picture, SOME[0], 2.0, True, opacity=0.5).astype(float)
    assert np.abs(half - (large.astype(float) + colours) / 2).max() <= 0.5


@pytest.mark.parametrize(
    ("told", "shape", "found"),
    [
        ([3, 5, 32, 32], (32, 32), (3, 5)),
        ([31, 31, 32, 32], (8, 8), (7, 7)),
        ([4, 0, 8, 8], (32, 32), (18, 2)),
        ([8, 0, 8, 8], (8, 8), None),
        ([-1, 0, 8, 8], (8, 8), None),
        (["a", 0, 8, 8], (8, 8), None),
        ([1, 2], (8, 8), None),
        (None, (8, 8), None),
    ],
)
def test_position_keeps_its_place_in_the_picture(told: object, shape: tuple[int, int], found: object) -> None:
    assert scaled_position(told, shape) == found
