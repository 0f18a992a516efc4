"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


class PublishError(ValueError):
    """A run cannot be taken along like that; the message is one sentence: what is wrong and what to do."""


def write_whole(path: Path, content: bytes) -> None:
    """Write under a temporary name, then rename. Raises PublishError."""
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}")
    try:
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        why = error.strerror if isinstance(error, OSError) else error
        raise PublishError(
            f'"{path}" could not be written ({why}): free some space or choose another folder.'
        ) from None
