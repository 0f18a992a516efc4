"""How numbers travel: an array comes back as it was given, and what older versions wrote can be read."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.events import decode, encode

RANGE = [0.0, 3.6e-46, 1e-300, 1.6e-23, 1.0, 1e39, 1e300, np.inf, np.nan]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
def test_an_array_comes_back_bit_for_bit_in_its_type(dtype: type) -> None:
    given = np.arange(6).reshape(2, 3).astype(dtype)
    found = decode(encode({"values": given}))["values"]
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, given)


def test_float64_keeps_its_range() -> None:
    np.testing.assert_array_equal(decode(encode({"norms": np.array(RANGE)}))["norms"], RANGE)


def test_a_float64_array_takes_twice_the_room_of_a_float32_one_and_nothing_else_does() -> None:
    sizes = {dtype: len(json.loads(encode({"x": np.ones(300, dtype)}))["x"]["data"]) for dtype in "fdeilh?"}
    assert sizes == {"f": 1600, "d": 3200, "e": 1600, "i": 1600, "l": 1600, "h": 1600, "?": 1600}


def test_what_an_older_version_wrote_is_read() -> None:
    """Norms were float32: 0, 0.5, 2."""
    old = '{"weight_grad":{"dtype":"float32","shape":[3],"data":"AAAAAAAAAD8AAABA"}}'
    np.testing.assert_array_equal(decode(old)["weight_grad"], [0, 0.5, 2])
