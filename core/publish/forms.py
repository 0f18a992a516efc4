"""Numbers of runs in the forms that other programs read: CSV, Parquet, JSON, and all of it with a README in a zip."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import zipfile
from collections.abc import Sequence
from typing import get_type_hints

from core.publish.called import file_names
from core.publish.numbers import COLUMNS, Row, rows, runs
from core.record import file
from core.record.recording import Recording

KINDS = tuple(get_type_hints(Row).values())
# What a spreadsheet takes for a formula, where a cell begins; in many countries a semicolon begins one.
FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@＝＋－＠])")


def as_csv(recordings: Sequence[Recording]) -> bytes:
    """A header of COLUMNS, then a row a number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows(recordings):
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode()


def _cell(value: str | float) -> str:
    """What a spreadsheet would take for a formula has an apostrophe before it."""
    if isinstance(value, str):
        return FORMULA.sub(r"\1'", value)
    return repr(value) if math.isfinite(value) else ""


def as_json(recordings: Sequence[Recording]) -> bytes:
    """{"columns": what each is, "runs": what each run is, "rows": a list for each column}."""
    columns = list(zip(*rows(recordings), strict=True)) or [()] * len(COLUMNS)
    told = {
        name: [None if isinstance(value, float) and not math.isfinite(value) else value for value in values]
        for name, values in zip(COLUMNS, columns, strict=True)
    }
    return json.dumps({"columns": COLUMNS, "runs": runs(recordings), "rows": told}, allow_nan=False).encode()


def as_parquet(recordings: Sequence[Recording]) -> bytes:
    """The columns, each with what it is in its schema, and what the runs are under "runs"."""
    import pyarrow as arrow  # type: ignore[import-untyped]  # takes a moment, and only this needs it
    from pyarrow import parquet

    types = {str: arrow.string(), int: arrow.int64(), float: arrow.float64()}
    schema = arrow.schema(
        [
            arrow.field(name, types[kind], metadata={"what": what})
            for (name, what), kind in zip(COLUMNS.items(), KINDS, strict=True)
        ],
        metadata={"README": readme(), "runs": json.dumps(runs(recordings))},
    )
    columns = list(zip(*rows(recordings), strict=True)) or [()] * len(COLUMNS)
    table = arrow.table([list(values) for values in columns], schema=schema)
    content = io.BytesIO()
    parquet.write_table(table, content)
    return content.getvalue()


def as_zip(recordings: Sequence[Recording]) -> bytes:
    """The CSV, a README of its columns, what the runs are, and each of them as a recording."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", f"{FILES}\n{readme()}")
        archive.writestr("runs.json", json.dumps(runs(recordings), indent=1))
        archive.writestr("numbers.csv", as_csv(recordings))
        for name, recording in zip(file_names(recordings), recordings, strict=True):
            archive.writestr(f"recordings/{name}{file.SUFFIX}", file.to_bytes(recording))
    return content.getvalue()


FILES = f"""numbers.csv: every number of every run; its columns are below.
runs.json: what each run is: net, recipe, where it was trained, how it stands.
recordings/NAME{file.SUFFIX}: all that Depth Lab knows of a run but its weights; its page Train shows them.
"""


def readme() -> str:
    """What the columns are."""
    return "One number a row. Long traces and many measurements are thinned, as in the lab's own charts.\n\n" + "".join(
        f"{name}: {what}\n" for name, what in COLUMNS.items()
    )
