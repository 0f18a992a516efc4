"""The PyTorch code of a unit as this project builds it: the text of core, read and never run."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.figures.schema import ShownCode

CORE = Path(__file__).parents[1]

# the definitions that make up a unit, most telling first
DEFINITIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("resnet", "stem"): (
        *("nets/resnet.ResNet.forward", "nets/resnet.ResNet.__init__"),
        *("nets/parts.stem_conv", "nets/parts.stem_pool"),
    ),
    ("resnet", "block"): (
        *("nets/residual.ResidualBlock.__init__", "nets/residual.ResidualBlock.forward", "nets/residual.branch"),
        *("nets/residual.convolutions", "nets/residual.shortcut", "nets/residual.norms_and_relus"),
        *("vocabulary/orders.ORDERS", "nets/parts.conv", "nets/parts.norm", "nets/parts.PadShortcut"),
        "nets/parts.SqueezeExcite",
    ),
    ("resnet", "head"): ("nets/resnet.ResNet.forward", "nets/resnet.ResNet.__init__"),
    ("densenet", "stem"): (
        *("nets/densenet.DenseNet.forward", "nets/densenet.DenseNet.__init__", "nets/parts.stem_conv"),
    ),
    ("densenet", "layer"): (
        *("nets/densenet.dense_layer", "nets/densenet.DenseBlock", "nets/densenet.dense_block", "nets/parts.conv"),
    ),
    ("densenet", "transition"): ("nets/densenet.transition", "nets/densenet.DenseNet.forward"),
    ("densenet", "head"): ("nets/densenet.DenseNet.forward", "nets/densenet.DenseNet.__init__"),
}


@dataclass(frozen=True)
class Excerpt:
    """One definition."""

    place: str  # core/nets/resnet.py, line 48
    text: str


def code(family: str, kind: str) -> tuple[Excerpt, ...]:
    """The definitions that build and run a unit of that kind in that family of nets."""
    return tuple(_excerpt(path) for path in DEFINITIONS["densenet" if family == "densenet" else "resnet", kind])


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
