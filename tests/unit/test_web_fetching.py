"""Fetching as a page starts it: one process for each thing, and the sentence with which it ends."""

from __future__ import annotations

import time
from pathlib import Path

from small_cifar import is_sentence

from core.web import fetching
from core.web.fetching import PICTURES, WEIGHTS, Fetch

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
