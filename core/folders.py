"""Folders by the names that people give them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def named(name: str | Path) -> Path:
    """The folder of that name, "~" being the home folder; where there is none, as in many containers, it stays "~"."""
    with suppress(RuntimeError):
        return Path(name).expanduser()
    return Path(name)
