"""The recordings that come with the lab are there, whole, and what their titles say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.official import BINARY
from core.engine import client
from core.spec.names import differing
from core.web.registry import TRAIN
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


@pytest.mark.parametrize("there", [False, True], ids=["not here", "here"])
def test_one_is_trained_here_on_its_pictures_or_else_on_the_sample(
    there: bool, open_page: Callable[..., AppTest], home: Path, starting: None
) -> None:
    folder = home / "cifar10"  # where the form fetches them
    if there:
        folder.mkdir(parents=True)
        for name, (size, _) in BINARY.files.items():  # whose size is what is looked at before a run begins
            with (folder / name).open("wb") as file:
                file.truncate(size)
    app = open_page(TRAIN, file="smallresnet.dlrec,smallresnet-nobn.dlrec")
    app.button(key="train_recorded").click().run()
    assert not app.exception
    runs = [client.store().known(str(run_id)) for run_id in [app.query_params["run"], app.query_params["with"]]]
    assert [run.spec.train.data for run in runs] == [str(folder) if there else "sample"] * 2
    assert [run.spec.net.norm for run in runs] == ["batch", "none"]
    told = "CIFAR-10 is not on this machine: these runs train on the bundled sample. Fetch it under New run, Pictures."
    assert [toast.value for toast in app.toast] == ([] if there else [told])
