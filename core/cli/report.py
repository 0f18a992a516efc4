"""``python -m core report``, ``publish`` and ``compare``: runs to be looked at without the lab, and what differs."""

from __future__ import annotations

import json
from argparse import Namespace

from core.cli.export import recording_of
from core.publish.whole import PublishError, write_whole
from core.report.report import SUFFIX
from core.report.report import report as report_of
from core.vocabulary.numbers import memory


def report(typed: Namespace) -> None:
    """Write runs as one page. Raises EngineError, RecordingError or PublishError."""
    if typed.file.suffix != SUFFIX:
        raise PublishError(f'"{typed.file}" is not the name of a page: let it end in {SUFFIX}.')
    content = report_of([recording_of(ref) for ref in typed.runs])
    write_whole(typed.file, content)
    said = {"file": str(typed.file), "runs": typed.runs, "bytes": len(content)}
    print(json.dumps(said) if typed.json else f"{typed.file}: {memory(len(content))}")
