"""A sparkline goes from the least to the most of its values, and says what it is."""

from __future__ import annotations

import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from core.figures.sparkline import EDGE, HEIGHT, POINTS, WIDTH, sparkline


def points(svg: str) -> list[tuple[float, float]]:
    found = re.search(r'points="([^"]+)"', unquote(svg))
    assert found
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in found[1].split())]


def test_the_most_is_above_the_least() -> None:
    assert points(sparkline([2.0, 1.0, 1.5], "#000", "loss")) == [
        (EDGE, EDGE),
        (WIDTH / 2, HEIGHT - EDGE),
        (WIDTH - EDGE, HEIGHT / 2),
    ]


def test_what_is_no_number_is_left_out_and_a_level_line_stays_inside() -> None:
    assert points(sparkline([float("nan"), 2.0, float("inf"), 2.0], "#000", "loss")) == [
        (EDGE, EDGE),
        (WIDTH - EDGE, EDGE),
    ]


@pytest.mark.parametrize("values", [[], [1.0], [float("nan")] * 3])
def test_too_few_values_are_no_curve(values: list[float]) -> None:
    assert sparkline(values, "#000", "loss") == ""


def test_it_is_read_aloud_and_its_first_and_last_values_are_drawn() -> None:
    svg = sparkline([1000 - step for step in range(1000)], "#123456", "training <loss>")
    root = ElementTree.fromstring(svg.replace(">", "/>"))
    assert root.get("alt") == "training <loss>: from 1,000 to 1"
    ElementTree.fromstring(unquote(root.get("src", "").removeprefix("data:image/svg+xml,")))  # is a whole drawing
    drawn = points(svg)
    assert len(drawn) == POINTS
    assert (drawn[0][1], drawn[-1][1]) == (EDGE, HEIGHT - EDGE)
