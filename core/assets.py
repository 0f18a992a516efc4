"""The files in assets that the browser reads: modules and sheets of ours, and plotly.js from the installed package."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import plotly

ASSETS = Path(__file__).resolve().parents[1] / "assets"
# of modules, which may import from each other
FOLDERS = ("shared", "shell", "live", "diagram", "inspect", "panels", "report")
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css"}


@lru_cache
def files() -> dict[str, Path]:
    """Every file that may be served, by the name it is served under."""
    paths = [path for folder in FOLDERS for path in sorted((ASSETS / folder).rglob("*.*"))]
    modules = {path.relative_to(ASSETS).as_posix(): path for path in paths}
    return {PLOTLY.name: PLOTLY} | {name: path for name, path in modules.items() if path.suffix in MEDIA_TYPES}
