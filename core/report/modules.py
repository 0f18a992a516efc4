"""The dashboard's code for a page that can fetch nothing: modules and sheets as text that stands in the page itself."""

from __future__ import annotations

import base64
import json
import posixpath
import re
import tomllib
from functools import lru_cache, partial

from core.assets import ASSETS, files, font
from core.vocabulary import colours, view

IMPORT = re.compile(r'^((?:import|export|\}) [^"\n]*?from )"(\.{1,2}/[^"]+)"', re.MULTILINE)
INCLUDED = re.compile(r'^@import url\("([^"]+)"\);$', re.MULTILINE)
SCHEME = "lab/"  # before the name of a module, where modules have no address
CONFIG = ASSETS.parent / ".streamlit" / "config.toml"


@lru_cache
def closure(entry: str) -> dict[str, str]:
    """The module of that name in assets, and all that it imports, by name. Each asks for others by SCHEME and name."""
    found: dict[str, str] = {}
    wanted = [entry]
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        text = view.module() if name == view.NAME else files()[name].read_text(encoding="utf-8")
        found[name] = IMPORT.sub(partial(_by_name, name), text)
        wanted += [_beside(name, path) for _, path in IMPORT.findall(text)]
    return found


def _by_name(importer: str, statement: re.Match[str]) -> str:
    return f'{statement[1]}"{SCHEME}{_beside(importer, statement[2])}"'


def _beside(name: str, path: str) -> str:
    """The name of the file to which a path leads from that one."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


@lru_cache
def import_map(entry: str) -> str:
    """Of that module and all that it imports, with their code as addresses: JSON."""
    return json.dumps({"imports": {SCHEME + name: _address(text) for name, text in closure(entry).items()}})


def _address(text: str) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(text.encode()).decode()}"


def sheet(name: str) -> str:
    """The sheet of that name in assets, with those that it includes."""
    text = files()[name].read_text(encoding="utf-8")
    return INCLUDED.sub(lambda include: sheet(_beside(name, include[1])), text)


def lettering(address: str) -> str:
    """The lab's font, which lies there."""
    return f'@font-face {{ font-family: "Lab"; src: url({address}) format("woff2"); font-weight: 200 900; }}'


@lru_cache
def font_inside() -> str:
    """An address that holds the font itself; empty where there is none."""
    found = font()
    return f"data:font/woff2;base64,{base64.b64encode(found.read_bytes()).decode()}" if found else ""


@lru_cache
def themes() -> str:
    """The lab's colours as the variables that sheets have them by, in the light and in the dark."""
    told = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"]
    light, dark = (_variables(told[name]) for name in ("light", "dark"))
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} {DARK} }} }}"


# letters that Streamlit lightens by itself in the dark
DARK = f"--st-red-text-color: #ff8a80; --st-green-text-color: #5cd08d; --st-orange-text-color: {colours.ORANGE};"


def _variables(theme: dict[str, str]) -> str:
    names = {re.sub("([A-Z])", r"-\1", name).lower(): value for name, value in theme.items() if isinstance(value, str)}
    return " ".join(f"--st-{name}: {value};" for name, value in names.items())
