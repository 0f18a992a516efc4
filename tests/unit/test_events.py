"""How numbers travel: an array comes back as it was given, and what older versions wrote can be read."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.answers import wire
from core.record.events import decode, encode

RANGE = [0.0, 3.6e-46, 1e-300, 1.6e-23, 1.0, 1e39, 1e300, np.inf, np.nan]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.uint8, np.bool_])
def test_an_array_comes_back_bit_for_bit_in_its_type(dtype: type[np.generic]) -> None:
    given = np.arange(6).reshape(2, 3).astype(dtype)
    found = decode(encode({"values": given}))["values"]
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, given)


def test_float64_keeps_its_range() -> None:
    np.testing.assert_array_equal(decode(encode({"norms": np.array(RANGE)}))["norms"], RANGE)


def test_each_array_takes_the_room_of_its_type() -> None:
    """In characters of base64, of 300 values: a byte travels as a byte."""
    sizes = {dtype: len(json.loads(encode({"x": np.ones(300, dtype)}))["x"]["data"]) for dtype in "fdeilhB?"}
    assert sizes == {"f": 1600, "d": 3200, "e": 1600, "i": 1600, "l": 1600, "h": 1600, "B": 400, "?": 400}


def test_a_question_about_a_picture_is_hardly_larger_than_the_picture() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    message = wire.packed({"kind": "predict", "request": {"picture": picture}})
    assert len(message) < 1.34 * picture.nbytes
    found = wire.unpacked(message[wire.HEAD.size :])["request"]["picture"]
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, picture)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (np.array([-(2**31), 2**31 - 1]), np.int32),
        (np.array([5_000_000_000, -1]), np.int64),
        (np.array([2**32 - 1], np.uint32), np.int64),
        (np.array([2**64 - 1], np.uint64), np.uint64),
        (np.array([-5, 5], np.int8), np.int32),
        (np.array([], np.int64), np.int32),
        (np.array(7), np.int32),
        (np.ones(3, np.longdouble), np.float64),
        (np.ones(3, ">f4"), np.float32),
    ],
)
def test_no_number_becomes_another(values: np.ndarray, dtype: type) -> None:
    found = decode(encode({"x": values}))["x"]
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, values)


@pytest.mark.parametrize(
    "values", [np.array(["1", "2"]), np.array([1j]), np.array([None]), np.array(["2020"], "M8[s]")]
)
def test_what_is_no_number_is_refused(values: np.ndarray) -> None:
    with pytest.raises(TypeError, match="cannot encode an array of"):
        encode({"x": values})


def test_what_an_older_version_wrote_is_read() -> None:
    """Norms were float32: 0, 0.5, 2."""
    old = '{"weight_grad":{"dtype":"float32","shape":[3],"data":"AAAAAAAAAD8AAABA"}}'
    np.testing.assert_array_equal(decode(old)["weight_grad"], [0, 0.5, 2])
