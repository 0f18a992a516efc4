"""Numbers for people."""

from __future__ import annotations

import math


def amount(value: float) -> str:
    """Three digits and a unit: 40.6 M."""
    for factor, unit in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= factor:
            return f"{value / factor:.3g}{unit}"
    return f"{value:.3g}"


def in_precision(precision: str) -> str:
    """What follows an accuracy, because bf16 and float32 need not find the same; "" of a run too old to say."""
    return f" in {precision}" if precision else ""


def memory(size: float) -> str:
    """Bytes as MB or GB."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def duration(seconds: float) -> str:
    """Seconds as 45 s, 3 min 20 s or 2 h 05 min; never negative, whatever a clock says."""
    if not math.isfinite(seconds):
        return "–"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def ago(then: float, now: float) -> str:
    """How long ago that was, both in seconds since 1970; a clock that was set back makes nothing younger than now."""
    return f"{duration(now - then)} ago" if now - then >= 1 else "just now"
