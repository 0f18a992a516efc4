"""Data flows one way: a module imports only from those above it, and the web process never needs torch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ORDER = [
    "vocabulary",
    "assets",
    "check",
    "machine",
    "folders",
    "signals",
    "spec",
    "stack_spec",
    "arith",
    "paper",
    "theory",
    "said",
    "record",
    "findings",
    "publish",
    "store",
    "nets",
    "data",
    "probes",
    "train",
    "inspect",
    "processes",
    "engine",
    "answers",
    "figures",
    "report",
    "web",
]
MODULES = sorted((ROOT / "core").rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Every module that a file names in an import, wherever it stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def part_of(module: str) -> str | None:
    """The entry of ORDER that a dotted name or a path below core/ belongs to."""
    pieces = module.split(".")
    return pieces[1] if len(pieces) > 1 and pieces[0] == "core" and pieces[1] in ORDER else None


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_from_above(path: Path) -> None:
    own = part_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
    if own is None:
        assert path.name in ("__init__.py", "__main__.py") or path.parent.name == "cli"
        return
    below = {name for name in imported(path) if (part := part_of(name)) and ORDER.index(part) > ORDER.index(own)}
    assert not below


@pytest.mark.parametrize("part", ["nets", "data", "probes", "train", "inspect"])
def test_torch_code_knows_nothing_of_streamlit(part: str) -> None:
    files = (ROOT / "core" / part).rglob("*.py")
    assert not {path.name for path in files if any(name.split(".")[0] == "streamlit" for name in imported(path))}


def test_web_process_has_no_torch() -> None:
    """Import all that the server imports, in a fresh process, and look."""
    pages = sorted(str(path) for path in (ROOT / "pages").glob("*.py"))
    code = f"""
import ast, sys
sys.path.insert(0, {str(ROOT)!r})
import app
for page in {pages!r}:
    for node in ast.walk(ast.parse(open(page).read())):
        if isinstance(node, ast.ImportFrom):
            exec(ast.unparse(node))
print([name for name in sys.modules if name.split(".")[0] in ("torch", "torchvision")])
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout.strip().endswith("[]")
