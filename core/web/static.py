"""The files that the browser fetches, compressed, under addresses that name their content."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

import plotly
import streamlit as st

from core.assets import MEDIA_TYPES, PLOTLY, files
from core.vocabulary import view


@lru_cache
def digest() -> str:
    """Names the contents of all files: a new version has new addresses."""
    digest = hashlib.sha256(plotly.__version__.encode())
    for name, path in files().items():
        if path != PLOTLY:
            digest.update(name.encode() + path.read_bytes())
    digest.update(view.module().encode())
    return digest.hexdigest()[:12]


def url(name: str) -> str:
    """Where the browser finds a file, relative to the page."""
    return f"./api/static/{digest()}/{name}"


def media_type(name: str) -> str:
    return MEDIA_TYPES[Path(name).suffix]


@lru_cache
def gzipped(name: str) -> bytes | None:
    """The compressed content, or None where there is no such file."""
    path = files().get(name)
    content = view.module().encode() if name == view.NAME else path.read_bytes() if path else None
    return gzip.compress(content, 6, mtime=0) if content is not None else None


def base_path() -> str:
    """Streamlit does not prefix custom routes with its own base path."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""
