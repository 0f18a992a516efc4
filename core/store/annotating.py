"""What people write on runs: a title, a note, tags. Bounded here, in one sentence each."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from core.spec import SpecError, shortened
from core.store.store import EVERY, Store

LONGEST_TITLE = 80  # characters
LONGEST_NOTE = 2000
LONGEST_TAG = 30
MOST_TAGS = 12
TAG = re.compile(r"[^\W_][\w.+-]*")  # as the search language reads it without quotes


def read_title(text: str) -> str:
    """A title on one line; empty takes it away. Raises SpecError."""
    title = " ".join(text.split())
    if len(title) > LONGEST_TITLE:
        raise SpecError(f"A name of {len(title):,} characters is too long: write at most {LONGEST_TITLE}.")
    if not title.isprintable():
        raise SpecError(f'The name "{shortened(title)}" holds characters that cannot be seen: leave them out.')
    return title


def read_note(text: str) -> str:
    """A note of several lines; empty takes it away. Raises SpecError."""
    lines = ["".join(each if each.isprintable() else " " for each in line) for line in text.splitlines()]
    note = "\n".join(line.rstrip() for line in lines).strip()
    if len(note) > LONGEST_NOTE:
        raise SpecError(f"A note of {len(note):,} characters is too long: write at most {LONGEST_NOTE:,}.")
    return note


def read_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Tags, each once, in small letters. Raises SpecError."""
    found = tuple(dict.fromkeys(tag.strip().lower().removeprefix("#") for tag in tags))
    for tag in found:
        if not TAG.fullmatch(tag) or len(tag) > LONGEST_TAG:
            raise SpecError(
                f'"{shortened(tag, 60)}" is no tag: write one word of letters, digits, ".", "+" or "-", '
                f"at most {LONGEST_TAG} of them."
            )
    if len(found) > MOST_TAGS:
        raise SpecError(f"{len(found)} tags on one run are too many: choose at most {MOST_TAGS}.")
    return found


def changed(tags: Sequence[str], added: Sequence[str], removed: Sequence[str]) -> tuple[str, ...]:
    """Tags with some more and some less. Raises SpecError."""
    gone = read_tags(removed)
    return tuple(tag for tag in read_tags([*tags, *added]) if tag not in gone)


def annotate(
    store: Store, run_id: str, *, title: str | None = None, note: str | None = None, tags: Sequence[str] | None = None
) -> None:
    """Write on a run what is given. Raises SpecError, or EngineError where there is no such run."""
    fields: dict[str, str] = {}
    if title is not None:
        fields["title"] = read_title(title)
    if note is not None:
        fields["note"] = read_note(note)
    if tags is not None:
        fields["tags"] = json.dumps(read_tags(tags))
    store.known(run_id)
    if fields:
        store.update(run_id, EVERY, **fields)
