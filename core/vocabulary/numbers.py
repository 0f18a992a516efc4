"""How numbers are written for people: three digits, a minus that is one, a blank before the unit.

The browser writes numbers by the same facts (:func:`for_browser`, assets/shared/format.js).
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TypedDict

NONE = "–"  # in place of what is not there, or is no number
MINUS = "\N{MINUS SIGN}"
SUPERSCRIPTS = dict(zip("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True))
PLAIN = (1e-3, 1e5)  # outside of these, powers of ten
LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
BYTES = ((1e9, "GB", 1), (1e6, "MB", 0), (1e3, "kB", 0))  # factor, unit and decimals
NEARLY = 0.9995  # of a factor rounds up to it
EVERY_DIGIT = Context(prec=400, rounding=ROUND_HALF_UP)  # of the largest float
MINUTE, HOUR = 60, 3600  # s


class Writing(TypedDict):
    """How numbers are written."""

    none: str
    minus: str
    superscripts: dict[str, str]  # by digit
    plain: tuple[float, float]
    large: tuple[tuple[float, str], ...]
    bytes: tuple[tuple[float, str, int], ...]
    nearly: float
    minute: int
    hour: int


def for_browser() -> Writing:
    """What JavaScript needs to write the same."""
    return {
        "none": NONE,
        "minus": MINUS,
        "superscripts": SUPERSCRIPTS,
        "plain": PLAIN,
        "large": LARGE,
        "bytes": BYTES,
        "nearly": NEARLY,
        "minute": MINUTE,
        "hour": HOUR,
    }


def number(value: float, digits: int = 3) -> str:
    """0.341, 21.6, 12,345 or 2.3·10⁻¹¹."""
    if not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    size = abs(value)
    if PLAIN[0] <= size < PLAIN[1]:
        shown = _decimals(value, 0) if size >= 1000 else _digits(value, max(digits, 3 if size >= 100 else 2))
        return _signed(f"{shown:,.12g}")
    mantissa, exponent = f"{_digits(value, 2):.1e}".split("e")
    return _signed(f"{mantissa}·10{power(int(exponent))}")


def power(exponent: int) -> str:
    """⁻¹¹"""
    return "".join(SUPERSCRIPTS[digit] for digit in str(exponent))


def percent(share: float, decimals: int = 1) -> str:
    """A share of 1 as 91.2 %."""
    return _signed(f"{_decimals(100 * share, decimals):f} %") if math.isfinite(share) else NONE


def in_precision(precision: str) -> str:
    """What follows an accuracy, because bf16 and float32 need not find the same; "" of a run too old to say."""
    return f" in {precision}" if precision else ""


def amount(value: float) -> str:
    """Three digits and a unit: 40.6 M."""
    for index, (factor, unit) in enumerate(LARGE):
        rounded = _digits(value / factor, 3)
        if rounded >= 1:
            # what rounds up to the next unit's first number is written in that unit
            return f"{rounded / 1000:g} {LARGE[index - 1][1]}" if rounded >= 1000 and index else f"{rounded:g} {unit}"
    return number(value)


def memory(size: float) -> str:
    """Bytes as kB, MB or GB."""
    factor, unit, decimals = next((each for each in BYTES if size >= NEARLY * each[0]), BYTES[-1])
    return f"{_decimals(size / factor, decimals):f} {unit}"


def duration(seconds: float) -> str:
    """Seconds as 45 s, 3 min 20 s or 2 h 05 min; never negative, whatever a clock says."""
    if not math.isfinite(seconds):
        return NONE
    whole = max(0, int(_decimals(seconds, 0)))
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02d} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE:02d} min"


def ago(then: float, now: float) -> str:
    """How long ago that was, both in seconds since 1970; a clock that was set back makes nothing younger than now."""
    return f"{duration(now - then)} ago" if now - then >= 1 else "just now"


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


def _digits(value: float, digits: int) -> float:
    """Rounded to so many digits as JavaScript does it: halves away from 0."""
    return float(Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(Decimal(float(value))))


def _decimals(value: float, decimals: int) -> Decimal:
    """Rounded to so many decimals, halves away from 0."""
    return Decimal(float(value)).quantize(Decimal(1).scaleb(-decimals), context=EVERY_DIGIT)
