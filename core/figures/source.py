"""The PyTorch code of a unit as this project builds it: the text of core, read and never run."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.figures.drawings import DRAWINGS
from core.figures.schema import ShownCode

CORE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Excerpt:
    """One definition."""

    place: str  # core/nets/resnet.py, line 48
    text: str


def code(family: str, kind: str) -> tuple[Excerpt, ...]:
    """The definitions that build and run a unit of that kind in that family of nets."""
    return tuple(_excerpt(path) for path in DRAWINGS[family].code[kind])


@lru_cache
def _excerpt(path: str) -> Excerpt:
    module, *names = path.split(".")
    file = CORE / f"{module}.py"
    text = file.read_text(encoding="utf-8")
    node: ast.AST = ast.parse(text)
    for name in names:
        node = next(child for child in ast.iter_child_nodes(node) if _defines(child, name))
    assert isinstance(node, ast.stmt)
    lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
    return Excerpt(f"core/{module}.py, line {node.lineno}", textwrap.dedent("\n".join(lines)))


def _defines(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and node.target.id == name
    return getattr(node, "name", None) == name


def for_browser(family: str, kinds: set[str]) -> dict[str, list[ShownCode]]:
    """Excerpts of each kind of unit, JSON-ready."""
    return {kind: [{"place": part.place, "text": part.text} for part in code(family, kind)] for kind in sorted(kinds)}
