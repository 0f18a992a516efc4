"""Style of what Streamlit draws: files in assets/pages, put into the page itself, so that nothing shows without it.

A component's own style stands beside its code, and its module loads it.
"""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from core.figures import palette
from core.vocabulary import colours
from core.web.static import ASSETS

PAGES = ASSETS / "pages"


def of_all_pages() -> None:
    """The frame, and the colours of the lab as variables that each sheet may use."""
    named = {**palette.KINDS, "grey": colours.GREY, "chosen": colours.ORANGE}
    variables = "; ".join(f"--lab-{name}: {colour}" for name, colour in named.items())
    _put(f":root {{ {variables} }}\n{_sheet('all')}")


def of_page(name: str) -> None:
    """What the page of that name has beside."""
    _put(_sheet(name))


def _put(style: str) -> None:
    st.html(f"<style>{style}</style>")


@lru_cache
def _sheet(name: str) -> str:
    return (PAGES / f"{name}.css").read_text(encoding="utf-8")
