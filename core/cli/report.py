"""``python -m core report``, ``publish`` and ``compare``: runs to be looked at without the lab, and what differs."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

from core.cli.export import recording_of
from core.cli.output import printable
from core.figures.dashboard import MOST_SHOWN
from core.findings import tables
from core.findings.seen import Seen
from core.findings.tables import Rows
from core.findings.verdict import verdict
from core.publish.taken import each_once
from core.publish.whole import PublishError, write_whole
from core.record.recording import Recording
from core.report import publishing
from core.report.report import REPORT
from core.spec import SpecError
from core.spec.names import of_runs, unmarked
from core.vocabulary.numbers import memory


def report(typed: Namespace) -> None:
    """Write runs as one page. Raises EngineError, RecordingError or PublishError."""
    if typed.file.suffix != REPORT.ending:
        raise PublishError(f'"{typed.file}" is not the name of a page: let it end in {REPORT.ending}.')
    content = REPORT.content(_recordings(typed))
    write_whole(typed.file, content)
    said = {"file": str(typed.file), "runs": typed.runs, "bytes": len(content)}
    print(json.dumps(said) if typed.json else f"{typed.file}: {memory(len(content))}")


def publish(typed: Namespace) -> None:
    """Write runs as a web site. Raises EngineError, RecordingError or PublishError."""
    publishing.checked(typed.folder)  # before what takes time
    size = publishing.publish(typed.folder, _recordings(typed), _say_nothing if typed.json else _say_progress)
    said = {"folder": str(typed.folder), "runs": typed.runs, "bytes": size}
    print(json.dumps(said) if typed.json else f"{typed.folder}: {memory(size)}; any web server can serve it as it is")


def _say_progress(written: int, pages: int) -> None:
    print(f"{written / pages:4.0%}  page {written} of {pages}", flush=True)


def _say_nothing(written: int, pages: int) -> None:
    """One JSON object is all that is printed."""


def compare(typed: Namespace) -> None:
    """Say what the page Compare says of runs. Raises EngineError, RecordingError or SpecError."""
    found = _recordings(typed)
    if not 2 <= len(found) <= MOST_SHOWN:
        raise SpecError(f"2 to {MOST_SHOWN} different runs can be compared, not {len(found)}: name so many.")
    named = of_runs([each.head for each in found])
    runs = [Seen(each, brief) for each, brief in zip(found, named.brief, strict=True)]
    labels = [unmarked(label) for label in named.labels]
    differ, came = tables.differences(runs), tables.results(runs)
    if typed.json:
        told = {
            "verdict": verdict(runs),
            "runs": [{"id": run.id, "name": label} for run, label in zip(runs, labels, strict=True)],
            "differs": _by_title(differ),
            "results": _by_title(came),
        }
        print(json.dumps(told))
        return
    print(printable(unmarked(verdict(runs))))
    for title, *cells in [*differ, *came]:
        print(f"\n{title}")
        for label, cell in zip(labels, cells, strict=True):
            print(printable(f"  {label}: {cell}"))


def _recordings(typed: Namespace) -> list[Recording]:
    return each_once([recording_of(ref) for ref in typed.runs])


def _by_title(rows: Rows) -> list[dict[str, Any]]:
    return [{"what": title, "values": cells} for title, *cells in rows]
