"""Fields of a spec as widgets: what stands in the vocabulary's table, drawn and read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streamlit.delta_generator import DeltaGenerator

from core.spec import Spec
from core.vocabulary.field import Choice, Field, Fields, Integer, Number, Scale, Share, Switch, Text
from core.web.fields import integer, number, pick, segments, share, steps, switch

Row = str | tuple[str, str]  # a field alone, or two side by side


def layout(rows: Sequence[Row], table: Mapping[str, Field], elsewhere: Sequence[str]) -> list[Row]:
    """These rows; a field that nobody gave a place stands below the one before it in the table, or else at the end."""
    laid = [*rows]
    before = ""
    for name, field in table.items():
        if field.key and name not in elsewhere and not any(name in _names(row) for row in laid):
            above = [index for index, row in enumerate(laid) if before in _names(row)]
            laid.insert(above[0] + 1 if above else len(laid), name)
        before = name
    return laid


def draw_rows(
    where: DeltaGenerator,
    rows: Sequence[Row],
    offered: Callable[[str], bool],
    draw: Callable[[DeltaGenerator, str], None],
) -> None:
    """Draw the fields that are offered, in these rows; of two side by side, one alone has the whole row."""
    for row in rows:
        names = [name for name in _names(row) if offered(name)]
        columns = where.columns(2) if len(names) == 2 else [where] * len(names)
        for column, name in zip(columns, names, strict=True):
            draw(column, name)


def control(where: DeltaGenerator, field: Field, usual: Any, net: Fields, **widget: Any) -> Any:
    """The field's widget, which begins with its ``usual`` value; what is chosen there.

    ``net`` is what is known of the net already: the key in the address depends on it.
    """
    words = {"help": field.help or None} | widget
    key = words.pop("key", None) or field.key_in(net)
    match field.type:
        case Choice(labels, big):
            draw = segments if big else pick
            first = {} if big else {"index": list(labels).index(usual)}
            return draw(where, field.label, words.pop("options", field.type.options), key, **first, **words)
        case Switch(asks_for_no=no):
            return switch(where, field.label, bool(usual) != no, key, **words) != no
        case Integer(low, high, none, slider):
            if slider:
                least, most, step = slider
                return steps(where, field.label, least, most, usual, step, key, **words)
            found = integer(where, field.label, low, high, usual or 0, key, **words)
            return found or None if none else found
        case Number(word):
            return number(where, field.label, usual, key, word, **words)
        case Share(low, step):
            return share(where, field.label, low, usual, step, key, **words)
        case Scale(offered):
            options = words.pop("options", {_text(value): value for value in offered})
            return pick(where, field.label, options, key, **words)
        case Text():
            return pick(where, field.label, words.pop("options"), key, **words)


def shown(field: Field, spec: Spec) -> Any:
    """What the field's widget holds while the form shows that spec."""
    value = getattr(spec, field.name)
    match field.type:
        case Choice():
            return field.type.label(value)
        case Switch(asks_for_no=no):
            return value != no
        case Integer(slider=None) | Number() | Scale():
            return _text(value or 0)
        case _:
            return value


def _names(row: Row) -> tuple[str, ...]:
    return (row,) if isinstance(row, str) else row


def _text(value: Any) -> str:
    """What stands in a box for a number."""
    return f"{value:g}" if isinstance(value, float) else str(value)
