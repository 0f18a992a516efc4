"""A web site of recordings: its files lead to each other alone, and no folder is lost to it."""

from __future__ import annotations

import gzip
import json
import os
import posixpath
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.publish.whole import PublishError
from core.record.recording import Recording
from core.report import publishing
from core.report.site import MOST, site
from core.store.home import ROOT
from tests.confined import UNSHARE, can_mount
from tests.unit.test_report import NASTY, SEEN, Page, shipped
from tests.unit.told_runs import Told

RUNS = [str(ROOT / "assets" / "recordings" / f"{name}.dlrec") for name in ("plain-56", "resnet-56", "smallresnet")]


def made(count: int) -> list[Recording]:
    return [Told(seed=seed, losses=np.full(9, 1.0)).recording(str(seed)) for seed in range(count)]


def test_every_address_leads_to_a_file_of_the_site() -> None:
    files = site(shipped("plain-56", "resnet-56", "smallresnet"))
    pages = {path for path in files if path.endswith(".html")}
    assert pages == {
        "index.html",
        *("run-1.html", "run-2.html", "run-3.html", "compare-1-2.html", "compare-1-3.html", "compare-2-3.html"),
        "all.html",
    }
    asked = set(pages)
    for path in pages:
        text = files[path].decode()
        asked |= {address for address in Page(files[path]).addresses if address}
        asked |= set(re.findall(r'data-(?:group|plotly)="([^"]+)"', text))
        asked |= {run for runs in re.findall(r'data-runs="([^"]+)"', text) for run in runs.split()}
        asked |= set(re.findall(r"url\(([^)]+)\)", text))
    for path in [path for path in files if path.endswith((".js", ".css"))]:
        named = re.findall(
            r'^(?:import|export|\}) .*from "([^"]+)"|@import url\("([^"]+)"\)', files[path].decode(), re.M
        )
        asked |= {posixpath.normpath(posixpath.join(posixpath.dirname(path), one or other)) for one, other in named}
    assert asked <= set(files)
    assert {path for path in files if path.startswith("data/")} <= asked


def test_a_page_has_the_data_of_its_runs() -> None:
    files = site(shipped("plain-56", "resnet-56", "smallresnet"))
    place = dict(re.findall(r'data-(\w+)="([^"]+)"', files["compare-1-3.html"].decode()))
    group = json.loads(gzip.decompress(files[place["group"]]))
    assert [run["label"] for run in group["live"]["runs"]] == ["plain-56", "ResNet-14 B default"]
    answers = [json.loads(gzip.decompress(files[path])) for path in place["runs"].split()]
    assert [answer["run"]["id"] for answer in answers] == [run["id"] for run in group["live"]["runs"]] == ["1", "3"]


def test_the_list_says_what_each_is_and_what_came_of_it() -> None:
    found = shipped("plain-56", "smallresnet")
    page = Page(site(found)["index.html"])
    assert "plain-56, 6 epochs, Sample of CIFAR-10" in page.text
    tested = [recording.last("evaluation") for recording in found]
    for test in tested:
        assert test
        assert f"{test['test_accuracy']:.1%}".replace("%", " %") + f" after epoch {test['epoch']}" in page.text
    [run] = shipped("plain-56")
    named = Page(site([replace(run, head=replace(run.head, title=NASTY))])["index.html"])
    assert SEEN in named.text
    assert named.tags.count("script") == 1


def test_too_many_are_refused() -> None:
    with pytest.raises(PublishError, match=f"A site shows 1 to {MOST} recordings, not {MOST + 1}: choose fewer."):
        site(made(MOST + 1))
    assert "all.html" not in site(made(13))


def test_a_site_takes_the_place_of_an_older_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "site"
    assert main(["publish", str(folder), *RUNS, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    written = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert told == {"folder": str(folder), "runs": RUNS, "bytes": written - (folder / publishing.MARK).stat().st_size}
    assert (folder / "all.html").exists()
    assert main(["publish", str(folder), RUNS[2]]) == 0
    assert capsys.readouterr().out.startswith("100%  page 1 of 1\n")
    assert {path.name for path in folder.glob("*.html")} == {"index.html", "run-1.html"}
    assert len([*(folder / "data").iterdir()]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert (folder.stat().st_mode & 0o777) == 0o777 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("what", ["file in it", "file beside", "foreign mark", "a file", "file below"])
def test_a_folder_that_holds_something_else_is_left_alone(
    tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "site"
    if what == "a file":
        folder.write_text("mine")
    elif what == "file in it":
        folder.mkdir()
        (folder / "index.html").write_text("mine")
    elif what == "foreign mark":
        folder.mkdir()
        (folder / publishing.MARK).write_text("[1, 2]")
        (folder / "notes.txt").write_text("mine")
    else:
        assert main(["publish", str(folder), RUNS[2]]) == 0
        (folder / ("data/x.txt" if what == "file below" else "CNAME")).write_text("mine")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert main(["publish", str(folder), RUNS[2]]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert ("is a file" if what == "a file" else "holds something else, such as") in said
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_empty_folder_and_one_that_does_not_exist_are_taken(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "new"):
        assert main(["publish", str(tmp_path / name), RUNS[2]]) == 0
        assert (tmp_path / name / "index.html").exists()


def test_where_no_folder_can_be_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in (tmp_path / "no" / "site", tmp_path / "zero\0", tmp_path / ("x" * 300)):
        assert main(["publish", str(folder), RUNS[2]]) == 2
        assert capsys.readouterr().err.count("\n") == 1


SLOWLY = """
import sys
from pathlib import Path
from core.__main__ import main

write = Path.write_bytes
def slowly(path, content):
    print(path.name, flush=True)
    sys.stdin.readline()
    return write(path, content)
Path.write_bytes = slowly
main(["publish", *sys.argv[1:]])
"""


@pytest.mark.slow
def test_killed_while_it_writes_it_leaves_the_older_site(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    assert main(["publish", str(folder), RUNS[2]]) == 0
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for target in (folder, tmp_path / "new"):
        with subprocess.Popen(
            [sys.executable, "-c", SLOWLY, str(target), *RUNS[:2]],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as writing:
            assert writing.stdin
            assert writing.stdout
            for _ in range(9):
                assert writing.stdout.readline()
                writing.stdin.write("\n")
                writing.stdin.flush()
            writing.send_signal(signal.SIGKILL)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert not (tmp_path / "new").exists()
    assert main(["publish", str(folder), *RUNS[:2]]) == 0
    assert "compare-1-2.html" in {path.name for path in folder.iterdir()}


@pytest.mark.slow
@pytest.mark.skipif(not can_mount(), reason="this kernel lets nobody mount a small disk")
def test_a_disk_that_runs_full_keeps_no_half_of_a_site(tmp_path: Path) -> None:
    script = 'mount -t tmpfs -o size=4m disk "$1" && "${@:2}"; echo $?; ls -A "$1"'
    command = [sys.executable, "-m", "core", "publish", str(tmp_path / "site"), *RUNS]
    done = subprocess.run(
        [*UNSHARE, "bash", "-c", script, "bash", str(tmp_path), *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[-1] == "2"  # behind how far it came; nothing lies there
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr
