"""A far-away server: what goes through this relay, either way, arrives a given time later."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress


class Relay:
    """Listens on a free port of this machine for connections to another of its ports."""

    def __init__(self, port: int, delay: float) -> None:
        self.port, self.delay = port, delay  # s, each way
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        listening = asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.server = asyncio.run_coroutine_threadsafe(listening, self.loop).result()
        self.url = f"http://localhost:{self.server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def _end(self) -> None:
        self.server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_there, to_there = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await asyncio.gather(self._carry(reader, to_there), self._carry(from_there, writer))
        finally:
            for end in (to_there, writer):
                end.close()
                with suppress(ConnectionError, asyncio.CancelledError):
                    await end.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pieces in order, each ``delay`` after it came; then the end."""
        with suppress(ConnectionError):
            while piece := await reader.read(2**16):
                self.loop.call_later(self.delay, writer.write, piece)
        await asyncio.sleep(self.delay)
        writer.close()
