"""A web site of recordings, which any host serves as files: the lab's dashboard with no lab behind it.

Its pages: a list (index.html), one for each recording, one for each two, and one for all where they are few enough.
What a page draws lies in files that are named by their content, so that a browser never mixes two versions of a site.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from html import escape

from core.assets import PLOTLY, files, font
from core.figures.dashboard import MOST_SHOWN
from core.publish.whole import PublishError
from core.record.recording import Recording
from core.report import html, modules
from core.report.content import answer_of, closed, compact, data_of, packed
from core.report.facts import Facts
from core.report.listing import listing
from core.vocabulary import view

MOST = 24  # recordings: each two of them have a page
INDEX = "index.html"
FONT = "font.woff2"
CODE = ("shared", "live", "report")  # folders of assets that the pages need
ALONE = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src data: blob:; "
    "font-src 'self'"
)
WAITING = "The charts are on their way. They need JavaScript and a web server: from a file they do not load."


Progress = Callable[[int, int], None]  # is told how many pages are written, and of how many


def site(recordings: Sequence[Recording], progress: Progress = lambda written, pages: None) -> dict[str, bytes]:
    """The content of each file, by its path. Raises PublishError."""
    if not 0 < len(recordings) <= MOST:
        raise PublishError(f"A site shows 1 to {MOST} recordings, not {len(recordings)}: choose fewer.")
    return _Site(closed(recordings), progress).files


class _Site:
    """What is made of recordings, file by file."""

    def __init__(self, found: Sequence[Recording], progress: Progress) -> None:
        self.found = found
        self.files: dict[str, bytes] = {}
        self.code = self._code()
        self.runs = {each.head.id: self._data(answer_of(each)) for each in found}
        pages: dict[tuple[Recording, ...], str] = {}
        groups = self._groups()
        for chosen in groups:
            pages[chosen] = self._page(chosen)
            progress(len(pages), len(groups))
        self._put(INDEX, "Recordings", listing(found, pages, self._module("report/choose.js")))

    def _groups(self) -> list[tuple[Recording, ...]]:
        """Recordings that a page shows together."""
        together = [count for count in (1, 2, len(self.found)) if count <= min(len(self.found), MOST_SHOWN)]
        return [chosen for count in dict.fromkeys(together) for chosen in itertools.combinations(self.found, count)]

    def _page(self, chosen: tuple[Recording, ...]) -> str:
        """Write a page; its address."""
        facts = Facts(chosen)
        numbers = "-".join(each.head.id for each in chosen)
        kind = "run" if len(chosen) == 1 else "compare"
        address = "all.html" if 2 < len(chosen) == len(self.found) else f"{kind}-{numbers}.html"
        group = self._data(compact(data_of(chosen)))
        place = {"group": group, "runs": " ".join(self.runs[each.head.id] for each in chosen)}
        data = "".join(f' data-{key}="{escape(value)}"' for key, value in (place | {"plotly": self._plotly}).items())
        body = "\n".join(
            [
                f'<header><a href="{INDEX}">All recordings</a>{facts.head()}</header>',
                html.frame(WAITING, data),
                f"<section>{facts.tables()}</section>",
                self._module("report/site.js"),
            ]
        )
        self._put(address, facts.title, body)
        return address

    def _put(self, address: str, title: str, body: str) -> None:
        sheets = "\n".join(f'<link rel="stylesheet" href="{self.code}/{sheet}">' for sheet in html.SHEETS)
        policy = f'<meta http-equiv="Content-Security-Policy" content="{ALONE}">'
        style = f"{modules.lettering(f'{self.code}/{FONT}')}\n{modules.themes()}"
        head = f"{policy}\n<style>{style}</style>\n{sheets}"
        self.files[address] = html.document(f"{title} · Depth Lab", head, body).encode()

    def _module(self, entry: str) -> str:
        return f'<script type="module" src="{self.code}/{entry}"></script>'

    @property
    def _plotly(self) -> str:
        return f"{self.code}/{PLOTLY.name}"

    def _data(self, text: str) -> str:
        """Write a file of data; its address. Its ending is one that no host unpacks or serves as something else."""
        content = packed(text)
        address = f"data/{_digest(content)}.bin"
        self.files[address] = content
        return address

    def _code(self) -> str:
        """Write the dashboard's code; the folder."""
        code = _code()
        folder = f"lab-{_digest(*code.values())}"
        self.files |= {f"{folder}/{path}": content for path, content in code.items()}
        return folder


@lru_cache
def _code() -> Mapping[str, bytes]:
    needed = (*CODE, PLOTLY.name)
    served = {path: each.read_bytes() for path, each in files().items() if path.partition("/")[0] in needed}
    letters = font()
    return served | {view.NAME: view.module().encode()} | ({FONT: letters.read_bytes()} if letters else {})


def _digest(*contents: bytes) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content)
    return digest.hexdigest()[:12]
