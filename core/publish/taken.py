"""What runs can be taken along as: for each form what it is, how its file ends, and what makes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from core.publish import forms, tensorboard
from core.publish.script import script
from core.publish.whole import PublishError
from core.record import file
from core.record.recording import Recording


@dataclass(frozen=True)
class Form:
    """One of them."""

    name: str
    ending: str
    what: str  # for who has never seen it
    mime: str
    made: Callable[[Sequence[Recording]], bytes]  # raises PublishError
    alone: bool = False  # whether it is of one run

    def content(self, recordings: Sequence[Recording]) -> bytes:
        """Of a file that holds these runs, each once. Raises PublishError."""
        found = each_once(recordings)
        if self.alone and len(found) != 1:
            raise PublishError(f"A file that ends in {self.ending} holds one run, not {len(found)}: name one.")
        return self.made(found)


CSV = Form(
    "CSV",
    ".csv",
    "Every number as a row of text: for Excel, R and whatever reads tables",
    "text/csv",
    forms.as_csv,
)
PARQUET = Form(
    "Parquet",
    ".parquet",
    "The same table, small and with its types: for pandas, Polars and DuckDB",
    "application/vnd.apache.parquet",
    forms.as_parquet,
)
JSON = Form(
    "JSON",
    ".json",
    "The same numbers with the whole recipe: for programs",
    "application/json",
    forms.as_json,
)
ZIP = Form(
    "ZIP",
    ".zip",
    "The CSV, the recordings, and a README on its columns",
    "application/zip",
    forms.as_zip,
)
RECORDING = Form(
    "Recording",
    file.SUFFIX,
    "All that is known of the run but its weights: drop it on Train",
    "application/zip",
    lambda recordings: file.to_bytes(recordings[0]),
    alone=True,
)
SCRIPT = Form(
    "Script",
    ".py",
    "One short PyTorch program that trains the same net again, without the lab",
    "text/x-python",
    lambda recordings: script(recordings[0]).encode(),
    alone=True,
)
TENSORBOARD = Form(
    "TensorBoard",
    ".tensorboard.zip",
    "Curves and histograms: unpack, then tensorboard --logdir FOLDER",
    "application/zip",
    tensorboard.as_zip,
)
FORMS = {form.ending: form for form in (RECORDING, CSV, PARQUET, JSON, ZIP, SCRIPT)}  # by the ending of a file


def offered(count: int) -> list[Form]:
    """The forms that so many runs can be taken along as, with what is installed here."""
    here = [*FORMS.values(), *([TENSORBOARD] if find_spec("tensorboard") else [])]
    return [form for form in here if count == 1 or not form.alone]


def each_once(recordings: Sequence[Recording]) -> list[Recording]:
    """One that is there twice, as a run and as an older recording of it, is taken as it is known best."""
    best: dict[str, Recording] = {}
    for recording in recordings:
        known = best.get(recording.head.id)
        if known is None or recording.seq > known.seq:
            best[recording.head.id] = recording
    return list(best.values())
