"""Numbers as people write them: understood as they are meant, or refused in one sentence, never another number.

The point is the decimal mark here, as in everything that the lab shows; a comma is one too where it cannot part
thousands. Where it can, as in "1,000", both readings are named and neither is taken.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from core.spec.base import SpecError, shortened

LONGEST = 40  # characters of a number; also of what a sentence repeats
LARGEST = 30  # digits before the point

_SIGN, _POWER = r"[+-]?", r"([eE][+-]?[0-9]{1,5})?"
_NOT_FINITE = re.compile(rf"{_SIGN}(nan|inf|infinity)", re.IGNORECASE)
_POINT = re.compile(rf"{_SIGN}([0-9]+\.?[0-9]*|\.[0-9]+){_POWER}")
_COMMA = re.compile(rf"{_SIGN}[0-9]*,[0-9]+{_POWER}")
_GROUP = r"[1-9][0-9]{0,2}"  # what can stand before thousands
_AMBIGUOUS = re.compile(rf"{_SIGN}{_GROUP},[0-9]{{3}}{_POWER}")
_AMBIGUOUS_INTEGER = re.compile(rf"{_SIGN}{_GROUP}[.,][0-9]{{3}}")
_THOUSANDS = {  # the mark that parts them -> at least two of them, or one and a decimal mark of the other kind
    ",": re.compile(rf"{_SIGN}{_GROUP}((,[0-9]{{3}}){{2,}}(\.[0-9]*)?|,[0-9]{{3}}\.[0-9]*)"),
    ".": re.compile(rf"{_SIGN}{_GROUP}((\.[0-9]{{3}}){{2,}}(,[0-9]+)?|\.[0-9]{{3}},[0-9]+)"),
}


def read_number(text: str) -> float:
    """Any number; "nan" and "inf" too, for the specs to say why they take neither. Raises SpecError, one sentence."""
    if _NOT_FINITE.fullmatch(text.strip()):
        return float(text)
    number = _read(text, _AMBIGUOUS, "a number", "0.05 or 1e-3")
    value = float(number)
    if number and not value:
        raise SpecError(f"{_quoted(text)} is too near 0: choose 0 or at least 1e-300.")
    return value


def read_integer(text: str) -> int:
    """A whole number; "1e3" and "64.0" are some. Raises SpecError, one sentence."""
    number = _read(text, _AMBIGUOUS_INTEGER, "a whole number", "128")
    if number != number.to_integral_value():
        raise SpecError(f"{_quoted(text)} is not a whole number: choose {_near(number)}.")
    return int(number)


def _read(text: str, ambiguous: re.Pattern[str], what: str, example: str) -> Decimal:
    written = text.strip().replace("\u2212", "-")
    if not written:
        raise SpecError("Nothing is written where a number belongs: give one.")
    if len(written) > LONGEST:
        raise SpecError(f"{_quoted(text)} is too long for a number: write it in at most {LONGEST} characters.")
    if ambiguous.fullmatch(written):
        raise SpecError(_both_readings(text, written))
    plain = _with_point(written)
    if plain is None:
        raise SpecError(f"{_quoted(text)} is not {what}: give a number like {_of_percent(written) or example}.")
    number = Decimal(plain)
    if number and number.adjusted() >= LARGEST:
        raise SpecError(f"{_quoted(text)} is too large: choose a number below 1e{LARGEST}.")
    return number


def _with_point(written: str) -> str | None:
    """The same number with a decimal point and no thousands; None where it is no number."""
    if _POINT.fullmatch(written):
        return written
    if _COMMA.fullmatch(written):
        return written.replace(",", ".")
    for mark, pattern in _THOUSANDS.items():
        if pattern.fullmatch(written):
            return written.replace(mark, "").replace(",", ".")
    return None


def _both_readings(text: str, written: str) -> str:
    """The mark as decimal mark, and as one of thousands."""
    small, large = (_plain(Decimal(re.sub("[.,]", mark, written))) for mark in (".", ""))
    return f"{_quoted(text)} can be read as {small} or as {large}: write one of these."


def _of_percent(written: str) -> str:
    """5% as 0.05; "" for what is no percentage."""
    share = _with_point(written.removesuffix("%").rstrip()) if written.endswith("%") else None
    return _plain(Decimal(share) / 100) if share else ""


def _plain(number: Decimal) -> str:
    """Without a power of ten, but where that would be a long row of zeros."""
    return f"{number.normalize():f}" if abs(number.adjusted()) < LARGEST else f"{number.normalize():e}"


def _near(number: Decimal) -> str:
    below = math.floor(number)
    return f"{below} or {below + 1}"


def _quoted(text: str) -> str:
    return f'"{shortened(text.strip(), LONGEST)}"'
