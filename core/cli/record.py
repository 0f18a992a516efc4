"""``python -m core record``: what is known of a run as one small file."""

from __future__ import annotations

import json
from argparse import Namespace

from core.engine import client
from core.record import file
from core.record.file import SUFFIX, RecordingError
from core.store.recordings import recording
from core.vocabulary.numbers import memory


def record(typed: Namespace) -> None:
    """Write the run's Recording. Raises EngineError or RecordingError."""
    target = typed.file
    if target.suffix != SUFFIX:
        raise RecordingError(f"{target} is not the name of a recording: let it end in {SUFFIX}.")
    store = client.store()
    found = recording(store, store.known(typed.run))
    file.write(target, found)
    size = target.stat().st_size
    if typed.json:
        print(json.dumps({"file": str(target), "run": found.head.id, "step": found.head.step, "bytes": size}))
    else:
        print(f"{target}: {found.head.name}, {found.head.status} at step {found.head.step:,}, {memory(size)}")
