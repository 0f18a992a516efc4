"""Pieces of a program as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

WIDTH = 118  # characters of a line


def wrapped(paragraph: str) -> str:
    """The paragraph on lines of the program's width."""
    return textwrap.fill(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False)


def piece(*lines: str | None) -> str:
    """The lines that there are."""
    return "\n".join(line for line in lines if line is not None)


def joined(*pieces: str) -> str:
    """Pieces of the top level, two empty lines between them."""
    return "\n\n\n".join(each.strip("\n") for each in pieces if each)


def indented(lines: Iterable[str], depth: int) -> list[str]:
    """The lines, so many levels deep."""
    return [" " * 4 * depth + line for line in lines]


def chain(before: str, parts: dict[str, str], depth: int) -> list[str]:
    """``before`` and the parts one after the other by name, as many on a line as fit."""
    inside = textwrap.wrap(
        "\0".join(f"{name}={part},".replace(" ", "\1") for name, part in parts.items()).replace("\0", " "),
        WIDTH - 4 * (depth + 1),
        break_long_words=False,
        break_on_hyphens=False,
    )
    lines = [line.replace("\1", " ") for line in inside]
    whole = f"{before}nn.Sequential(OrderedDict({lines[0].removesuffix(',')}))"
    if len(lines) == 1 and len(whole) + 4 * depth <= WIDTH:
        return indented([whole], depth)
    return indented([f"{before}nn.Sequential(OrderedDict(", *indented(lines, 1), "))"], depth)
