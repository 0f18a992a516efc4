"""Style of what Streamlit draws: files in assets/pages, put into the page itself, so that nothing shows without it.

A component's own style stands beside its code, and its module loads it.
"""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from core.assets import ASSETS
from core.figures import palette
from core.vocabulary import colours

PAGES = ASSETS / "pages"


def of_all_pages() -> None:
    """The frame, and the colours of the lab as variables that each sheet may use.

    What has ``-of-KIND-`` in its key knows the colour of that kind of net as ``--lab-kind``.
    """
    variables = " ".join(f"{name}: {colour};" for name, colour in named_colours().items())
    kinds = "\n".join(f"[class*=-of-{kind}-] {{ --lab-kind: var(--lab-{kind}); }}" for kind in palette.KINDS)
    _put(f":root {{ {variables} }}\n{kinds}\n{_sheet('all')}")


def named_colours() -> dict[str, str]:
    """Colours by the names that sheets have for them."""
    named = {**palette.KINDS, "grey": colours.GREY, "chosen": colours.ORANGE}
    return {f"--lab-{name}": colour for name, colour in named.items()}


def of_page(name: str) -> None:
    """What the page of that name has beside."""
    _put(_sheet(name))


def _put(style: str) -> None:
    st.html(f"<style>{style}</style>")


@lru_cache
def _sheet(name: str) -> str:
    return (PAGES / f"{name}.css").read_text(encoding="utf-8")
