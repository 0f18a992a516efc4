"""Who only reads needs no place to write: a read-only checkout or lab, and no home folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.store.home import ROOT
from core.store.store import Store
from tests.confined import WAYS, copy_of_the_lab, read_only

CAT = str(ROOT / "assets/examples/cat.jpg")
READING = {
    "help": (["--help"], "COMMAND"),
    "describe": (["describe", "resnet20"], "269,722"),
    "xray": (["xray", "--family", "resnet", "--depth", "8", "--width", "4", "--images", "4"], "gradient"),
    "predict": (["predict", CAT, "--net", "plain20"], "cat"),
    "evaluate": (["evaluate", "--net", "plain20"], "of 1,000 test pictures"),
}


def quick_and_long(places: Sequence[object]) -> list[Any]:
    """Each command in each place; of those that import torch the ordinary suite runs all in the first place, and the
    cheapest in the others."""
    return [
        pytest.param(command, place, marks=[pytest.mark.long] * (number > 0 and command in ("xray", "evaluate")))
        for command in READING
        for number, place in enumerate(places)
    ]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_lab(ROOT, tmp_path_factory.mktemp("somebody") / "elses lab – ünd")


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def core(
    words: Sequence[str], before: Sequence[str] = (), cwd: Path = ROOT, **environment: str | None
) -> subprocess.CompletedProcess[str]:
    """``python -m core WORDS``; None takes a variable away."""
    given = {name: value for name, value in (os.environ | environment).items() if value is not None}
    command = [*before, sys.executable, "-m", "core", *words]
    return subprocess.run(command, cwd=cwd, env=given, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("command", "way"), quick_and_long(WAYS))
def test_a_read_only_checkout_answers(checkout: Path, command: str, way: str) -> None:
    words, said = READING[command]
    with read_only(way, checkout) as before:
        done = core(words, before, checkout, DEPTHLAB_HOME=None)
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout


@pytest.mark.parametrize("way", WAYS)
def test_a_read_only_checkout_says_where_it_cannot_keep_a_run(checkout: Path, way: str) -> None:
    with read_only(way, checkout) as before:
        done = core(["train", "resnet20"], before, checkout, DEPTHLAB_HOME=None)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "make it writable or set DEPTHLAB_HOME to a folder that is" in done.stderr


@pytest.fixture(scope="module")
def nobody() -> list[str]:
    """What to write before a command, so that it is done by somebody who is not among the users."""
    before = ["setpriv", "--reuid=54321", "--clear-groups"] if os.geteuid() == 0 else []
    if subprocess.run([*before, sys.executable, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip("this Python lies where nobody but its owner can start it")
    return before


@pytest.mark.parametrize(
    ("command", "environment"),
    quick_and_long([{"HOME": None}, {"HOME": "/nowhere"}, {"HOME": "", "DEPTHLAB_HOME": "~/lab"}]),
)
def test_no_home_folder(nobody: list[str], command: str, environment: dict[str, str | None]) -> None:
    """Nor an entry among the users, which is where Python looks next."""
    words, said = READING[command]
    done = core(words, nobody, ROOT, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout


def test_no_home_folder_to_keep_runs_in_is_one_sentence(nobody: list[str]) -> None:
    """ "~" means a folder, and nobody knows which."""
    done = core(["train", "resnet20", "--data", "~/cifar"], nobody, HOME=None if nobody else "/nowhere")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


@pytest.fixture
def run(home: Path) -> str:
    """One whose store was left by a process that was killed, so that its last words are not in the main file yet."""
    code = (
        "import os, sys; from pathlib import Path; from core.store.store import Store; from core.spec import RunSpec\n"
        "from core.store.identity import Identity; from core.record.events import Event\n"
        "store = Store(Path(sys.argv[1])); me = Identity.me(); id = store.create_run(RunSpec(), holder=me)\n"
        "store.append(id, [Event('evaluation', 7, {'test_accuracy': 0.5})], me, step=7)\n"
        "print(id, flush=True); os._exit(9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(home)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


SHOW = (
    "import sys; from pathlib import Path; from core.store.store import Store\n"
    "store = Store(Path(sys.argv[1]))\n"
    "for run in store.runs(): print(run.id, run.step, [event.kind for event in store.events(run.id)])"
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("left", ["killed", "copied without its index", "closed"])
def test_runs_on_a_read_only_disk_are_seen(home: Path, run: str, way: str, left: str) -> None:
    if left == "closed":
        Store(home).close()
        store = Store(home)
        store.prepare()
        store.runs()
        store.close()
    if left.startswith("copied"):
        (home / "lab.db-shm").unlink()
    with read_only(way, home) as before:
        shown = subprocess.run(
            [*before, sys.executable, "-c", SHOW, str(home)], cwd=ROOT, capture_output=True, text=True
        )
    assert (shown.stdout, shown.stderr) == (f"{run} 7 ['evaluation']\n", "")
