"""Pages of HTML that need no lab."""

from __future__ import annotations

from html import escape

from core.report.modules import font_inside, lettering, sheet, themes

SHEETS = ("report/report.css", "live/live.css")
# what a page may fetch: nothing that it does not hold; charts are pictures that the browser makes
ALONE = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:"
)


def document(title: str, head: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Depth Lab">
<title>{escape(title)}</title>
{head}
</head>
<body>
{body}
</body>
</html>
"""


def styles() -> str:
    """All sheets and the font, in the page itself."""
    return f"<style>\n{lettering(font_inside())}\n{themes()}\n{''.join(map(sheet, SHEETS))}</style>"


def frame(waiting: str, data: str = "") -> str:
    """Where the dashboard stands, with what stands there until it is there, and the story beside it."""
    return f"""<div class="dr-frame">
<aside><h2>What happened</h2><div id="story" class="dl-column"></div></aside>
<main id="live"{data}><p class="dr-quiet">{waiting}</p></main>
</div>"""
