"""Ask the inference worker: the client of :mod:`core.engine.inference`, without torch."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from typing import Any

from core.engine import single, wire
from core.engine.database import EngineError
from core.engine.home import home

POLL = 0.1  # s between two calls of ``tick``
LIMIT = 60.0  # s that an answer may take
STRANGE = "What came from the worker that answers this page is no answer: reload the page."

Tick = Callable[[str], None]  # told the state: "waiting for 2 others", "working"; what it raises cancels the request


class AskError(EngineError):
    """There is no answer; the message is one sentence for the user."""


class NotReady(AskError):  # noqa: N818 - a state, not a fault
    """The worker does not listen yet."""


class Lost(AskError):  # noqa: N818
    """The worker ended while it worked on this; another one takes its place."""


class Superseded(AskError):  # noqa: N818
    """A newer request of the same topic took this one's place."""


def ensure_inference() -> None:
    """Start an inference worker if none runs, and say that it is still wanted. Cheap; any number may ask at once."""
    folder = home()
    folder.mkdir(parents=True, exist_ok=True)
    if single.ensure("core.engine.inference", folder / wire.LOCK, folder / wire.LOG):
        os.utime(folder / wire.LOCK)  # the worker ends itself when nobody has wanted it for a while


def ready() -> bool:
    """Whether a worker listens."""
    try:
        _connect().close()
    except NotReady:
        return False
    return True


def ask(kind: str, request: dict[str, Any], topic: str, tick: Tick | None = None, limit: float = LIMIT) -> Any:
    """The worker's answer, arrays as float32; cancelled by what ``tick`` raises or by a newer request of ``topic``.

    Raises NotReady while no worker listens, Lost, Superseded, and AskError, each with one sentence.
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
    folder = home()
    address = wire.read_address(folder)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if address is None:
            raise FileNotFoundError
        connection.connect(address)
    except (OSError, ValueError):  # nobody is there, or what stands in the file names no place
        connection.close()
        raise NotReady("The worker that answers this page is still starting: it takes some seconds.") from None
    return connection
