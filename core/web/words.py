"""What somebody typed, or an address says, inside of a sentence on the page: short, and never as markup."""

from __future__ import annotations

import re

from core.spec import shortened

MOST = 60  # characters of what an address asks for
MARKUP = re.compile(r"([\\`*\[\]<~$]|(?<!\w)_|_(?!\w)|:(?=\w))")  # only where it would be one
QUOTED = re.compile(r'"([^"]*)"')


def code(text: str, most: int = MOST) -> str:
    """As Markdown's code, in which nothing is markup."""
    short = shortened(text, most)
    longest = max(map(len, re.findall("`+", short)), default=0)
    fence = "`" * (longest + 1)
    room = " " if longest or not short.strip() else ""  # Markdown takes one blank off at each end
    return f"{fence}{room}{short}{room}{fence}"


def sentence(text: str) -> str:
    """A sentence of core as Markdown that shows it as it is: what it quotes as code, all else without markup."""
    plain, *rest = QUOTED.split(text)
    parts = [_escaped(plain)]
    for quoted, after in zip(rest[::2], rest[1::2], strict=True):
        parts += [f'"{code(quoted, len(quoted) + 1)}"', _escaped(after)]
    return "".join(parts)


def _escaped(text: str) -> str:
    return MARKUP.sub(r"\\\1", text)
