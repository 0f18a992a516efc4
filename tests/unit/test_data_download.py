"""Downloading one file: whole and with the right checksum, or not there at all, whatever the server does."""

from __future__ import annotations

import fcntl
import hashlib
import http.server
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.data.download import download
from core.data.files import DataError
from core.inspect import imagenet
from core.inspect.imagenet import PUBLISHED
from core.store.home import ROOT, weights
from tests.unit.small_cifar import is_sentence

CONTENT = bytes(range(256)) * 20_000  # 5 MB
DIGEST = hashlib.sha256(CONTENT).hexdigest()


LENGTHS = {"/no-number": "many", "/negative": "-5", "/absurd": "9" * 5_000}  # what a server may say of it


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves CONTENT under any name, but for these."""

    def do_GET(self) -> None:
        if self.path == "/missing":
            self.send_error(404)
            return
        sent = CONTENT[:1_500_000] if self.path in ("/short", "/waits") else CONTENT
        self.send_response(200)
        self.send_header("Content-Length", LENGTHS.get(self.path, str(len(CONTENT))))
        self.end_headers()
        self.wfile.write(b"x" + sent[1:] if self.path == "/other" else sent)
        if self.path == "/waits":
            self.server.waiting.wait()  # type: ignore[attr-defined]

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.waiting = threading.Event()  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.waiting.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


def quiet(what: str, fraction: float) -> None:
    pass


def refused(url: str, target: Path, digest: str = DIGEST) -> str:
    with pytest.raises(DataError) as error:
        download(url, target, digest, quiet)
    assert is_sentence(f'"{error.value}')  # some begin with the file's name
    return str(error.value)


def test_whole_checked_and_told(tmp_path: Path, site: str) -> None:
    told: list[tuple[str, float]] = []
    target = tmp_path / "new" / "folder" / "net.pth"
    assert download(site + "net.pth", target, DIGEST[:8], lambda *report: told.append(report)) == target
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    shares = [fraction for _, fraction in told]
    assert shares == sorted(shares)
    assert told[0] == ("Asking 127.0.0.1", 0.0)
    assert told[-1] == ("Ready", 1.0)
    assert any(0 < share < 1 for share in shares)


@pytest.mark.parametrize("path", [path.removeprefix("/") for path in LENGTHS])
def test_a_length_that_is_none_is_not_believed(tmp_path: Path, site: str, path: str) -> None:
    told: list[float] = []
    download(site + path, tmp_path / "net.pth", DIGEST, lambda what, share: told.append(share))
    assert (tmp_path / "net.pth").read_bytes() == CONTENT
    assert all(0 <= share <= 1 for share in told)


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    target = tmp_path / "net.pth"
    target.write_bytes(CONTENT)
    assert download("http://127.0.0.1:1/net.pth", target, DIGEST[:8], quiet) == target


def test_a_damaged_one_is_replaced(tmp_path: Path, site: str) -> None:
    target = tmp_path / "net.pth"
    target.write_bytes(CONTENT[:-1])
    (tmp_path / ".net.pth.part").write_bytes(b"left by a try that was killed")
    download(site, target, DIGEST, quiet)
    assert target.read_bytes() == CONTENT
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing", "the server says 404"),
        ("other", "what came is not the published file"),
        ("short", "what came is not the published file"),
    ],
)
def test_a_server_that_has_something_else(tmp_path: Path, site: str, path: str, reason: str) -> None:
    target = tmp_path / "net.pth"
    assert refused(site + path, target) == (
        f"net.pth could not be fetched from 127.0.0.1 ({reason}): check the network, "
        f"or put that file into {tmp_path} yourself."
    )
    assert list(tmp_path.iterdir()) == []


def test_no_network(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        closed = nobody.getsockname()[1]
    for url in (f"http://127.0.0.1:{closed}/x", "http://no-such-host.invalid/x", "https://127.0.0.1:1/x"):
        assert "(it cannot be reached): check the network" in refused(url, tmp_path / "net.pth")
    assert list(tmp_path.iterdir()) == []


def test_somebody_else_fetches_it_already(tmp_path: Path, site: str) -> None:
    part = tmp_path / ".net.pth.part"
    with part.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert "is being fetched already: wait" in refused(site, tmp_path / "net.pth")
    assert part.exists()  # it is theirs


def test_a_place_that_cannot_be_written(tmp_path: Path, site: str) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in refused(site, tmp_path / "file" / "net.pth")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "net.pth").mkdir()
    assert "cannot be written" in refused(site, tmp_path / "folder" / "net.pth")


CHILD = """
import sys
from core.answers import weights
from core.inspect import imagenet
from core.inspect.imagenet import PUBLISHED, Published

class Local(Published):
    url = sys.argv.pop(1)

PUBLISHED["resnet18"] = Local("resnet18", sys.argv.pop(1), 5)
code = weights.main()
assert "torch" not in sys.modules
sys.exit(code)
"""


def child(url: str) -> subprocess.Popen[str]:
    """``python -m core.answers.weights resnet18 --json``, from that place."""
    command = [sys.executable, "-c", CHILD, url, DIGEST[:8], "resnet18", "--json"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_command_speaks_json_lines_and_keeps_the_file_in_the_lab(site: str) -> None:
    process = child(site)
    out, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    *reports, last = map(json.loads, out.splitlines())
    place = weights() / f"resnet18-{DIGEST[:8]}.pth"
    assert last == {"folder": str(place)}
    assert all(report.keys() == {"what", "fraction"} for report in reports)
    assert place.read_bytes() == CONTENT


def test_the_command_without_network_ends_with_a_sentence() -> None:
    process = child("http://127.0.0.1:1/x")
    out, errors = process.communicate()
    assert (process.returncode, errors) == (2, "")
    assert "check the network" in json.loads(out.splitlines()[-1])["error"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
def test_stopped_half_way(site: str, how: signal.Signals) -> None:
    """Whatever ends it, the file is not there, and the next try finds nothing in its way."""
    process = child(site + "waits")
    assert process.stdout is not None
    while '"fraction": 0.0' in process.stdout.readline():
        pass
    process.send_signal(how)
    out, _ = process.communicate()
    left = list(weights().iterdir())
    if how is signal.SIGKILL:
        assert [path.name for path in left] == [f".resnet18-{DIGEST[:8]}.pth.part"]
    else:
        assert left == []
        assert process.returncode == 130
        assert is_sentence(json.loads(out.splitlines()[-1])["error"])
    again = child(site)
    again.communicate()
    assert again.returncode == 0
    assert [path.name for path in weights().iterdir()] == [f"resnet18-{DIGEST[:8]}.pth"]


def test_every_published_net_can_be_fetched_by_name(tmp_path: Path, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagenet, "SITE", site)
    for published in PUBLISHED.values():
        with pytest.raises(DataError, match=rf"^{published.file} could not be fetched .* not the published file"):
            imagenet.fetch(published, tmp_path, quiet)
    assert list(tmp_path.iterdir()) == []
