"""The PyTorch code of a unit as this project builds it: the text of core/nets, read and never run."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

NETS = Path(__file__).parents[1] / "nets"

# the definitions that make up a unit, most telling first
DEFINITIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("resnet", "stem"): ("resnet.ResNet.forward", "resnet.ResNet.__init__", "parts.stem_conv", "parts.stem_pool"),
    ("resnet", "block"): (
        *("residual.ResidualBlock.__init__", "residual.ResidualBlock.forward", "residual.branch"),
        *("residual.convolutions", "residual.shortcut", "residual.norms_and_relus", "residual.ORDERS"),
        *("parts.conv", "parts.norm", "parts.PadShortcut", "parts.SqueezeExcite"),
    ),
    ("resnet", "head"): ("resnet.ResNet.forward", "resnet.ResNet.__init__"),
    ("densenet", "stem"): ("densenet.DenseNet.forward", "densenet.DenseNet.__init__", "parts.stem_conv"),
    ("densenet", "layer"): ("densenet.dense_layer", "densenet.DenseBlock", "densenet.dense_block", "parts.conv"),
    ("densenet", "transition"): ("densenet.transition", "densenet.DenseNet.forward"),
    ("densenet", "head"): ("densenet.DenseNet.forward", "densenet.DenseNet.__init__"),
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
    file = NETS / f"{module}.py"
    text = file.read_text(encoding="utf-8")
    node: ast.AST = ast.parse(text)
    for name in names:
        node = next(child for child in ast.iter_child_nodes(node) if _defines(child, name))
    assert isinstance(node, ast.stmt)
    lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
    return Excerpt(f"core/nets/{module}.py, line {node.lineno}", textwrap.dedent("\n".join(lines)))


def _defines(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    return getattr(node, "name", None) == name


def for_browser(family: str, kinds: set[str]) -> dict[str, list[dict[str, str]]]:
    """Excerpts of each kind of unit, JSON-ready."""
    return {kind: [{"place": part.place, "text": part.text} for part in code(family, kind)] for kind in sorted(kinds)}
