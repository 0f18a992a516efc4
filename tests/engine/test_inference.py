"""A real inference worker: answers, cancelling, superseding, a full queue, errors as sentences, kill and replace."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.answers import ask, wire
from core.store.home import ROOT
from core.store.identity import is_locked

SMALL = {"net": {"depth": 8, "width": 4}, "images": 4}
PATIENCE = 60.0


def until(happened: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)  # nothing tells when another process listens


def asked_for() -> bool:
    """Ask for a worker as a page does; whether one listens."""
    ask.ensure_inference()
    return ask.ready()


def workers(home: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            mine = process.environ().get("DEPTHLAB_HOME") == str(home)
            if mine and any("inference" in word or "patient" in word for word in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One patient worker for the module, in a folder whose name is too long for a socket."""
    home = tmp_path_factory.mktemp("lab") / ("long" * 25)
    home.mkdir()
    environment = os.environ | {"DEPTHLAB_HOME": str(home)}
    process = subprocess.Popen([sys.executable, "-m", "tests.engine.patient_worker"], cwd=ROOT, env=environment)
    until(lambda: wire.read_address(home), "the worker listens")
    address = wire.read_address(home)
    yield home
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert address
    assert not Path(address).exists()
    assert wire.read_address(home) is None


@pytest.fixture
def here(lab: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEPTHLAB_HOME", str(lab))
    os.utime(lab / wire.LOCK)  # as the web process does
    return lab


class Waiter:
    """Somebody whose request never ends by itself."""

    def __init__(self, topic: str) -> None:
        self.left = threading.Event()
        self.state = ""
        self.pool = ThreadPoolExecutor(1)
        self.end = self.pool.submit(lambda: ask.ask("wait", {}, topic, self._tick, limit=PATIENCE))

    def _tick(self, state: str) -> None:
        self.state = state
        if self.left.is_set():
            raise InterruptedError

    def until(self, state: str) -> Waiter:
        until(lambda: self.state.startswith(state), f"a request is {state}")
        return self

    def leave(self) -> None:
        self.left.set()
        with pytest.raises(InterruptedError):
            self.end.result(PATIENCE)


def test_answers_with_arrays(here: Path) -> None:
    answer = ask.ask("xray", SMALL, "a")
    assert answer["name"].startswith("ResNet-8")
    assert answer["std"].dtype == np.float64  # whose range X-ray keeps down to the chart
    assert len(answer["std"]) == 8
    again = ask.ask("xray", SMALL, "a")
    np.testing.assert_array_equal(answer["weight_grad"], again["weight_grad"])


def test_socket_of_a_long_folder_lies_elsewhere_and_is_private(here: Path) -> None:
    address = wire.read_address(here)
    assert address
    assert len(address) < 100
    assert not address.startswith(str(here))
    assert Path(address).stat().st_mode & 0o77 == 0


def test_a_newer_request_of_the_topic_supersedes(here: Path) -> None:
    older = Waiter("same").until("working")
    assert ask.ask("xray", SMALL, "same")["loss"] > 0
    with pytest.raises(ask.Superseded, match="newer request"):
        older.end.result(PATIENCE)


def test_who_leaves_cancels(here: Path) -> None:
    first = Waiter("first").until("working")
    second = Waiter("second").until("waiting for 1 other")
    first.leave()
    second.until("working").leave()
    assert ask.ask("xray", SMALL, "third")["loss"] > 0


def test_full_queue_refuses_in_a_sentence(here: Path) -> None:
    first = Waiter("first").until("working")
    second = Waiter("second").until("waiting")
    with pytest.raises(ask.AskError, match="2 requests wait already: try again"):
        ask.ask("xray", SMALL, "third")
    second.leave()
    first.leave()


def test_time_limit_ends_the_work(here: Path) -> None:
    with pytest.raises(ask.AskError, match=r"longer than 0.2 s|no answer within 0.2 s"):
        ask.ask("wait", {}, "slow", limit=0.2)
    assert ask.ask("xray", SMALL, "after")["loss"] > 0


@pytest.mark.parametrize(
    ("kind", "request_", "said"),
    [
        ("xray", {"net": {"depth": 9}}, "depth 9 is not possible: choose 8 or 14"),
        ("dance", {}, '"dance" is not something this worker can do'),
        ("fault", {"key": "x"}, "Unexpected: KeyError, a fault of Depth Lab: see .*inference.log"),
    ],
)
def test_errors_come_back_as_one_sentence(here: Path, kind: str, request_: dict[str, object], said: str) -> None:
    with pytest.raises(ask.AskError, match=said):
        ask.ask(kind, request_, "wrong")


def framed(body: bytes) -> bytes:
    return wire.HEAD.pack(len(body)) + body


RUBBISH = {
    "too long": b"\xff\xff\xff\xff",
    "no UTF-8": framed(b"\x80\x02."),
    "no JSON": framed(b'{"kind": "xray"'),
    "no object": framed(b"[1]"),
    "deeply nested": framed(b"[" * 200_000),
    "an array of no type": framed(b'{"kind": {"dtype": "no", "shape": [1], "data": ""}}'),
    "an array of objects": framed(b'{"kind": {"dtype": "O", "shape": [1], "data": "AAAAAAAAAAA="}}'),
    "an array that is no text": framed(b'{"kind": {"dtype": "float32", "shape": [1], "data": 5}}'),
    "nothing but a kind": wire.packed({"kind": "xray"}),
    "a request that is no object": wire.packed({"kind": "xray", "topic": "t", "limit": 1, "request": 5}),
    "no limit": framed(b'{"kind": "xray", "topic": "t", "limit": NaN, "request": {}}'),
    "no end": framed(b'{"kind": "xray", "topic": "t", "limit": 1' + b"0" * 400 + b', "request": {}}'),
}


@pytest.mark.parametrize("sent", RUBBISH.values(), ids=RUBBISH)
def test_rubbish_is_refused_and_harms_nobody(here: Path, sent: bytes) -> None:
    address = wire.read_address(here)
    assert address
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        connection.sendall(sent)
        connection.settimeout(PATIENCE)
        message, buffer = None, bytearray()
        while message is None:
            message = wire.receive(connection, buffer)
    assert message == {"state": "refused", "text": "The request is not one that this worker can read."}
    assert ask.ask("xray", SMALL, "next")["loss"] > 0


ANSWERS = {
    "too long": b"\xff\xff\xff\xff",
    "no JSON": framed(b"{"),
    "no UTF-8": framed(b"\xff"),
    "no object": framed(b"[1]"),
    "no state": framed(b'{"text": "hello"}'),
    "no text": framed(b'{"state": "working"}'),
    "a state that is none": framed(b'{"state": ["answer"], "text": ""}'),
    "no answer": framed(b'{"state": "answer"}'),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_is_none_is_said(home: Path, answer: bytes) -> None:
    with listening_at(home) as listening, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask.ask, "xray", SMALL, "t")
        connection = listening.accept()[0]
        with connection, contextlib.suppress(ConnectionError):
            connection.sendall(answer)
            with pytest.raises(ask.AskError, match=r"^What came from .* is no answer: reload the page\.$"):
                asked.result(PATIENCE)


def test_a_large_picture_reaches_a_worker_that_is_slow_to_read(home: Path) -> None:
    request = {"pixels": np.zeros((3, 2_000, 2_000), np.float32)}
    with listening_at(home) as listening, ThreadPoolExecutor(1) as pool:
        ticks = threading.Semaphore(0)
        asked = pool.submit(ask.ask, "predict", request, "t", lambda state: ticks.release())
        connection = listening.accept()[0]
        for _ in range(3):  # it looks round while nobody reads
            assert ticks.acquire(timeout=PATIENCE)
        with connection, connection.makefile("rb") as sent:
            body = sent.read(wire.length_of(sent.read(wire.HEAD.size)))
            connection.sendall(wire.packed({"state": "answer", "answer": {"seen": 1}}))
            assert asked.result(PATIENCE) == {"seen": 1}
    assert wire.unpacked(body)["request"]["pixels"].shape == (3, 2_000, 2_000)


@contextlib.contextmanager
def listening_at(home: Path) -> Iterator[socket.socket]:
    """Where the worker of that lab would listen."""
    home.mkdir()
    path = home.parent / "s"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        listening.settimeout(PATIENCE)
        (home / wire.ADDRESS).write_text(str(path))
        yield listening


@pytest.mark.parametrize("left", [b"\xff\xfe", b"/no\x00where", b"/" + b"x" * 500], ids=["no UTF-8", "NUL", "long"])
def test_an_address_that_is_none_is_no_worker(home: Path, left: bytes) -> None:
    home.mkdir()
    (home / wire.ADDRESS).write_bytes(left)
    with pytest.raises(ask.NotReady):
        ask.ask("xray", SMALL, "t")


def test_killed_worker_is_replaced_and_only_one_runs(home: Path) -> None:
    assert not ask.ready()
    with pytest.raises(ask.NotReady, match="still starting"):
        ask.ask("xray", SMALL, "early")
    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda _: ask.ensure_inference(), range(8)))
    until(ask.ready, "the worker listens")
    [first] = workers(home)
    first.send_signal(signal.SIGKILL)
    until(lambda: not is_locked(home / wire.LOCK), "the killed one is gone")
    until(asked_for, "another one listens")
    [second] = workers(home)
    assert second.pid != first.pid
    assert ask.ask("xray", SMALL, "again")["loss"] > 0
    second.terminate()
    until(lambda: not is_locked(home / wire.LOCK), "it ends when asked")
    assert not ask.ready()


def test_killed_in_the_middle_is_said(home: Path) -> None:
    with listening_at(home) as listening, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask.ask, "xray", SMALL, "t")
        listening.accept()[0].close()
        with pytest.raises(ask.AskError, match="ended in between"):
            asked.result(PATIENCE)
