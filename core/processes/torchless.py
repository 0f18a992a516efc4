"""Where PyTorch is missing the pages still draw, and say so: nothing that needs it is ever started."""

from __future__ import annotations

import importlib.util

from core.store.database import EngineError

MISSING = (
    "PyTorch is not installed here, so nothing can be trained or asked of nets: start the lab with make run, or "
    "pip install -r requirements.txt."
)


def has_torch() -> bool:
    """Whether it is there; asked without importing it."""
    return importlib.util.find_spec("torch") is not None


def check_torch() -> None:
    """Raise EngineError where it is missing."""
    if not has_torch():
        raise EngineError(MISSING)
