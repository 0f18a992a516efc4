"""Fetching as a page starts it: one process for each thing, and the sentence with which it ends."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from core.web import fetching
from core.web.fetching import PICTURES, WEIGHTS, Fetch
from tests.unit.small_cifar import is_sentence

PATIENCE = 60.0


def ended(fetch: Fetch) -> Fetch:
    deadline = time.monotonic() + PATIENCE
    while not fetch.done:
        assert time.monotonic() < deadline, "fetching does not end"
        time.sleep(0.02)  # pages look at it in the same way, once a second
    return fetch


def test_each_thing_has_a_fetch_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("where the folder should be")
    folder = str(tmp_path / "file" / "cifar")
    assert fetching.current(PICTURES, folder) is None
    pictures = fetching.start(PICTURES, folder)
    assert fetching.start(PICTURES, folder) is pictures  # joined, not started again
    assert fetching.current(PICTURES, folder) is pictures
    assert fetching.current(WEIGHTS, folder) is None
    assert is_sentence(ended(pictures).error)
    assert "choose another folder" in pictures.error
    assert fetching.start(PICTURES, folder) is not pictures  # another try


def test_a_command_that_cannot_start_says_so() -> None:
    fetch = ended(fetching.start(WEIGHTS, "no such net"))
    assert fetch.error == "Fetching stopped with exit code 2: try again."


def test_weights_that_cannot_be_written_end_with_a_sentence(home: Path) -> None:
    home.write_text("where the folder should be")
    fetch = ended(fetching.start(WEIGHTS, "resnet18"))
    assert "cannot be written" in fetch.error
    assert is_sentence(f'"{fetch.error}')  # begins with the file's name


BAD = {
    "no JSON": b"Downloading ...\n",
    "no UTF-8": b"\xff\xfe\x80\n",
    "no object": b"[1, 2]\nnull\n7\n",
    "deeply nested": b"[" * 200_000 + b"\n",
    "very long": b'{"what": "' + b"x" * 3_000_000 + b'"}\n',
    "of other types": b'{"what": 5, "fraction": "half", "error": ["no"]}\n',
    "no share": b'{"fraction": NaN}\n{"fraction": 1e999}\n{"fraction": -3}\n{"fraction": 250}\n',
}


def prints(folder: Path, monkeypatch: pytest.MonkeyPatch, output: bytes, code: int = 0) -> str:
    """A command like those that fetch, which prints that and ends with the code; its name."""
    (folder / "printed").write_bytes(output)
    (folder / "says_it.py").write_text(
        "import pathlib, sys\n"
        "sys.stdout.buffer.write(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "sys.stdout.buffer.flush()\n"
        f"sys.exit({code})\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return "says_it"


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_line_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    before, after = {"what": "Downloading", "fraction": 0.25}, {"fraction": 0.5}
    output = json.dumps(before).encode() + b"\n" + BAD[bad] + json.dumps(after).encode() + b"\n"
    fetch = ended(fetching.start(prints(tmp_path, monkeypatch, output), str(tmp_path / "printed")))
    assert (fetch.what, fetch.fraction, fetch.error) == ("Downloading", 0.5, "")


def test_half_a_line_at_the_end_is_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = prints(tmp_path, monkeypatch, b'{"what": "Downloading", "frac', code=9)
    fetch = ended(fetching.start(command, str(tmp_path / "printed")))
    assert fetch.error == "Fetching stopped with exit code 9: try again."
    assert fetch.fraction == 0
