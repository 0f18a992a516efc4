"""The lab's runs as one table: what tells them apart, how far they came, and what is written on them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from core.spec import RunSpec
from core.spec.names import differing, value
from core.store.reached import Reached
from core.store.records import Run
from core.vocabulary.families import FAMILIES
from core.vocabulary.field import Choice, Field, Integer, Number, Scale, Share, Switch
from core.vocabulary.states import STATES

SELECTED = "runs_selected"  # ids in the session, which outlive a search
MOST_FIELDS = 6  # that are shown at first; the table's own menu has the others
WRITTEN = ("Tags", "Note")
POINTS = 40  # of a curve
ROW, MOST_ROWS = 35, 12  # px; shown without scrolling
COLOURS = {"gray": "gray", "blue": "blue", "orange": "orange", "green": "green", "red": "red"}


@dataclass(frozen=True)
class Found:
    """A run in the list."""

    run: Run
    reached: Reached


def draw(found: Sequence[Found], key: str) -> list[Run]:
    """Draw the table; the runs that are selected in it."""
    ids = [each.run.id for each in found]
    before = [index for index, run_id in enumerate(ids) if run_id in st.session_state.get(SELECTED, ())]
    fields = columns([each.run.spec for each in found])
    chosen = st.dataframe(
        _data(found, fields),
        column_config=_config(fields),
        column_order=[*("Status", "Name"), *(name for name in list(fields)[:MOST_FIELDS]), *_filled(found)],
        hide_index=True,
        height=ROW * (min(len(found), MOST_ROWS) + 1) + 3,
        row_height=ROW,
        placeholder="",
        # rows are known by their place: another list is another table, or it would have selected other runs
        key=f"{key}-{hashlib.sha256(','.join(ids).encode()).hexdigest()[:12]}",
        on_select="rerun",
        selection_default={"selection": {"rows": before}},
        alt="Runs of the lab",
    )
    rows = [row for row in chosen["selection"]["rows"] if row < len(ids)]
    st.session_state[SELECTED] = [ids[row] for row in rows]
    return [found[row].run for row in rows]


def _filled(found: Sequence[Found]) -> list[str]:
    """Columns of what came of the runs; those for what people write only where somebody did."""
    return [head for head, of in RESULTS.items() if head not in WRITTEN or any(map(of, found))]


def columns(specs: Sequence[RunSpec]) -> dict[str, Field]:
    """The fields in which these runs differ, by the heads of their columns. Epochs stand beside those done."""
    distinct = list(dict.fromkeys(specs))
    return {field.title: field for field in differing(distinct) if field.matters and field.name != "epochs"}


def shown(field: Field, spec: RunSpec) -> Any:
    """What stands in the column of a field; nothing where it means nothing in such a net."""
    if field.part == "net" and field.name in FAMILIES[spec.net.family].meaningless:
        return None
    own: Any = value(field, spec)
    match field.type:
        case Choice() | Switch():
            return field.value(own)
        case _ if _numeric(field):
            return own
        case _:
            return str(own)


def _numeric(field: Field) -> bool:
    return isinstance(field.type, Integer | Number | Share | Scale) and not getattr(field.type, "word", "")


def _data(found: Sequence[Found], fields: dict[str, Field]) -> dict[str, list[Any]]:
    data: dict[str, list[Any]] = {
        "Status": [[each.run.status] for each in found],
        "Name": [each.run.name for each in found],
    }
    for head, field in fields.items():
        data[head] = [shown(field, each.run.spec) for each in found]
    return data | {head: [of(each) for each in found] for head, of in RESULTS.items()}


def _config(fields: dict[str, Field]) -> dict[str, Any]:
    column = st.column_config
    statuses = list(STATES)
    config: dict[str, Any] = {
        "Status": column.MultiselectColumn(
            options=statuses, color=[COLOURS[STATES[status].colour] for status in statuses], width=96
        ),
        "Name": column.TextColumn(width=210),
        "Epochs": column.TextColumn(width=70, help="Passes over the training pictures: done, of those asked for."),
        "Test accuracy": column.NumberColumn(format="%.1f %%", width=100, help="After the last epoch that was tested."),
        "By epoch": column.LineChartColumn(y_min=0, y_max=100, width=120, help="Test accuracy, from 0 to 100 %."),
        "Pictures/s": column.NumberColumn(format="%,.0f", width=84, help="While it trained, as last reported."),
        "Tags": column.TextColumn(width=110),
        "Note": column.TextColumn(width=200),
        "Begun": column.DatetimeColumn(format="distance", width=110),
    }
    return config | {head: column.NumberColumn(format="%g") for head, field in fields.items() if _numeric(field)}


def _curve(each: Found) -> list[float]:
    values = each.reached.accuracies
    apart = max(1, -(-len(values) // POINTS))
    return [100 * accuracy for accuracy in values[::-1][::apart][::-1]]  # the last one is always among them


RESULTS: dict[str, Callable[[Found], Any]] = {
    "Epochs": lambda each: f"{each.reached.epochs}/{each.run.spec.train.epochs}",
    "Test accuracy": lambda each: None if each.reached.accuracy is None else 100 * each.reached.accuracy,
    "By epoch": _curve,
    "Pictures/s": lambda each: each.reached.speed,
    "Begun": lambda each: datetime.fromtimestamp(each.run.created, UTC),
    "Tags": lambda each: " ".join(f"#{tag}" for tag in each.run.tags),
    "Note": lambda each: " ".join(each.run.note.split()),
}
