"""Widgets whose value is in the address.

Streamlit writes the label of an option into the address, so a label here is short, and is what a link carries.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.spec import SpecError, Unreadable, read_integer, read_number
from core.web.addresses import asked, complain, take_out
from core.web.words import sentence

MOST_NAMED = 16  # options in one sentence


def pick(where: DeltaGenerator, label: str, options: Mapping[str, Any], key: str, **widget: Any) -> Any:
    """A select box over the labels of ``options``; the value of the one chosen."""
    _check_choice(key, list(options))
    return options[where.selectbox(label, list(options), key=key, bind="query-params", **widget)]


def segments(where: DeltaGenerator, label: str, options: Mapping[str, Any], key: str, **widget: Any) -> Any:
    """Buttons side by side over the labels of ``options``; the value of the one chosen."""
    _check_choice(key, list(options))
    chosen = where.segmented_control(
        label,
        list(options),
        default=next(iter(options)),
        required=True,
        key=key,
        bind="query-params",
        width="stretch",
        **widget,
    )
    return options[chosen]


def switch(where: DeltaGenerator, label: str, value: bool, key: str, **widget: Any) -> bool:
    """A toggle."""
    raw = asked(key)
    if raw is not None and raw.lower() not in ("true", "false"):
        complain(key, raw, "choose true or false.")
    return where.toggle(label, value, key=key, bind="query-params", **widget)


def integer(where: DeltaGenerator, label: str, low: int, high: int, value: int, key: str, **widget: Any) -> Any:
    """A box for a whole number within bounds; an Unreadable where something else stands in it."""

    def read(text: str) -> int:
        found = read_integer(text)
        if not low <= found <= high:
            raise SpecError(f"{found:,} is not possible: give a number from {low:,} to {high:,}.")
        return found

    return _written(where, label, str(value), key, read, **widget)


def number(where: DeltaGenerator, label: str, value: float | str, key: str, word: str = "", **widget: Any) -> Any:
    """A box for any number, which core validates, or for that word; an Unreadable where something else stands in it."""

    def read(text: str) -> float | str:
        return word if word and text.strip().lower() == word else read_number(text)

    return _written(where, label, value if isinstance(value, str) else f"{value:g}", key, read, **widget)


def _written(
    where: DeltaGenerator, label: str, value: str, key: str, read: Callable[[str], float | str], **widget: Any
) -> Any:
    """A box of text: a browser's own box for numbers drops what it does not know, and makes "0,05" 5."""
    raw = asked(key)
    if raw is not None and key not in st.session_state:  # a link; later the address only follows the box
        try:
            read(raw)
        except SpecError as error:
            take_out(key, raw, sentence(str(error)))
    text = where.text_input(
        label, value, key=key, bind="query-params", autocomplete="off", on_change=_tidy, args=(key, read), **widget
    )
    try:
        return read(text)
    except SpecError as error:
        return Unreadable(f"{label}: {error}")


def _tidy(key: str, read: Callable[[str], float | str]) -> None:
    """Show how a comma was understood."""
    with suppress(SpecError):
        if "," in st.session_state[key]:
            st.session_state[key] = str(read(st.session_state[key]))


def share(where: DeltaGenerator, label: str, low: float, value: float, step: float, key: str, **widget: Any) -> float:
    """A slider from ``low`` to 1."""
    _check_number(key, float, low, 1.0)
    return where.slider(label, low, 1.0, value, step, key=key, bind="query-params", **widget)


def stops(where: DeltaGenerator, label: str, options: Sequence[Any], value: Any, key: str, **widget: Any) -> Any:
    """A slider that stops at the options only."""
    _check_choice(key, [str(option) for option in options])
    return where.select_slider(label, options, value=value, key=key, bind="query-params", format_func=str, **widget)


def steps(
    where: DeltaGenerator, label: str, low: int, high: int, value: int, step: int, key: str, **widget: Any
) -> int:
    """A slider over whole numbers."""
    _check_number(key, int, low, high)
    return where.slider(label, low, high, value, step, key=key, bind="query-params", **widget)


def _check_choice(key: str, options: Sequence[str]) -> None:
    raw = asked(key)
    if raw is None or raw in options:
        return
    meant = next((option for option in options if option.lower() == raw.lower()), None)  # which no widget reads
    complain(key, raw, f"write {meant}." if meant else f"choose {listed(options)}.")


def listed(options: Sequence[str]) -> str:
    """All of a few, the first of many."""
    if len(options) > MOST_NAMED:
        return f"one of the {len(options):,} in the list, such as {', '.join(options[:3])}"
    return f"{', '.join(options[:-1])} or {options[-1]}"


def _check_number(key: str, parse: Callable[[str], float], low: float = -math.inf, high: float = math.inf) -> None:
    raw = asked(key)
    if raw is None:
        return
    try:
        value = float(parse(raw))
    except (ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        take_out(key, raw, "give a number.")
    elif not low <= value <= high:
        complain(key, raw, f"give a number from {low:,} to {high:,}.")
