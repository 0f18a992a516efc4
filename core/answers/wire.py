"""How questions and answers travel between a page and the inference worker: length-prefixed JSON, never pickle.

A page asks a worker of its own code alone: their meeting place is named after it. A worker of older code is not wanted
any more, and ends by itself.
"""

from __future__ import annotations

import hashlib
import os
import socket
import struct
from pathlib import Path
from typing import Any

from core.record.events import decode, encode

CORE = Path(__file__).parents[1]
OTHER_CODE = ("cli", "figures", "web")  # no answer depends on it


def code() -> str:
    """Names the code that answers, as it lies on the disk now; eight hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted(CORE.rglob("*.py")):
        name = path.relative_to(CORE)
        if name.parts[0] not in OTHER_CODE and path.is_file():  # not so what editors leave beside a file
            digest.update(bytes(name) + path.read_bytes())
    return digest.hexdigest()[:8]


VERSION = code()  # of what this process has loaded
LOCK = f"inference-{VERSION}.lock"  # locked by the inference worker for as long as it lives
ADDRESS = f"inference-{VERSION}.address"  # holds the path of its socket, which may lie elsewhere
SOCKET = f"inference-{VERSION}.sock"
LOG = "inference.log"
LONGEST_PATH = 100  # bytes; the kernel takes 107 for the name of a Unix socket
LARGEST = 64 * 2**20  # bytes of a message
HEAD = struct.Struct(">I")


def packed(message: dict[str, Any]) -> bytes:
    """The message with its length before it."""
    body = encode(message).encode()
    return HEAD.pack(len(body)) + body


def length_of(head: bytes) -> int:
    """Raises ValueError where no message is as long."""
    (length,) = HEAD.unpack(head)
    if length > LARGEST:
        raise ValueError(f"a message of {length} bytes")
    return int(length)


def unpacked(body: bytes) -> dict[str, Any]:
    """Raises ValueError for anything but a JSON object."""
    try:
        message = decode(body.decode())
    except (TypeError, OverflowError, RecursionError) as error:  # an array that is none, or nested too deeply
        raise ValueError(f"not a message: {error}") from None
    if not isinstance(message, dict):
        raise ValueError("not an object")
    return message


def receive(connection: socket.socket, buffer: bytearray) -> dict[str, Any] | None:
    """The next whole message of the bytes that came so far, waiting for at most one read; None if it is not all here.

    Raises ConnectionError at the end of the stream, and TimeoutError as the socket does.
    """
    if (message := _next(buffer)) is not None:
        return message
    more = connection.recv(2**20)
    if not more:
        raise ConnectionError("the worker went away")
    buffer += more
    return _next(buffer)


def _next(buffer: bytearray) -> dict[str, Any] | None:
    if len(buffer) < HEAD.size:
        return None
    end = HEAD.size + length_of(bytes(buffer[: HEAD.size]))
    if len(buffer) < end:
        return None
    body = bytes(buffer[HEAD.size : end])
    del buffer[:end]
    return unpacked(body)


def read_address(home: Path) -> str | None:
    try:
        return os.fsdecode((home / ADDRESS).read_bytes()) or None
    except OSError:
        return None
