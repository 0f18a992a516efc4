"""What a page with no lab behind it shows of runs."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from typing import Any, TypedDict

from core.figures.dashboard import CHOICES, DashboardData, named
from core.figures.live import live_figures
from core.record.file import portable
from core.record.recording import Recording
from core.record.told import answered, as_file, listed, of_file
from core.report.foretold import Foretold, foretold


class ReportData(TypedDict):
    """What the page is given beside what each run has told."""

    live: DashboardData
    choices: dict[str, list[str]]  # that an address may ask for, by key
    foretold: list[Foretold]


def closed(found: Sequence[Recording]) -> list[Recording]:
    """The runs as they are known now and may go to others, each with an id of its own: "1", "2" ..."""
    return [as_file(portable(recording), str(number)) for number, recording in enumerate(found, 1)]


def data_of(found: Sequence[Recording]) -> ReportData:
    """Of runs that are :func:`closed`."""
    return {
        "live": {
            "runs": named([recording.head for recording in found]),
            "figures": live_figures(),
            "asked": {},
            "refused": None,
            "tries": False,
            "noted": None,
            "notes": False,
            "play": False,
            "only": "",
            "keeps": True,
        },
        "choices": {key: list(options) for key, options in CHOICES.items()},
        "foretold": foretold(found),
    }


def answer_of(recording: Recording) -> str:
    """All that a run has told, as JSON."""
    return answered(of_file(recording), recording.seq, listed(recording.events))


def packed(text: str) -> bytes:
    """As assets/report/packed.js reads it; the same bytes at any time."""
    return gzip.compress(text.encode(), 6, mtime=0)


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
