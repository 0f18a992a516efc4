"""The files that the browser fetches: our modules in assets and plotly.js from the installed package."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

import plotly
import streamlit as st

from core.vocabulary import view

ASSETS = Path(__file__).parents[2] / "assets"
FOLDERS = ("shared", "shell", "live", "diagram", "inspect", "panels")  # of modules; they may import from each other
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css"}


@lru_cache
def files() -> dict[str, Path]:
    """Every file that may be served, by the name it is served under."""
    paths = [path for folder in FOLDERS for path in sorted((ASSETS / folder).rglob("*.*"))]
    modules = {path.relative_to(ASSETS).as_posix(): path for path in paths}
    return {"plotly.min.js": PLOTLY} | {name: path for name, path in modules.items() if path.suffix in MEDIA_TYPES}


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
