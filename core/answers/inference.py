"""The inference worker: one warm process a lab for everything that needs torch and answers a page.

``python -m core.answers.inference`` listens on a Unix socket; :mod:`core.answers.ask` is its client. One request is
worked on at a time, in a thread; the event loop takes new ones, refuses what is too much, and notices who has left.
It ends when a signal asks it to, when its state folder is gone, or when nobody has wanted it for a while.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from core.answers import wire
from core.answers.ask import NOWHERE
from core.answers.places import places, usable
from core.answers.warm import Nets
from core.folders import named
from core.machine.gpus import leave_gpus_alone
from core.processes.processor import share_cores
from core.signals import heeded
from core.store.database import EngineError
from core.store.home import home
from core.store.identity import lock

MOST_WAITING = 32  # requests
WANTED_FOR = 60.0  # s after the last sign that a web process wants this worker
STUCK = 60.0  # s beyond its limit after which work that does not even look at its cancel flag ends the process
LOOK = 1.0  # s between two looks at whether this worker is wanted

log = logging.getLogger("inference")


class Cancelled(Exception):  # noqa: N818
    """Raised inside the work by its check; the text says why."""


class Job:
    """One request: what is asked, and whether anybody still wants it."""

    def __init__(self, message: dict[str, Any]) -> None:
        self.kind = str(message["kind"])
        self.topic = str(message["topic"])
        self.limit = float(message["limit"])
        if not 0 < self.limit < math.inf:
            raise ValueError(f"a limit of {self.limit} s")
        self.request = dict(message["request"])
        self.started: float | None = None
        self.cancelled = threading.Event()

    def check(self) -> None:
        """Called by the work between layers. Raises Cancelled."""
        if self.cancelled.is_set():
            raise Cancelled("A newer request took its place.")
        if self.started is not None and time.monotonic() - self.started > self.limit:
            raise TimeoutError


class Server:
    """Takes requests from any number of connections to one thread of work."""

    def __init__(self) -> None:
        self.nets = Nets()
        self.most = MOST_WAITING
        self.jobs: list[Job] = []  # waiting and being worked on, in order
        self.thread = ThreadPoolExecutor(1, "work")

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request: states as they change, then the end. Closing it cancels the request."""
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
                async with asyncio.timeout(10):
                    message = await _read(reader)
                await self._serve(message, reader, writer)
        finally:
            writer.close()  # else who asked would wait for an answer that does not come

    async def _serve(
        self, message: dict[str, Any] | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        from core.answers.questions import KINDS

        try:
            job = Job(message or {})
        except (KeyError, TypeError, ValueError, OverflowError):
            return await _send(writer, "refused", "The request is not one that this worker can read.")
        if job.kind not in KINDS:
            return await _send(writer, "refused", f'"{job.kind}" is not something this worker can do.')
        for older in self.jobs:
            if older.topic == job.topic:
                older.cancelled.set()
        if len([other for other in self.jobs if not other.cancelled.is_set()]) >= self.most:
            return await _send(writer, "refused", f"{self.most} requests wait already: try again in some seconds.")
        self.jobs.append(job)
        left = asyncio.ensure_future(reader.read(1))  # ends when the other side closes
        work = asyncio.get_running_loop().run_in_executor(self.thread, self._work, job)
        try:
            await self._report(job, work, left, writer)
        finally:
            job.cancelled.set()
            left.cancel()
            await asyncio.wait([work])
            self.jobs.remove(job)
        return None

    async def _report(self, job: Job, work: asyncio.Future[Any], left: asyncio.Future[Any], writer: Any) -> None:
        told = ""
        while not work.done() and not left.done():
            text = self._state(job)
            if text != told:
                await _send(writer, "state", text)
                told = text
            await asyncio.wait([work, left], timeout=0.2, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            state, value = work.result()
            writer.write(wire.packed({"state": state, "answer" if state == "answer" else "text": value}))
            await writer.drain()

    def _state(self, job: Job) -> str:
        before = len([other for other in self.jobs[: self.jobs.index(job)] if not other.cancelled.is_set()])
        return f"waiting for {before} other{'s' * (before > 1)}" if job.started is None and before else "working"

    def _work(self, job: Job) -> tuple[str, Any]:
        """In the working thread: the end of the request, always one sentence or an answer."""
        from core.answers.questions import KINDS

        try:
            job.started = time.monotonic()
            job.check()
            started = time.monotonic()
            answer = KINDS[job.kind](job.request, self.nets, job.check)
            return "answer", {**answer, "seconds": time.monotonic() - started}
        except Cancelled as reason:
            return "superseded", str(reason)
        except TimeoutError:
            return "failed", f"This took longer than {job.limit:g} s: choose something smaller."
        except Exception as error:
            return "failed", _sentence(error)

    def stuck(self) -> bool:
        """Whether work has not looked at its flag for far too long."""
        first = self.jobs[0] if self.jobs else None
        return (
            first is not None and first.started is not None and time.monotonic() - first.started > first.limit + STUCK
        )


def _sentence(error: Exception) -> str:
    from core.processes.failures import sentence

    text = sentence(error, home() / wire.LOG, "request")
    if text.startswith("Unexpected"):
        log.exception("a request failed")
    return text


async def _read(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    try:
        return wire.unpacked(await reader.readexactly(wire.length_of(await reader.readexactly(wire.HEAD.size))))
    except ValueError:
        return None


async def _send(writer: asyncio.StreamWriter, state: str, text: str) -> None:
    writer.write(wire.packed({"state": state, "text": text}))
    await writer.drain()


async def serve(folder: Path, guard: IO[str]) -> None:
    """Listen until a signal asks to end, or until nobody wants this worker."""
    stop = asyncio.Event()
    for number in heeded():
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = Server()
    listening, path = await _listen(server, folder)
    (folder / wire.ADDRESS).write_bytes(os.fsencode(path))
    log.info("inference worker %s listens on %s", os.getpid(), path)
    while not stop.is_set() and _wanted(guard):
        if server.stuck():
            log.error("the work does not stop, so the process does")
            os._exit(1)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK)
    listening.close()
    for left in (path, folder / wire.ADDRESS, folder / wire.LOCK):
        left.unlink(missing_ok=True)
    for job in server.jobs:
        job.cancelled.set()


async def _listen(server: Server, folder: Path) -> tuple[asyncio.Server, Path]:
    """On a socket of ours alone in that folder, or else in a temporary one: its name may be too long, and not every
    file system knows sockets. Raises EngineError."""
    lab, reason = home(), "their names are too long"
    for place in dict.fromkeys((folder, *places(lab))):
        path = place / wire.SOCKET
        if len(os.fsencode(path)) > wire.LONGEST_PATH or not usable(place, lab):
            continue
        try:
            path.unlink(missing_ok=True)  # left by one that was killed; the lock says that it is gone
            listening = await asyncio.start_unix_server(server.connected, path)
            path.chmod(0o600)
            return listening, path
        except OSError as error:
            reason = error.strerror or str(error)
    raise EngineError(f"No socket can be made in {folder} or a temporary folder ({reason}): set TMPDIR to another one.")


def _wanted(guard: IO[str]) -> bool:
    """Whether the lock file is still the lab's, and was touched lately by a web process."""
    try:
        found = Path(guard.name).stat()
    except FileNotFoundError:
        return False
    return found.st_ino == os.fstat(guard.fileno()).st_ino and time.time() - found.st_mtime < WANTED_FOR


def _import_gently() -> None:
    """Import torch in a thread of the lowest priority, so as not to slow a run; Linux only, as in the worker."""

    def load() -> None:
        if sys.platform == "linux":
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        import captum.attr  # noqa: F401

    thread = threading.Thread(target=load)
    thread.start()
    thread.join()


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    folder = next((place for place in places(home()) if usable(place, home())), None)
    if folder is None:
        print(NOWHERE, file=sys.stderr)
        return 2
    deadline = time.monotonic() + 0.3  # somebody who asks whether the lock is held holds it for a moment
    while (guard := lock(folder / wire.LOCK)) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    if guard is None:
        return 0
    with guard:
        os.utime(folder / wire.LOCK)
        if not os.access(named("~"), os.W_OK):  # captum brings matplotlib, which wants a folder of its own
            os.environ.setdefault("MPLCONFIGDIR", str(folder / "matplotlib"))
        _import_gently()
        leave_gpus_alone()
        share_cores(2)  # a run has the rest: two that want all of it wait for each other's threads
        os.utime(folder / wire.LOCK)
        try:
            asyncio.run(serve(folder, guard))
        except EngineError as error:
            print(error, file=sys.stderr)  # as it is: the page says the last line of the log
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
