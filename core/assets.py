"""Files that the browser reads: modules and sheets of ours in assets, and what comes in installed packages."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import plotly

ASSETS = Path(__file__).resolve().parents[1] / "assets"
# of modules, which may import from each other
FOLDERS = ("shared", "shell", "live", "diagram", "inspect", "panels", "lineage", "report")
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
STREAMLIT = Path(find_spec("streamlit").origin or "").parent  # type: ignore[union-attr]  # the app needs it
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css"}


@lru_cache
def files() -> dict[str, Path]:
    """Every file that may be served, by the name it is served under."""
    paths = [path for folder in FOLDERS for path in sorted((ASSETS / folder).rglob("*.*"))]
    modules = {path.relative_to(ASSETS).as_posix(): path for path in paths}
    return {PLOTLY.name: PLOTLY} | {name: path for name, path in modules.items() if path.suffix in MEDIA_TYPES}


def font() -> Path | None:
    """The font that Streamlit gives to the lab's pages."""
    return next((STREAMLIT / "static" / "static" / "media").glob("SourceSansVF-Upright*.woff2"), None)
