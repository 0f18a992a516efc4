"""What of the dashboard's view the address holds: read and checked here, written by assets/live/view.js."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from core.figures.dashboard import CHOICES as CHOICES
from core.web.addresses import asked, refuse
from core.web.fields import listed

MOST_BESIDE = 6  # moments side by side
MOST_DIGITS = 15  # of a step
Read = Callable[[str], str | float | None]


def asked_view(runs: int) -> dict[str, str | float]:
    """What the address asks for of a dashboard of so many runs, by key; what cannot be is said and left out."""
    found: dict[str, str | float] = {}
    for key, (read, cure) in PARTS.items():
        raw = asked(key)
        value = None if raw is None else read(raw)
        if value is not None:
            found[key] = value
        elif raw is not None:
            refuse(key, raw, cure)
    start, end = found.get("l_from"), found.get("l_to")
    if isinstance(start, int) and isinstance(end, int) and start >= end:
        del found["l_to"]
        refuse("l_to", str(end), f"the loop begins at step {start}: give a later one.")
    if (base := found.get("l_base")) and (cure := _no_baseline(int(base), str(found.get("l_hidden", "")), runs)):
        del found["l_base"]
        refuse("l_base", str(base), cure)
    return found


def _no_baseline(number: int, hidden: str, runs: int) -> str:
    """Why the others cannot be read against the run of that number, and what to do; else empty."""
    if runs < 2:
        return "a single run is shown, which has nothing to differ from: compare it with another."
    if number > runs:
        return f"{runs} runs are shown: give the number of one of them."
    return "that run is hidden: take it out of l_hidden." if str(number) in hidden.split(",") else ""


def _option(options: tuple[str, ...], raw: str) -> str | None:
    return raw if raw in options else None


def _number(raw: str) -> str | None:
    """Of a run, counted from 1."""
    return str(int(raw)) if raw.isdecimal() and len(raw) <= 2 and int(raw) else None


def _share(raw: str) -> float | None:
    """Of the way from the first layer to the last."""
    with suppress(ValueError):
        if 0 <= float(raw) <= 1:
            return float(raw)
    return None


def _numbers(raw: str) -> str | None:
    """Of runs, counted from 1, each once."""
    if not all(part.isdecimal() and 1 <= len(part) <= 2 for part in raw.split(",")):
        return None
    return ",".join(map(str, sorted({int(part) for part in raw.split(",")})))


def _step(raw: str) -> int | None:
    return int(raw) if raw.isdecimal() and len(raw) <= MOST_DIGITS else None


def _steps(raw: str) -> str | None:
    """Of the moments that are side by side."""
    steps = [_step(part) for part in raw.split(",")]
    known = [step for step in steps if step is not None]
    return raw if len(known) == len(steps) <= MOST_BESIDE and known == sorted(set(known)) else None


PARTS: dict[str, tuple[Read, str]] = {
    **{key: (partial(_option, options), f"choose {listed(options)}.") for key, options in CHOICES.items()},
    "l_beside": (_steps, f"give up to {MOST_BESIDE} steps in ascending order, with commas between."),
    "l_state": (partial(_option, ("playing",)), "write playing, or leave it out."),
    "l_base": (_number, "give the number of a run, from 1."),
    "l_layer": (_share, "give a number from 0 to 1."),
    **dict.fromkeys(("l_step", "l_from", "l_to"), (_step, "give the number of a step, from 0.")),
    "l_hidden": (_numbers, "give the numbers of runs, from 1, with commas between."),
}
