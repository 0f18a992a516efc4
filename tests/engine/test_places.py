"""An inference worker where the lab's folder is read-only, full, or knows no sockets: it falls back, or says why."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.answers import ask
from core.answers.places import is_ours, places, usable
from core.store.home import ROOT
from tests.confined import UNSHARE, WAYS, can_mount, read_only
from tests.engine.engines import ENVIRONMENT, Engine

MOSTLY = [WAYS[0], *(pytest.param(way, marks=pytest.mark.long) for way in WAYS[1:])]

# What a page does: wants the worker, waits until it listens or cannot start, asks it something.
PAGE = """
import os, sys, time
from core.answers import ask, wire
ask.ensure_inference()
deadline = time.monotonic() + 60
while True:
    try:
        answer = ask.ask("xray", {"net": {"depth": 8, "width": 4}, "images": 4}, "page")
        print("answered", len(answer["layers"]), flush=True)
        break
    except ask.NotReady:
        assert time.monotonic() < deadline
        ask.ensure_inference()
        time.sleep(0.05)  # nothing tells when another process listens
    except ask.AskError as refusal:
        print("refused", refusal, flush=True)
        break
"""
END = """
import psutil
for process in psutil.process_iter():
    try:
        if process.environ().get("DEPTHLAB_HOME") == sys.argv[1] and process.pid != os.getpid():
            if "core.answers.inference" in process.cmdline(): process.kill()
    except psutil.Error:
        continue
"""


def page(home: Path, before: Sequence[str] = (), **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, sys.executable, "-c", PAGE + END, str(home)],
        cwd=ROOT,
        env=os.environ | ENVIRONMENT | {"DEPTHLAB_HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    (tmp_path / "t").mkdir()
    return tmp_path / "t"


@pytest.mark.parametrize("way", MOSTLY)
def test_read_only_lab_is_answered(home: Path, temporary: Path, way: str) -> None:
    home.mkdir()
    with read_only(way, home) as before:
        done = page(home, before, TMPDIR=str(temporary))
    assert (done.stdout, done.stderr) == ("answered 8\n", "")
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("way", MOSTLY)
def test_lab_that_cannot_even_be_made_is_answered(home: Path, temporary: Path, way: str) -> None:
    home.parent.joinpath("parent").mkdir()
    lab = home.parent / "parent" / ".depthlab"
    with read_only(way, lab.parent) as before:
        done = page(lab, before, TMPDIR=str(temporary))
    assert (done.stdout, done.stderr) == ("answered 8\n", "")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("with space", marks=pytest.mark.long),
        pytest.param("ünd×γ–", marks=pytest.mark.long),
        os.fsdecode(b"\xff\xfe"),
        "long" * 50,
        pytest.param("%20?#", marks=pytest.mark.long),
    ],
)
def test_folder_of_any_name_is_answered(tmp_path: Path, name: str) -> None:
    done = page(tmp_path / name)
    assert (done.stdout, done.stderr) == ("answered 8\n", "")


@pytest.mark.parametrize(
    "tmpdir",
    [
        "/nowhere",
        pytest.param("relative", marks=pytest.mark.long),
        pytest.param("long" * 50, marks=pytest.mark.long),
        pytest.param("", marks=pytest.mark.long),
    ],
)
def test_strange_temporary_folder(home: Path, tmpdir: str) -> None:
    home.mkdir()
    with read_only("mode bits", home) as before:
        done = page(home, before, TMPDIR=tmpdir)
    assert (done.stdout, done.stderr) == ("answered 8\n", "")


def test_no_home_folder(home: Path) -> None:
    done = page(home, HOME="/nowhere")
    assert (done.stdout, done.stderr) == ("answered 8\n", "")


if can_mount():

    def test_full_disk_is_answered(home: Path) -> None:
        fill = 'mount -t tmpfs -o size=8k lab "$1" && head -c 9000 /dev/zero > "$1/filler"; shift; exec "$@"'
        home.mkdir()
        done = page(home, [*UNSHARE, "sh", "-c", fill, "sh", str(home)])
        assert done.stdout == "answered 8\n"

    def test_nowhere_to_write_is_one_sentence(home: Path) -> None:
        everywhere = (
            "for place in /tmp /dev/shm /var/tmp; do "
            "[ -d $place ] && mount --rbind $place $place && mount -o remount,ro,bind $place; done; "
            'cd /; exec "$@"'
        )
        home.mkdir()
        done = page(home, [*UNSHARE, "sh", "-c", everywhere, "sh"], PYTHONPATH=str(ROOT), XDG_RUNTIME_DIR="")
        assert done.stdout == ""
        assert "There is no folder to keep a socket in" in done.stderr.splitlines()[-1]


def test_a_place_that_somebody_else_made_is_not_believed(home: Path, tmp_path: Path) -> None:
    [own, *temporary] = places(home)
    assert own == home
    assert is_ours(home, home)
    place = tmp_path / "place"
    assert not is_ours(place, home)
    assert usable(place, home)
    assert is_ours(place, home)
    assert place.stat().st_mode & 0o777 == 0o700
    place.chmod(0o770)  # others of the group may have put something there
    assert not is_ours(place, home)
    assert not usable(place, home)
    (tmp_path / "link").symlink_to(place)
    place.chmod(0o700)
    assert not is_ours(tmp_path / "link", home)
    assert len({path.name for path in temporary}) == 1


def test_labs_have_places_of_their_own(tmp_path: Path) -> None:
    assert not {*places(tmp_path / "a")} & {*places(tmp_path / "b")}


def test_a_worker_that_was_killed_is_one_that_starts_again(home: Path, engine: Engine) -> None:
    """Whoever asks while there is none waits for the next one: it was not in the worker's way to start."""
    ask.ensure_inference()
    engine.until(ask.ready, "the worker listens")
    for process in engine.processes():
        if "core.answers.inference" in process.cmdline():
            process.kill()
    engine.until(lambda: not ask.ready(), "it is gone")
    with pytest.raises(ask.NotReady):
        ask.ask("xray", {"net": {"depth": 8, "width": 4}, "images": 4}, "page")
    ask.ensure_inference()
    engine.until(ask.ready, "another one listens")
