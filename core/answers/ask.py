"""Ask the inference worker: the client of :mod:`core.answers.inference`, without torch."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, overload

from core.answers import wire
from core.answers.places import is_ours, places, usable
from core.processes import single
from core.processes.torchless import MISSING, check_torch, has_torch
from core.record.answers import Answer, Kind, Request
from core.store.database import EngineError
from core.store.home import home
from core.store.identity import is_locked

POLL = 0.1  # s between two calls of ``tick``
LIMIT = 60.0  # s that an answer may take
NOWHERE = (
    "There is no folder to keep a socket in, so pages cannot ask trained nets: set TMPDIR or DEPTHLAB_HOME to a folder "
    "that can be written."
)
OUTDATED = "Depth Lab's code has changed since its server was started, so no worker answers this page: restart it."
STRANGE = "What came from the worker that answers this page is no answer: reload the page."

Tick = Callable[[str], None]  # told the state: "waiting for 2 others", "working"; what it raises cancels the request


class AskError(EngineError):
    """There is no answer; the message is one sentence for the user."""


class NotReady(AskError):  # noqa: N818 - a state, not a fault
    """The worker does not listen yet."""


class Absent(AskError):  # noqa: N818
    """There will be no worker, because PyTorch is not installed."""


class Lost(AskError):  # noqa: N818
    """The worker ended while it worked on this; another one takes its place."""


class Superseded(AskError):  # noqa: N818
    """A newer request of the same topic took this one's place."""


def ensure_inference() -> None:
    """Start an inference worker if none runs, and say that it is still wanted. Cheap; any number may ask at once."""
    check_torch()
    lab = home()
    running = next((place for place in places(lab) if is_locked(place / wire.LOCK) and _is_writable(place)), None)
    place = running or next((place for place in places(lab) if usable(place, lab)), None)
    if place is None:
        raise EngineError(NOWHERE)
    if not running and wire.code() != wire.VERSION:  # a worker that starts now would be none of ours
        raise EngineError(OUTDATED)
    if single.ensure("core.answers.inference", place / wire.LOCK, place / wire.LOG, lab):
        os.utime(place / wire.LOCK)  # the worker ends itself when nobody has wanted it for a while


def _last_words(log: Path) -> str:
    """The last line of a log: what a process said that could not start."""
    try:
        lines = log.read_text(errors="replace").split("\n")
    except OSError:
        lines = []
    return next((line for line in reversed(lines) if line.strip()), f"{log} does not say why.")


def _is_writable(place: Path) -> bool:
    """Else the worker there is another user's, who alone may ask it."""
    return is_ours(place, home()) and os.access(place / wire.LOCK, os.W_OK)


def ready() -> bool:
    """Whether a worker listens."""
    try:
        _connect().close()
    except AskError:
        return False
    return True


@overload
def ask(kind: Kind[Answer], request: Request, topic: str, tick: Tick | None = None, limit: float = LIMIT) -> Answer: ...
@overload
def ask(kind: str, request: Request, topic: str, tick: Tick | None = None, limit: float = LIMIT) -> Any: ...
def ask(kind: str, request: Request, topic: str, tick: Tick | None = None, limit: float = LIMIT) -> Any:
    """The worker's answer, arrays as float32; cancelled by what ``tick`` raises or by a newer request of ``topic``.

    Raises NotReady while no worker listens, Absent, Lost, Superseded, and AskError, each with one sentence.
    """
    deadline = time.monotonic() + limit
    state, buffer = "asking", bytearray()
    unsent = memoryview(wire.packed({"kind": kind, "topic": topic, "limit": limit, "request": request}))
    with _connect() as connection:
        connection.settimeout(POLL)
        while time.monotonic() < deadline:
            if tick is not None:
                tick(state)
            try:
                if unsent:
                    unsent = unsent[connection.send(unsent) :]
                    continue
                message = wire.receive(connection, buffer)
            except TimeoutError:
                continue
            except ConnectionError:
                raise Lost("The worker that answers this page ended in between; it is being replaced.") from None
            except ValueError:
                raise AskError(STRANGE) from None
            if message is None:
                continue
            if not _is_one(message):
                raise AskError(STRANGE)
            if message["state"] in ENDS:
                return ENDS[message["state"]](message)
            state = message["text"]
    raise AskError(f"There was no answer within {limit:g} s: choose something smaller, or try again when less runs.")


def _is_one(message: dict[str, Any]) -> bool:
    if message.get("state") == "answer":
        return "answer" in message
    return isinstance(message.get("state"), str) and isinstance(message.get("text"), str)


def _answer(message: dict[str, Any]) -> Any:
    return message["answer"]


def _refuse(message: dict[str, Any]) -> Any:
    raise AskError(message["text"])


def _supersede(message: dict[str, Any]) -> Any:
    raise Superseded(message["text"])


ENDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "answer": _answer,
    "refused": _refuse,
    "failed": _refuse,
    "superseded": _supersede,
}


def _connect() -> socket.socket:
    """Raises NotReady, or AskError where there will be no worker."""
    lab = home()
    ours = [place for place in places(lab) if is_ours(place, lab)]
    for place in ours:
        address = wire.read_address(place)
        if address is None:
            continue
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(address)
            return connection
        except (OSError, ValueError):  # nobody is there, or what stands in the file names no place
            connection.close()
    if not has_torch():
        raise Absent(MISSING)
    if wire.code() != wire.VERSION:
        raise AskError(OUTDATED)
    for place in ours:
        if single.cannot_start(place / wire.LOCK):
            raise AskError(f"The worker that answers this page cannot start. {_last_words(place / wire.LOG)}")
    raise NotReady("The worker that answers this page is still starting: it takes some seconds.")
