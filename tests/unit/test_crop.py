"""The crop as the address and the browser say it."""

from typing import Any

import pytest

from core.data.pictures import Crop
from core.web.inspect.crop import parse, told


@pytest.mark.parametrize(
    ("text", "crop"),
    [("0.5,0.5,1", Crop()), ("0,1,0.1", Crop(0, 1, 0.1)), (" 0.12345, 0.5 ,0.25", Crop(0.123, 0.5, 0.25))],
)
def test_good_addresses(text: str, crop: Crop) -> None:
    assert parse(text) == crop


BAD = ["", "1", "0.5,0.5", "0.5,0.5,1,1", "a,b,c", "0.5,0.5,0", "0.5,0.5,0.09", "-0.1,0.5,1", "0.5,1.1,1", "nan,0.5,1"]


@pytest.mark.parametrize("text", BAD)
def test_bad_addresses(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller says what to do
        parse(text)


def test_what_the_browser_says() -> None:
    assert told([0.25, 0, 0.5]) == Crop(0.25, 0, 0.5)
    no_boxes: list[Any] = [None, "0,0,1", [0, 0], [0, 0, "1"], [True, 0, 1], {}]
    for value in (*no_boxes, [0, 0, float("inf")], [0, 0, float("nan")]):
        assert told(value) is None
