"""A disk that runs full while runs are exported: what lay there stays whole, and one sentence says so."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from core.publish import taken
from core.store.home import ROOT
from tests.confined import UNSHARE, can_mount

SHIPPED = str(ROOT / "assets" / "recordings" / "smallresnet.dlrec")
# A disk that no other process sees, and on it a file of each name that is then exported; nearly full from the start.
SMALL_DISK = 'mount -t tmpfs -o size=64k disk "$1" && exec "${@:2}"'
ON_IT = """
import contextlib, io, json, sys
from pathlib import Path
from core.__main__ import main

disk, commands = Path(sys.argv[1]), json.loads(sys.argv[2])
for words in commands:
    if "--tensorboard" not in words:
        Path(words[2]).write_text("older")
(disk / "filler").write_bytes(bytes(4096 * (16 - len(commands))))
before = sorted(path.name for path in disk.iterdir())
for words in commands:
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = main(words)
    kept = Path(words[2]).read_text() if Path(words[2]).exists() else None
    print(json.dumps([code, said.getvalue(), kept, sorted(path.name for path in disk.iterdir()) == before]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not can_mount(), reason="this kernel lets nobody mount a small disk")
def test_an_older_export_stays_whole(tmp_path: Path) -> None:
    commands = [["export", SHIPPED, str(tmp_path / f"taken{ending}")] for ending in taken.FORMS]
    if find_spec("tensorboard"):
        commands.append(["export", SHIPPED, str(tmp_path / "board"), "--tensorboard"])
    for words, (code, said, kept, nothing_left) in zip(commands, on_a_small_disk(tmp_path, commands), strict=True):
        assert code == 2, words
        assert said == (
            f'"{words[2]}" could not be written (No space left on device): free some space or choose another folder.\n'
        )
        assert kept == (None if "--tensorboard" in words else "older")
        assert nothing_left, words


def on_a_small_disk(disk: Path, commands: list[list[str]]) -> list[Any]:
    """Of each command its exit code, its sentence, what its file holds now, and whether no other file is there."""
    command = [sys.executable, "-c", ON_IT, str(disk), json.dumps(commands)]
    done = subprocess.run(
        [*UNSHARE, "bash", "-c", SMALL_DISK, "bash", str(disk), *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
