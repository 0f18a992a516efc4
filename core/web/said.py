"""What is often said of what a page shows, and what is so: one look on all pages, in the open."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.said import Said


def say(*sayings: Said | None) -> None:
    """Each of them in a line of its own."""
    lines = [line(said) for said in sayings if said]
    if lines:
        st.html("".join(lines))


def line(said: Said) -> str:
    """As HTML."""
    often, by, so = (escape(text) for text in (said.often, said.by, said.so))
    return f'<div class="said"><span>Often said: {often}.</span> <b>{by}:</b> {so}</div>'
