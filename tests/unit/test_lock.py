"""What is declared, what is locked and what is imported are one list."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib

import pytest

from core.store.home import ROOT

LOCKS = ["requirements", "requirements-view", "requirements-dev"]
LOCKED = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[\w.+]+)(?: ; (?P<marker>.+?))?(?: \\)?$")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?: \\)?$")
IMPORTED_AS = {"pillow": "PIL", "pytest-playwright": "playwright"}


def declared(name: str) -> dict[str, str]:
    """Version by name, with those of the files that it includes; extras are left out."""
    found: dict[str, str] = {}
    for line in (ROOT / f"{name}.txt").read_text().splitlines():
        if line.startswith("-r "):
            found |= declared(line.removeprefix("-r ").removesuffix(".txt"))
        elif line and not line.startswith("#"):
            distribution, version = line.split("==")
            found[distribution.partition("[")[0]] = version
    return found


def locked(name: str) -> dict[str, set[str]]:
    """Versions by name, one for each Python. Each entry must have a hash, and nothing else may stand there."""
    found: dict[str, set[str]] = {}
    hashes = 1
    for line in (ROOT / f"{name}.lock").read_text().splitlines():
        if line.startswith("#"):
            continue
        if line.startswith("    "):
            assert HASH.match(line.strip()), line
            hashes += 1
        else:
            assert hashes, f"{name}.lock has no hash before {line}"
            entry = LOCKED.match(line)
            assert entry, line
            found.setdefault(entry["name"], set()).add(entry["version"])
            hashes = 0
    assert hashes
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_lock_has_what_is_declared_in_that_version(name: str) -> None:
    found = locked(name)
    assert {distribution: {version} for distribution, version in declared(name).items()} == {
        distribution: found.get(distribution) for distribution in declared(name)
    }, "make lock writes the locks anew"


def test_the_tests_and_a_lab_to_look_at_run_on_what_the_app_runs_on() -> None:
    app = locked("requirements")
    for distribution, versions in app.items():
        assert locked("requirements-dev")[distribution] == versions
    for distribution, versions in locked("requirements-view").items():
        assert app[distribution] == versions


def test_a_lab_to_look_at_has_no_torch_nor_what_only_torch_needs() -> None:
    """And each package of the app is in one of the two lists."""
    found = locked("requirements-view")
    assert not {"torch", "torchvision", "captum", "sympy", "networkx"} & set(found)
    assert not [name for name in found if name.startswith(("nvidia", "cuda", "triton"))]
    assert declared("requirements-view") | declared("requirements-torch") == declared("requirements")
    assert not set(declared("requirements-view")) & set(declared("requirements-torch"))


@pytest.mark.parametrize("name", LOCKS)
@pytest.mark.parametrize("suffix", [".txt", ".lock"])
def test_no_address_stands_there(name: str, suffix: str) -> None:
    no_address((ROOT / f"{name}{suffix}").read_text())


def test_no_address_stands_by_torch() -> None:
    no_address((ROOT / "requirements-torch.txt").read_text())


def no_address(text: str) -> None:
    assert not re.search(r"://|--(extra-)?index-url|--find-links|@ ", text)


def test_what_checks_javascript_is_locked_by_version_and_hash_without_an_address() -> None:
    declared = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert packages.pop("")["devDependencies"] == declared
    assert {name: packages[f"node_modules/{name}"]["version"] for name in declared} == declared
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def imported(*folders: str) -> set[str]:
    """Top-level modules that are neither Python's nor ours."""
    found = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    ours = {path.stem for path in (ROOT / "tests").rglob("*.py")} | {"core", "pages", "app", "tests"}
    return found - set(sys.stdlib_module_names) - ours


def test_what_is_imported_is_declared_and_the_app_declares_no_more() -> None:
    names = {IMPORTED_AS.get(distribution, distribution) for distribution in declared("requirements")}
    assert imported("core", "pages") | {"streamlit"} == names
    assert imported("tests") <= {IMPORTED_AS.get(name, name) for name in declared("requirements-dev")}


def test_the_project_says_what_python_it_runs_on_and_reads_its_dependencies_from_there() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = settings["project"]
    assert (project["name"], project["version"]) == ("depthlab", "0.1.0")
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "dependencies" in project["dynamic"]
    files = settings["tool"]["setuptools"]["dynamic"]["dependencies"]["file"]
    assert (ROOT / "requirements.txt").read_text().splitlines()[1:] == [f"-r {name}" for name in files]
