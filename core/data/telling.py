"""Long fetching as a command of its own, for people and, a JSON object a line, for the page that started it."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.data.files import DataError
from core.data.sources import Progress
from core.signals import on_end


def fetch_and_tell(fetch: Callable[[Progress], Path], what: str, as_json: bool) -> int:
    """Fetch and say how far it is, then the place where it lies; the exit code: 2 where it cannot be fetched."""
    say = _say_json if as_json else _say_text
    on_end(signal.default_int_handler)  # tidy up as on Ctrl-C
    try:
        place = fetch(lambda doing, fraction: say({"what": doing, "fraction": round(fraction, 4)}))
    except DataError as error:
        say({"error": str(error)})
        return 2
    except KeyboardInterrupt:
        say({"error": f"Fetching {what} was stopped and nothing was left behind: start it again when you like."})
        return 130
    say({"folder": str(place)})
    return 0


def _say_json(line: dict[str, Any]) -> None:
    _print(json.dumps(line))


def _say_text(line: dict[str, Any]) -> None:
    if "what" in line:
        _print(f"{line['fraction']:4.0%}  {line['what']}")
    else:
        _print(line.get("folder") or line["error"])


def _print(line: str) -> None:
    try:
        print(line, flush=True)
    except OSError:  # who asked has gone, or has no room; finish all the same, for the next one
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
