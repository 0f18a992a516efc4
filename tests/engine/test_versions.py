"""Pages and inference workers of different code, as after an update: neither meets the other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.answers import ask, wire
from core.store.home import ROOT
from tests.confined import copy_of_the_lab

SMALL = {"net": {"depth": 8, "width": 4}, "images": 4}
PATIENCE = 120.0
ANSWER = "    net: Any = nets.get("  # in answer_xray, behind its checks


def until(happened: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)  # nothing tells when another process listens


def asked_for() -> bool:
    """Ask for a worker as a page does; whether one listens."""
    ask.ensure_inference()
    return ask.ready()


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The lab as it was once, when an X-ray found nothing but a name."""
    checkout = copy_of_the_lab(ROOT, tmp_path / "older")
    questions = checkout / "core" / "answers" / "questions.py"
    now = questions.read_text()
    assert now.count(ANSWER) == 1
    questions.write_text(now.replace(ANSWER, f'    return {{"name": "older"}}\n{ANSWER}'))
    return checkout


def started(checkout: Path, home: Path, *words: str) -> subprocess.Popen[str]:
    environment = os.environ | {"DEPTHLAB_HOME": str(home), "OMP_NUM_THREADS": "1"}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, *words], cwd=checkout, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )


def test_page_is_answered_by_a_worker_of_its_own_code(older: Path, home: Path) -> None:
    home.mkdir()
    worker = started(older, home, "-m", "core.answers.inference")
    until(lambda: [*home.glob("inference*.address")], "the older one listens")
    until(asked_for, "one of today listens")
    try:
        assert len(ask.ask("xray", SMALL, "t")["std"]) == 8
        [lock] = {*home.glob("inference*.lock")} - {home / wire.LOCK}
        os.utime(lock, (0, 0))  # nobody has wanted the older one for long
        worker.communicate()
        assert worker.returncode == 0
        assert len(ask.ask("xray", SMALL, "t")["std"]) == 8
        assert (home / wire.LOCK).exists()
    finally:
        if (home / wire.LOCK).exists():
            os.utime(home / wire.LOCK, (0, 0))
            until(lambda: not (home / wire.LOCK).exists(), "it has ended")
    assert [*home.glob("inference-*")] == []


PAGE = """
from core.answers import ask
print("asks", flush=True)
input()
for question in (ask.ensure_inference, lambda: ask.ask("xray", {}, "t")):
    try:
        question()
    except ask.EngineError as refusal:
        print(refusal)
"""


def test_page_of_older_code_than_the_disk_is_told_to_restart_its_server(older: Path, home: Path) -> None:
    page = started(older, home, "-c", PAGE)
    assert page.stdout
    assert page.stdout.readline() == "asks\n"
    with (older / "core" / "answers" / "questions.py").open("a") as file:
        file.write("# updated\n")
    said, wrong = page.communicate("\n")
    assert (said.splitlines(), wrong) == ([ask.OUTDATED] * 2, "")
    assert not [*home.glob("inference*.lock")]
