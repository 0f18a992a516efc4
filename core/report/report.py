"""A report: runs as one file that opens anywhere, without a lab and without a network."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from core.assets import PLOTLY
from core.figures.dashboard import MOST_SHOWN
from core.publish.whole import PublishError
from core.record.recording import Recording
from core.report import html, modules
from core.report.content import answer_of, closed, compact, data_of, packed
from core.report.facts import Facts
from core.vocabulary.numbers import memory

SUFFIX = ".html"
LARGEST = 8_000_000  # bytes: what can still be mailed
ENTRY = "report/page.js"
WAITING = "The charts are on their way. They need JavaScript; what came of it stands below."


def report(recordings: Sequence[Recording]) -> bytes:
    """The content of the file. Raises PublishError."""
    if not 0 < len(recordings) <= MOST_SHOWN:
        raise PublishError(
            f"A report shows 1 to {MOST_SHOWN} runs beside each other, not {len(recordings)}: choose fewer."
        )
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
                _inside("packed-plotly", PLOTLY.read_text(encoding="utf-8")),
                _inside("packed-data", _data(found)),
                f'<script type="module">import "{modules.SCHEME}{ENTRY}"</script>',
            ]
        ),
    ).encode()
    if len(content) > LARGEST:
        raise PublishError(
            f"A report of these {len(found)} runs would take {memory(len(content))}, more than the {memory(LARGEST)} "
            "that can be mailed: choose fewer, or publish them as a web site."
        )
    return content


def _data(found: Sequence[Recording]) -> str:
    """All that is shown, as JSON: :class:`~core.report.content.ReportData`, with what each run has told."""
    opening = compact(data_of(found))
    answers = ",".join(f"{compact(each.head.id)}:{answer_of(each)}" for each in found)
    return f'{opening[:-1]},"answers":{{{answers}}}}}'


def _inside(place: str, text: str) -> str:
    return f'<script type="text/plain" id="{place}">{base64.b64encode(packed(text)).decode()}</script>'
