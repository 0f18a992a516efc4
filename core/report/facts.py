"""What is said of runs beside their charts, as HTML: what differs, what came of it, and how to make them again.

Whatever people have written is text there, never markup.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape

from core.findings import tables
from core.findings.seen import Seen
from core.findings.tables import NOTHING, Rows
from core.findings.verdict import verdict
from core.record.recording import Recording
from core.spec import recipe
from core.spec.command import command
from core.spec.names import Names, of_runs

NAMED = 3  # runs that have room for their names in a title
NO_DIFFERENCE = "Nothing differs: these runs have one recipe, one seed and one machine."


class Facts:
    """Of runs that are shown together."""

    def __init__(self, found: Sequence[Recording]) -> None:
        self.names: Names = of_runs([each.head for each in found])
        self.runs = [Seen(each, brief) for each, brief in zip(found, self.names.brief, strict=True)]

    @property
    def title(self) -> str:
        """In one line."""
        labels = self.names.labels
        return f"{len(labels)} runs" if len(labels) > NAMED else " and ".join(labels)

    def head(self) -> str:
        """Title, verdict, and when it was recorded."""
        heading = self.title if len(self.runs) > NAMED else " and ".join(map(name, self.names.labels))
        said = verdict(self.runs)
        when = f'<span class="dr-quiet">{escape(recorded(self.runs))}</span>'
        return f"<h1>{heading}</h1>{when}" + (f"\n<p><strong>{escape(said)}</strong></p>" if said else "")

    def tables(self) -> str:
        """All else."""
        labels = self.names.labels
        parts = []
        if len(self.runs) > 1:
            parts.append("<h2>What differs</h2>")
            rows = tables.differences(self.runs)
            parts.append(table(["", *labels], rows) if rows else f"<p>{NO_DIFFERENCE}</p>")
        parts += ["<h2>What came of it</h2>", table(["", *labels], tables.results(self.runs))]
        parts += ["<h2>Where it was trained</h2>", table(["", *labels], _places(self.runs))]
        parts += ["<h2>Make it again</h2>", AGAIN]
        parts += [
            f"<p>{name(label)}{escape(_unrepeated(run))}</p><pre>{escape(command(run.recording.head.spec))}</pre>"
            for label, run in zip(labels, self.runs, strict=True)
        ]
        every = table(["", *labels], _recipes(self.runs))
        parts.append(f"<details><summary>All that was chosen</summary>{every}</details>")
        return "\n".join(parts)


AGAIN = (
    '<p class="dr-quiet">In Depth Lab. DIR stands for the folder that holds the pictures. Where all of the table above '
    "is alike, it is the same again bit for bit.</p>"
)


def _unrepeated(run: Seen) -> str:
    """What became of a run that no command repeats."""
    head = run.recording.head
    if head.parent and head.fork_step is not None:
        return f": it went on from step {head.fork_step:,} of another run, which this command does not repeat."
    return ": a rate was set by hand while it went on, which no command repeats." if run.rate_set is not None else ""


def name(text: str) -> str:
    """What somebody may have written, which turns nothing round that stands beside it."""
    return f'<bdi class="dr-name">{escape(text)}</bdi>'


def table(head: Sequence[str], rows: Rows) -> str:
    first = "".join(f"<th>{name(cell)}</th>" for cell in head)
    body = "".join(
        f"<tr><th>{escape(title)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for title, *cells in rows
    )
    return f'<div class="dr-scrolls"><table><thead><tr>{first}</tr></thead><tbody>{body}</tbody></table></div>'


def recorded(runs: Sequence[Seen]) -> str:
    """When they were trained: "Trained on 28 November 2026"."""
    days = dict.fromkeys(time.strftime("%-d %B %Y", time.gmtime(run.recording.head.created)) for run in runs)
    return f"Trained on {', '.join(days)}"


def _places(runs: Sequence[Seen]) -> Rows:
    return _joined([[(title, value) for title, value in tables.place(run.started)] for run in runs])


def _recipes(runs: Sequence[Seen]) -> Rows:
    return _joined([[(row.label, row.value) for row in recipe.rows(run.recording.head.spec)] for run in runs])


def _joined(columns: Sequence[Sequence[tuple[str, str]]]) -> Rows:
    """One row for each title that any column has."""
    titles = dict.fromkeys(title for column in columns for title, _ in column)
    known = [dict(column) for column in columns]
    return [[title, *(column.get(title, NOTHING) for column in known)] for title in titles]
