"""Fetch published ImageNet weights into the lab, once: ``python -m core.answers.weights NAME [--json]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.data.sources import Progress
from core.data.telling import fetch_and_tell
from core.inspect import imagenet
from core.inspect.imagenet import PUBLISHED
from core.spec import shortened
from core.store.database import EngineError
from core.store.home import weights


def fetch(name: str, progress: Progress) -> Path:
    """The published file of that net, in the lab's own folder. Raises EngineError or DataError."""
    if name not in PUBLISHED:
        raise EngineError(
            f'There are no published weights of "{shortened(name)}": choose one of {", ".join(PUBLISHED)}.'
        )
    return imagenet.fetch(PUBLISHED[name], weights(), progress)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m core.answers.weights", description="Fetch ImageNet weights once.")
    parser.add_argument("net", choices=PUBLISHED)
    parser.add_argument("--json", action="store_true", help="progress and result as one JSON object a line")
    arguments = parser.parse_args()
    return fetch_and_tell(
        lambda progress: fetch(arguments.net, progress), f"the weights of {arguments.net}", arguments.json
    )


if __name__ == "__main__":
    sys.exit(main())
