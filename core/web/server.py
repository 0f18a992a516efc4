"""What the web process does besides answering: keep the engine alive, and keep the collector out of the way."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from core.engine import ask, client

ENGINE_CHECK_S = 2.0


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """Start supervisor and inference worker, replace them when they die; leave the runs alone at the end."""
    gc.collect()
    gc.freeze()
    guard = asyncio.create_task(_guard_engine())
    try:
        yield {}
    finally:
        guard.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await guard


async def _guard_engine() -> None:
    while True:
        await asyncio.to_thread(client.ensure_supervisor)
        await asyncio.to_thread(ask.ensure_inference)
        await asyncio.sleep(ENGINE_CHECK_S)
