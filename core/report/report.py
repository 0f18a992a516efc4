"""A report: runs as one file that opens anywhere, without a lab and without a network."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from functools import lru_cache

from core.assets import PLOTLY
from core.figures.dashboard import MOST_SHOWN
from core.publish.taken import Form
from core.publish.whole import PublishError
from core.record.recording import Recording
from core.report import html, modules
from core.report.content import answer_of, closed, compact, data_of, packed
from core.report.facts import Facts
from core.vocabulary.numbers import memory

LARGEST = 8_000_000  # bytes: what can still be mailed
ENTRY = "report/page.js"
IN_TEXT = 4 / 3  # characters of base64 for a byte
SLOWLY = 0.92  # of what quick packing leaves, slow packing leaves that much: 0.88 to 0.91 was measured
SAID = 100_000  # bytes of sentences and tables, some
WAITING = "The charts are on their way. They need JavaScript and a browser from 2023 or later; all else stands below."


def report(recordings: Sequence[Recording]) -> bytes:
    """The content of the file. Raises PublishError."""
    check(recordings)
    found = closed(recordings)
    facts = Facts(found)
    content = html.document(
        f"{facts.title} · Depth Lab",
        f'<meta http-equiv="Content-Security-Policy" content="{html.ALONE}">\n{html.styles()}\n'
        f'<script type="importmap">{modules.import_map(ENTRY)}</script>',
        "\n".join(
            [
                f"<header>{facts.head()}</header>",
                html.frame(WAITING),
                f"<section>{facts.tables()}</section>",
                _inside("packed-plotly", _plotly()),
                _inside("packed-data", packed(_data(found))),
                f'<script type="module">import "{modules.SCHEME}{ENTRY}"</script>',
            ]
        ),
    ).encode()
    if len(content) > LARGEST:
        raise _too_large(len(found), len(content))
    return content


def check(recordings: Sequence[Recording]) -> None:
    """Raise PublishError where there can be no report, before much is done for it."""
    if not 0 < len(recordings) <= MOST_SHOWN:
        raise PublishError(
            f"A report shows 1 to {MOST_SHOWN} runs beside each other, not {len(recordings)}: choose fewer."
        )
    told = sum(len(zlib.compress(answer_of(each).encode(), 1)) for each in recordings)
    size = len(html.styles()) + len(modules.import_map(ENTRY)) + IN_TEXT * (len(_plotly()) + SLOWLY * told) + SAID
    if size > LARGEST:
        raise _too_large(len(recordings), size)


def _too_large(runs: int, size: float) -> PublishError:
    these = "this run" if runs == 1 else f"these {runs} runs"
    return PublishError(
        f"A report of {these} would take {size / 1e6:.1f} MB, more than the {memory(LARGEST)} that can be mailed: "
        "choose fewer, or publish them as a web site."
    )


@lru_cache
def _plotly() -> bytes:
    return packed(PLOTLY.read_text(encoding="utf-8"))


def _data(found: Sequence[Recording]) -> str:
    """All that is shown, as JSON: :class:`~core.report.content.ReportData`, with what each run has told."""
    opening = compact(data_of(found))
    answers = ",".join(f"{compact(each.head.id)}:{answer_of(each)}" for each in found)
    return f'{opening[:-1]},"answers":{{{answers}}}}}'


def _inside(place: str, content: bytes) -> str:
    return f'<script type="text/plain" id="{place}">{base64.b64encode(content).decode()}</script>'


REPORT = Form(
    "Report",
    ".html",
    "One page with these charts, for any browser, also offline",
    "text/html",
    report,
)
