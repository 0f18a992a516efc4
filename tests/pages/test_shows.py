"""The recordings that come with the lab are there, whole, and what their titles say."""

from __future__ import annotations

import pytest

from core.spec.names import differing
from core.web.train.opened import SHIPPED
from core.web.train.shows import SHOWS, Show


@pytest.mark.parametrize("show", SHOWS, ids=lambda show: show.title)
def test_each_opens_ended_well_and_was_watched(show: Show) -> None:
    found = show.recordings()
    assert [f"{name}.dlrec" for name in show.names] == show.files
    for recording in found:
        assert recording.head.status == "finished"
        assert recording.last("evaluation") is not None
        looks = [event.step for event in recording.of_kind("probe")]
        assert looks[0] == 0
        assert len(looks) >= 8  # less would be no film


@pytest.mark.parametrize("show", SHOWS[:2], ids=lambda show: show.title)
def test_two_beside_each_other_differ_in_one_thing(show: Show) -> None:
    specs = [recording.head.spec for recording in show.recordings()]
    assert len(differing(specs)) == 1


def test_they_hold_no_place_of_the_machine_that_made_them() -> None:
    for show in SHOWS:
        for recording in show.recordings():
            assert "/" not in recording.head.spec.train.data


def test_each_file_is_shown() -> None:
    assert {path.name for path in SHIPPED.glob("*.dlrec")} == {name for show in SHOWS for name in show.files}
