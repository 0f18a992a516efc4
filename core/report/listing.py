"""The list of a site's recordings: what each is, what came of it, and which can be laid beside each other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape

from core.findings import tables
from core.findings.seen import Seen
from core.record.recording import Recording
from core.report.facts import Facts, name, recorded
from core.vocabulary.datasets import pictures_of

Pages = Mapping[tuple[Recording, ...], str]  # addresses, by the recordings that a page shows together
HEAD = ("", "Recording", "What it is", "Test accuracy", "Stands")


def listing(found: Sequence[Recording], pages: Pages, script: str) -> str:
    """The body of the page; ``script`` lets two or all be chosen."""
    facts = Facts(found)
    rows = "\n".join(
        _row(run, label, pages[each,]) for run, label, each in zip(facts.runs, facts.names.labels, found, strict=True)
    )
    head = "".join(f"<th>{title}</th>" for title in HEAD)
    return f"""<header><h1>Recordings</h1><span class="dr-quiet">{escape(recorded(facts.runs))}</span></header>
<form id="choice" data-pages="{escape(json.dumps(_addresses(pages)))}">
<div class="dr-scrolls"><table><thead><tr>{head}</tr></thead><tbody>
{rows}
</tbody></table></div>
{_beside(found, pages)}
</form>
<p class="dr-quiet">Made with Depth Lab. Everything here was measured while real networks were trained.</p>
{script}"""


def _row(run: Seen, label: str, page: str) -> str:
    head = run.recording.head
    epochs = f"{head.spec.train.epochs} epoch{'s' * (head.spec.train.epochs != 1)}"
    what = ", ".join([head.spec.net.name, epochs, pictures_of(head.spec.train.data)])
    box = f'<input type="checkbox" name="run" value="{head.id}" aria-label="{escape(f"Choose {label}")}">'
    cells = "".join(f"<td>{escape(cell)}</td>" for cell in (what, tables.tested(run), tables.standing(run)))
    return f'<tr><td>{box}</td><td><a href="{page}">{name(label)}</a></td>{cells}</tr>'


def _beside(found: Sequence[Recording], pages: Pages) -> str:
    if len(found) < 2:
        return ""
    everything = pages.get(tuple(found))
    link = f' or <a href="{everything}">see all beside each other</a>' if everything else ""
    return f'<p><button disabled>Compare</button> two that are chosen{link}. <span role="status"></span></p>'


def _addresses(pages: Pages) -> dict[str, str]:
    return {",".join(each.head.id for each in chosen): page for chosen, page in pages.items()}
