"""What the web process does besides answering: keep the engine alive, and keep the collector out of the way."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from core.engine import client

SUPERVISOR_CHECK_S = 2.0


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """Start the supervisor, replace it when it dies; leave it and its runs alone when the web process stops."""
    gc.collect()
    gc.freeze()
    guard = asyncio.create_task(_guard_supervisor())
    try:
        yield {}
    finally:
        guard.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await guard


async def _guard_supervisor() -> None:
    while True:
        await asyncio.to_thread(client.ensure_supervisor)
        await asyncio.sleep(SUPERVISOR_CHECK_S)
