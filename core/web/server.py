"""What the web process does besides answering: keep the engine alive, and keep the collector out of the way."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st

from core.answers import ask
from core.engine import client
from core.processes.refusals import REFUSALS
from core.web.words import sentence

ENGINE_CHECK_S = 2.0

log = logging.getLogger("core.web")


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
    told = ""
    while True:
        told = await asyncio.to_thread(_keep_alive, told)
        await asyncio.sleep(ENGINE_CHECK_S)


def _keep_alive(told: str) -> str:
    """Start what does not run; why that cannot be, which is logged once. Pages that only read need no supervisor."""
    reasons: dict[str, None] = {}  # each once
    for ensure in (client.ensure_supervisor, ask.ensure_inference):
        try:
            ensure()
        except (client.EngineError, OSError) as error:
            reasons[str(error)] = None
    if (reason := " ".join(reasons)) != told and reason:
        log.warning("%s", reason)
    return reason


def say(error: Exception) -> bool | None:
    """Show what a page was refused as its sentence, where Streamlit would hide it. The shell hands over what pages
    raise, and the launcher what fragments and callbacks raise, which run without the shell."""
    if not isinstance(error, REFUSALS):
        return None
    st.error(sentence(str(error)), icon=":material/error:")
    return True
