"""What people write on runs is bounded, shown as it is, and what every list calls them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spec import RunSpec, SpecError
from core.store.annotating import LONGEST_TITLE, annotate, changed, read_note, read_tags, read_title
from core.store.recordings import head
from core.store.store import Store


@given(st.text(max_size=200))
def test_a_title_is_one_line_that_can_be_seen_or_refused_in_a_sentence(text: str) -> None:
    title = " ".join(text.split())
    if title.isprintable() and len(title) <= LONGEST_TITLE:
        assert read_title(text) == title
        return
    with pytest.raises(SpecError) as caught:
        read_title(text)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * 10_000, "A name of 10,000 characters is too long"),
        ("turned \u202eround", "cannot be seen"),
        ("a\x00b", "cannot be seen"),
    ],
)
def test_a_title_that_cannot_be(text: str, sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        read_title(text)


def test_letters_of_every_script_are_a_title() -> None:
    for title in ("שלום", "مختبر 56", "深い網", "<b>bold</b> [x](y) $a$"):
        assert read_title(title) == title


@given(st.text(max_size=300))
def test_a_note_keeps_its_lines_and_nothing_that_cannot_be_seen(text: str) -> None:
    note = read_note(text)
    assert all(line.isprintable() for line in note.split("\n"))
    assert read_note(note) == note


def test_tags_are_words_each_once() -> None:
    assert read_tags(["#Mine", "mine", "sweep-1"]) == ("mine", "sweep-1")
    assert changed(("a", "b"), ["c"], ["#B"]) == ("a", "c")
    for wrong in ("two words", "", "a:b", 'a"b', "x" * 31, "-"):
        with pytest.raises(SpecError, match="is no tag"):
            read_tags([wrong])
    with pytest.raises(SpecError, match="13 tags"):
        read_tags([f"t{number}" for number in range(13)])


def test_a_title_is_what_a_run_is_called_and_empty_takes_it_away(home: Path) -> None:
    store = Store(home)
    run_id = store.create_run(RunSpec())
    annotate(store, run_id, title=" My \n net ", tags=["mine"], note="one\ntwo")
    run = store.known(run_id)
    assert (run.name, run.title, run.tags, run.note) == ("My net", "My net", ("mine",), "one\ntwo")
    assert (head(run).name, head(run).title) == ("My net", "My net")
    annotate(store, run_id, title="")
    assert store.known(run_id).name == run.net_name
    assert store.known(run_id).note == "one\ntwo"
