"""What runs are called that are taken along together: in a table, and as files."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.record.recording import Recording
from core.spec import shortened
from core.spec.names import of_runs, unmarked


def called(recordings: Sequence[Recording]) -> list[str]:
    """A name for each, on one line: what somebody called it, or what tells it from the others."""
    return [shortened(unmarked(label)) for label in of_runs([each.head for each in recordings]).labels]


def file_names(recordings: Sequence[Recording]) -> list[str]:
    """A name and the id of each in a form that every file system takes; several are numbered."""
    found = [
        f"{plain(name, 40)}-{plain(each.head.id, 20)}"
        for name, each in zip(called(recordings), recordings, strict=True)
    ]
    return found if len(found) == 1 else [f"{number}-{name}" for number, name in enumerate(found, 1)]


def plain(text: str, most: int) -> str:
    """At most so many letters, digits, dots and dashes; a letter or a digit at both ends."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.")[:most].strip("-.") or "run"
