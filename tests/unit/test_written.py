"""Numbers as people write them, in German and in English: understood as meant, or refused; never another number."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spec import NetSpec, SpecError, TrainSpec, Unreadable, read_integer, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.05", 0.05),
        ("0,05", 0.05),
        ("0,125", 0.125),  # nothing groups a single 0
        ("-0,5", -0.5),
        ("+1,5", 1.5),
        ("12,3456", 12.3456),
        ("1,0000", 1.0),
        (".5", 0.5),
        (",5", 0.5),
        ("1.", 1.0),
        ("1.125", 1.125),  # the point is the decimal mark everywhere in the lab
        ("1e-3", 1e-3),
        ("1E-3", 1e-3),
        ("5,5e-2", 0.055),
        ("  0,05 ", 0.05),
        ("\u00a00.2\u202f", 0.2),
        ("\u22120.5", -0.5),
        ("1.000,5", 1000.5),
        ("1,000.5", 1000.5),
        ("1,234,567", 1234567.0),
        ("1.234.567", 1234567.0),
        ("1.234.567,25", 1234567.25),
        ("0", 0.0),
        ("0.1000000000000000055511151231257827", 0.1),
    ],
)
def test_understood(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1,000", "can be read as 1 or as 1000"),
        ("1,125", "can be read as 1.125 or as 1125"),
        ("-12,500", "can be read as -12.5 or as -12500"),
        ("5%", "give a number like 0.05."),
        ("2,5 %", "give a number like 0.025."),
        ("fast", '"fast" is not a number: give a number like 0.05 or 1e-3.'),
        ("", "Nothing is written"),
        ("  ", "Nothing is written"),
        ("1 000", "is not a number"),
        ("1'000", "is not a number"),
        ("1_000", "is not a number"),
        ("0x10", "is not a number"),
        ("1,00,000", "is not a number"),
        ("0,000,5", "is not a number"),
        ("1.2.3", "is not a number"),
        ("1,", "is not a number"),
        ("½", "is not a number"),
        ("\u0665", "is not a number"),  # an Arabic 5, which Python's own reader takes
        ("1e", "is not a number"),
        ("0.1\n0.2", "is not a number"),
        ("1,000e-3", "can be read as 0.001 or as 1"),
        ("1,000e99999", "can be read as"),
        ("1e99999%", "is not a number"),
        ("0e-99999%", "is not a number"),
        ("1e999", "too large"),
        ("1e99999", "too large"),
        ("1e-999", "too near 0"),
        ("9" * 41, "too long"),
        ("9" * 100_000, "too long"),
    ],
)
def test_refused_in_one_sentence(text: str, says: str) -> None:
    for read in (read_number, read_integer):
        with pytest.raises(SpecError) as error:
            read(text)
        sentence = str(error.value)
        assert sentence.endswith(".")
        assert len(sentence) < 200
        if read is read_number:
            assert says in sentence


@pytest.mark.parametrize(
    ("text", "number"),
    [("128", 128), (" 128 ", 128), ("1e3", 1000), ("64.0", 64), ("1,000,000", 10**6), ("1.000.000", 10**6), ("-3", -3)],
)
def test_whole_numbers(text: str, number: int) -> None:
    found = read_integer(text)
    assert (found, type(found)) == (number, int)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1,000", "can be read as 1 or as 1000"),
        ("1.000", "can be read as 1 or as 1000"),
        ("1.5", '"1.5" is not a whole number: choose 1 or 2.'),
        ("0,5", "choose 0 or 1."),
        ("-0.5", "choose -1 or 0."),
        ("1e-99999", "choose 0 or 1."),
        ("deep", '"deep" is not a whole number'),
    ],
)
def test_what_is_not_whole_is_refused(text: str, says: str) -> None:
    with pytest.raises(SpecError) as error:
        read_integer(text)
    assert says in str(error.value)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e29, max_value=1e29))
def test_what_python_writes_is_read_back(number: float) -> None:
    assert read_number(repr(number)) == number


def outcome(text: str) -> float | str:
    """What was read, or why not."""
    try:
        return read_number(text)
    except SpecError as error:
        return str(error)


@given(st.integers(0, 10**12), st.integers(0, 10**6), st.integers(0, 6))
def test_german_and_american_numbers(whole: int, digits: int, places: int) -> None:
    """Grouped with the marks of either country: that number, or refused where the other country reads another. Only one
    point and nothing else is the decimal mark, as everywhere in the lab."""
    decimals = f"{digits:0{places}}"[:places] if places else ""
    value = float(f"{whole}.{decimals or '0'}")
    american = f"{whole:,}" + ("." + decimals) * bool(decimals)
    german = american.translate(str.maketrans(".,", ",."))
    for text in (american, german):
        if re.fullmatch(r"[1-9][0-9]{0,2},[0-9]{3}", text):
            assert "can be read as" in str(outcome(text))
        elif text == german and text.count(".") == 1 and "," not in text:
            assert outcome(text) == float(text)
        else:
            assert outcome(text) == value


@given(st.text(alphabet="0123456789.,-+eE% '_xnaif\u2212", max_size=45))
def test_never_another_number(text: str) -> None:
    """Whatever is typed, what is read has the digits that stand there, in their order and with their sign."""
    found = outcome(text)
    if isinstance(found, str):
        assert found.endswith(".")
        assert "\n" not in found
    elif not math.isfinite(found):
        assert text.strip().lower().lstrip("+-") in ("nan", "inf", "infinity")
    else:
        written = text.strip().lower().replace("\u2212", "-")
        mantissa, _, power = written.partition("e")
        digits = int(re.sub("[^0-9]", "", mantissa))
        if not digits:
            assert found == 0
            return
        scaled = Fraction(digits) * (-1 if written.startswith("-") else 1) * Fraction(10) ** int(power or 0)
        ratio = float(Fraction(found) / scaled)  # a power of ten: how many of the digits are decimals
        assert ratio == pytest.approx(10.0 ** round(math.log10(ratio)), rel=1e-14)
        assert -41 < round(math.log10(ratio)) <= 0


def test_a_spec_refuses_what_could_not_be_read_with_its_sentence() -> None:
    for kind, field in ((TrainSpec, "lr"), (TrainSpec, "epochs"), (NetSpec, "width")):
        with pytest.raises(SpecError, match=r"^that is why$"):
            kind.make(**{field: Unreadable("that is why")})
