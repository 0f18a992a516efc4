"""Set-up with make, in a copy whose requirements are empty: what was left half done or has gone bad is made anew."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.store.home import ROOT

pytestmark = pytest.mark.slow
BASE = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"

# Debian's python3 without the package python3-venv: it leaves all but pip and what comes after it.
DEBIAN = """#!/bin/sh
case "$*" in
"-m venv "*)
    "{base}" "$1" "$2" --without-pip "$3" && rm -f "$3"/bin/activate* "$3"/bin/Activate*
    echo "The virtual environment was not created successfully because ensurepip is not available." >&2
    exit 1 ;;
esac
exec "{base}" "$@"
"""
REQUIREMENTS = [
    *(f"requirements{part}.{kind}" for part in ("", "-view", "-dev") for kind in ("txt", "lock")),
    "requirements-torch.txt",
]
SERVED = "print('served by', __import__('sys').executable, flush=True)\n"


class Checkout:
    """A copy of what set-up reads; ``python -m core serve`` says which Python serves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "core").mkdir(parents=True)
        shutil.copy(ROOT / "Makefile", folder)
        for name in REQUIREMENTS:
            (folder / name).write_text("# none\n")
            os.utime(folder / name, (1e9, 1e9))  # older than what is installed in an environment that is copied here
        (folder / "core" / "__main__.py").write_text(SERVED)
        self.venv = folder / ".venv"
        self.path = folder.parent / "bin"
        self.path.mkdir(exist_ok=True)
        self.install(f'#!/bin/sh\nexec "{BASE}" "$@"\n')

    def install(self, python3: str) -> None:
        """Make this the machine's python3."""
        (self.path / "python3").write_text(python3)
        (self.path / "python3").chmod(0o755)

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("HOME", "LD_LIBRARY_PATH") if name in os.environ}
        return subprocess.run(
            ["make", *words],
            cwd=self.folder,
            env=kept | {"PATH": f"{self.path}:/usr/bin:/bin", "PIP_NO_INDEX": "1"},
            capture_output=True,
            text=True,
        )

    def serves(self) -> bool:
        done = self.make("run")
        assert done.returncode == 0, done.stdout + done.stderr
        return f"served by {self.venv}/bin/python" in done.stdout

    @property
    def mark(self) -> Path:
        """Something that is gone once the environment is made anew."""
        return self.venv / "mark"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The .venv of a checkout that has served."""
    checkout = Checkout(tmp_path_factory.mktemp("whole") / "checkout")
    assert checkout.serves()
    return checkout.venv


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "a folder with blanks")


@pytest.fixture
def served(checkout: Checkout, whole: Path) -> Checkout:
    """One that has served before, with a mark in its environment, and was moved since then."""
    shutil.copytree(whole, checkout.venv, symlinks=True)
    checkout.mark.touch()
    return checkout


def test_what_debian_without_its_package_leaves_is_made_anew(checkout: Checkout) -> None:
    checkout.install(DEBIAN.format(base=BASE))
    refused = checkout.make("run")
    assert refused.returncode != 0
    assert "sudo apt install python3-venv" in refused.stdout + refused.stderr
    assert not checkout.venv.exists()
    checkout.install(f'#!/bin/sh\nexec "{BASE}" "$@"\n')
    assert checkout.serves()


def test_what_an_older_makefile_left_is_made_anew(checkout: Checkout) -> None:
    subprocess.run([BASE, "-m", "venv", "--without-pip", checkout.venv], check=True)
    (checkout.venv / "bin" / "activate").unlink()
    assert checkout.serves()


def dangling(venv: Path) -> None:
    for name in ("python", "python3", BASE.name):
        (venv / "bin" / name).unlink()
        (venv / "bin" / name).symlink_to("/nowhere/python3")


def no_python(venv: Path) -> None:
    (venv / "bin" / "python").unlink()


def no_folder_of_programs(venv: Path) -> None:
    shutil.rmtree(venv / "bin")


def not_a_program(venv: Path) -> None:
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").write_bytes(b"\x7fELF for another machine")
    (venv / "bin" / "python").chmod(0o755)


def no_pip(venv: Path) -> None:
    shutil.rmtree(next(venv.glob("lib/python*/site-packages")) / "pip")


def half_a_pip(venv: Path) -> None:
    shutil.rmtree(next(venv.glob("lib/python*/site-packages")) / "pip" / "_internal")


def interrupted(venv: Path) -> None:
    (venv / "bin" / "activate").unlink()


def another_version(venv: Path) -> None:
    """The system's Python became a newer one: what was installed stands where it does not look."""
    found = next(venv.glob("lib/python*"))
    found.rename(found.with_name("python3.4"))


def no_configuration(venv: Path) -> None:
    (venv / "pyvenv.cfg").unlink()


def a_file(venv: Path) -> None:
    shutil.rmtree(venv)
    venv.write_text("no folder")


def pretend(venv: Path, minor: int) -> None:
    """Its Python says that it is of another version."""
    packages = next(venv.glob("lib/python*/site-packages"))
    (packages / "sitecustomize.py").write_text(f"import sys; sys.version_info = (3, {minor}, 0, 'final', 0)")


def an_old_python(venv: Path) -> None:
    pretend(venv, 10)


def a_new_python(venv: Path) -> None:
    pretend(venv, 14)


SPOILT: list[Callable[[Path], None]] = [dangling, interrupted, an_old_python]
SPOILT_IN_OTHER_WAYS: list[Callable[[Path], None]] = [
    *(no_python, no_folder_of_programs, not_a_program, no_pip, half_a_pip),
    *(another_version, no_configuration, a_file, a_new_python),
]


@pytest.mark.parametrize(
    "spoil",
    [*SPOILT, *(pytest.param(spoil, marks=pytest.mark.long) for spoil in SPOILT_IN_OTHER_WAYS)],
    ids=lambda spoil: spoil.__name__,
)
def test_an_environment_that_is_not_whole_is_made_anew(served: Checkout, spoil: Callable[[Path], None]) -> None:
    spoil(served.venv)
    assert served.serves()
    assert not served.mark.exists()
    assert (served.venv / ".run").exists()


def test_a_whole_environment_is_left_alone_also_where_its_folder_moved(served: Checkout) -> None:
    stamp = served.venv / ".run"
    before = stamp.stat().st_mtime_ns
    assert served.serves()
    assert served.mark.exists()
    assert stamp.stat().st_mtime_ns == before  # nothing was installed again


def test_an_installation_that_failed_is_tried_again(served: Checkout) -> None:
    files = [served.folder / name for name in ("requirements.txt", "requirements.lock")]
    for file in files:
        file.write_text("not-there==1.0\n")
    for _ in range(2):
        assert served.make("run").returncode != 0
    for file in files:
        file.write_text("# none\n")
    assert served.serves()
    assert served.mark.exists()


def test_what_is_not_there_is_installed_from_the_lock_alone(served: Checkout) -> None:
    """That is, only what has the hash that stands there."""
    wheel = wheel_of("small", served.folder.parent)
    (served.folder / "requirements.txt").write_text("small==1.0\n")
    lock = served.folder / "requirements.lock"
    lock.write_text(f"small==1.0 --hash=sha256:{'0' * 64}\n")
    refused = served.make("run", f"PIP_FIND_LINKS={wheel.parent}")
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr
    lock.write_text(f"small==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    assert served.make("run", f"PIP_FIND_LINKS={wheel.parent}").returncode == 0
    assert served.mark.exists()


def test_what_is_there_in_the_right_version_stays_although_the_lock_has_another_build(served: Checkout) -> None:
    """As PyTorch without CUDA, of which the lock knows nothing."""
    wheel = wheel_of("small", served.folder.parent, "1.0+cpu")
    installed: list[str | Path] = [served.venv / "bin" / "python", "-m", "pip", "install", "-q", "--no-index", wheel]
    subprocess.run(installed, check=True)
    (served.folder / "requirements.txt").write_text("small==1.0\n")
    (served.folder / "requirements.lock").write_text(f"nowhere==1.0 --hash=sha256:{'0' * 64}\n")
    assert served.serves()


def wheel_of(name: str, folder: Path, version: str = "1.0") -> Path:
    """A package of one empty module."""
    path = folder / "wheels" / f"{name}-{version}-py3-none-any.whl"
    path.parent.mkdir()
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def test_a_lab_to_look_at_has_an_environment_of_its_own(served: Checkout) -> None:
    """With what stands in requirements-view alone, whatever the app needs besides, and the app's is not touched."""
    wheel = wheel_of("small", served.folder.parent)
    (served.folder / "requirements.txt").write_text("-r requirements-view.txt\nnot-there==1.0\n")
    (served.folder / "requirements-view.txt").write_text("small==1.0\n")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (served.folder / "requirements-view.lock").write_text(f"small==1.0 --hash=sha256:{digest}\n")
    before = sorted((path, path.stat().st_mtime_ns) for path in served.venv.rglob("*"))
    done = served.make("view", f"PIP_FIND_LINKS={wheel.parent}")
    assert done.returncode == 0, done.stderr
    assert f"served by {served.folder}/.view/bin/python" in done.stdout
    assert list((served.folder / ".view").glob("lib/python*/site-packages/small.py"))
    assert sorted((path, path.stat().st_mtime_ns) for path in served.venv.rglob("*")) == before


def test_another_python_over_the_environment_gets_its_own_packages(served: Checkout) -> None:
    """As with python3.12 -m venv over what 3.11 made: the stamp of what was installed is older."""
    (served.venv / "pyvenv.cfg").touch()
    before = (served.venv / ".run").stat().st_mtime_ns
    assert served.serves()
    assert (served.venv / ".run").stat().st_mtime_ns > before


# A python3 of another version, as far as it says so.
PRETENDER = """#!/bin/sh
case "$2" in *version_info*) exec "{base}" -c "import sys; sys.version_info = (3, {minor}, 0)
$2";; esac
exec "{base}" "$@"
"""


@pytest.mark.parametrize("minor", [None, 10, 14], ids=["not there", "too old", "too new"])
def test_a_python_that_will_not_do_is_said(checkout: Checkout, minor: int | None) -> None:
    checkout.install(PRETENDER.format(base=BASE, minor=minor))
    refused = checkout.make("run", *(["PYTHON=no-such-python"] if minor is None else []))
    assert refused.returncode == 2
    assert refused.stdout.startswith("Depth Lab needs Python 3.11, 3.12 or 3.13: install one of these, or name it")
    assert not checkout.venv.exists()


@pytest.mark.parametrize("minor", [11, 13])
def test_the_oldest_and_the_newest_python_will_do(checkout: Checkout, minor: int) -> None:
    checkout.install(PRETENDER.format(base=BASE, minor=minor))
    assert checkout.make("anew").returncode == 0
    assert (checkout.venv / "bin" / "activate").exists()


@pytest.mark.parametrize("there", [False, True], ids=["not there", "too old"])
def test_a_node_that_will_not_do_is_said_before_anything_is_made(checkout: Checkout, there: bool) -> None:
    """Only make check needs it."""
    checkout.install("#!/bin/sh\nexit 1\n")
    for name in ("make", "sh", "echo"):
        (checkout.path / name).symlink_to(str(shutil.which(name)))
    for name in ("node", "npm") if there else ():
        (checkout.path / name).symlink_to(checkout.path / "python3")  # what it is asked it answers with no
    refused = subprocess.run(
        ["make", "check"], cwd=checkout.folder, env={"PATH": str(checkout.path)}, capture_output=True, text=True
    )
    assert refused.returncode == 2
    assert refused.stdout.startswith("make check needs Node.js 20 or later with npm: install it")
    assert not checkout.venv.exists()
