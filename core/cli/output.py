"""Standard output and error as every command uses them: what cannot be written or printed is no traceback."""

from __future__ import annotations

import io
import os
import select
import signal
import sys
from collections.abc import Callable
from typing import Any, TextIO


class OutputError(Exception):
    """Standard output takes nothing any more; the message is one sentence, empty where the reader just left."""

    def __init__(self, error: OSError) -> None:
        left = isinstance(error, BrokenPipeError)
        self.code = 128 + signal.SIGPIPE if left else 2
        super().__init__("" if left else f"The output cannot be written ({error.strerror}): send it elsewhere.")


class _Guarded(io.FileIO):
    """A descriptor whose first refusal is an OutputError, where it is told at all; the rest goes nowhere."""

    def __init__(self, descriptor: int, tells: bool) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self.tells = tells
        self.broken = False

    def write(self, data: Any) -> int:
        if not self.broken:
            try:
                while (written := super().write(data)) is None:  # it must not wait, says whoever shares the terminal
                    select.select([], [self], [])
                return written
            except OSError as error:
                self.broken = True
                if self.tells:
                    raise OutputError(error) from None
        return len(data)


def guarded(command: Callable[[], int]) -> int:
    """The exit code of a command whose output may break: then it ends with a sentence, or in silence if nobody reads.

    Characters that the terminal does not know are printed as their codes. A closed stream is as one that goes nowhere.
    """
    _fill_descriptors()
    sys.stdout, sys.stderr = _stream(1, sys.stdout, tells=True), _stream(2, sys.stderr, tells=False)
    try:
        try:
            code = command()
        except SystemExit as end:  # argparse has printed something
            code = end.code if isinstance(end.code, int) else 0
        sys.stdout.flush()
    except OutputError as broken:
        code = broken.code
        if str(broken):
            print(broken, file=sys.stderr)
    return code


def printable(text: str) -> str:
    """In one line: what is no character to be seen, such as a line break or a byte that is no UTF-8, as its code."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def _fill_descriptors() -> None:
    """Take the places of standard streams that are closed, or the next file would be opened there, such as the store,
    and written into by who prints."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def _stream(descriptor: int, like: TextIO | None, tells: bool) -> TextIO:
    raw = _Guarded(descriptor, tells)
    buffered: Any = io.BufferedWriter(raw)
    encoding = like.encoding if like else "utf-8"
    by_line = not tells or raw.isatty()
    return io.TextIOWrapper(buffered, encoding, "backslashreplace", line_buffering=by_line)
