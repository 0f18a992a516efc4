"""The limits of real control groups, nested, are those that a process in them is told, and that its work keeps to."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import psutil
import pytest

from core.machine import cores
from core.store.home import ROOT
from tests.engine import engines
from tests.engine.engines import Engine, tiny
from tests.engine.groups import Group, new_group

MIB = 2**20
ASK = """
import json, sys
from core import machine
from core.machine import cgroups
total, free = machine.total_memory(), machine.free_memory()
print(json.dumps([machine.cores(), cgroups.cpus(), total.of, total.total, free.of, free.free]), flush=True)
"""


@pytest.fixture
def outer() -> Iterator[Group]:
    with new_group() as group:
        yield group


@pytest.fixture
def inner(outer: Group) -> Iterator[Group]:
    with new_group(outer) as group:
        yield group


def told(group: Group, before: str = "", within: Sequence[str] = ()) -> list[Any]:
    """What a process in the group is told, after it has done something; ``within`` is what to start it by."""
    command = [*within, sys.executable, "-c", before + ASK]
    run = subprocess.run(command, preexec_fn=group.enter, capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(run.stdout)


@pytest.mark.parametrize("tighter", ["inner", "outer"])
def test_the_tightest_of_nested_groups_counts(tighter: str, inner: Group, outer: Group) -> None:
    tight, loose = (inner, outer) if tighter == "inner" else (outer, inner)
    loose.limit(memory_limit_in_bytes=2000 * MIB)
    tight.limit(memory_limit_in_bytes=1000 * MIB, cpu_cfs_quota_us=100_000)
    cores, cpus, *memory = told(inner)
    assert (cores, cpus) == (1, 1.0)
    assert memory[:3] == ["this container", 1000 * MIB, "this container"]
    assert 900 * MIB < memory[3] < 1000 * MIB


def test_a_share_of_a_core_is_still_one(inner: Group) -> None:
    inner.limit(cpu_cfs_quota_us=30_000)
    assert told(inner)[:2] == [1, 0.3]


def test_without_limits_of_their_own_they_leave_the_machine(inner: Group) -> None:
    total = psutil.virtual_memory().total
    assert told(inner)[0] == cores()
    assert told(inner)[2:4] == ["this machine", total]


def test_limits_hold_where_a_namespace_hides_the_names_of_the_groups(inner: Group, outer: Group) -> None:
    """A process that sees its own group as the top, in mounts that begin further out."""
    if subprocess.run(["unshare", "--cgroup", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespace for control groups can be made here: a made-up tree stands in for it")
    outer.limit(memory_limit_in_bytes=1000 * MIB, cpu_cfs_quota_us=100_000)
    hidden = told(inner, within=["unshare", "--cgroup"])
    assert hidden[:4] == [1, 1.0, "this container", 1000 * MIB]


def test_memory_that_is_held_is_not_free_and_copies_of_files_are(inner: Group) -> None:
    inner.limit(memory_limit_in_bytes=1000 * MIB)
    nothing = told(inner)[-1]
    held = told(inner, f"held = bytearray({300 * MIB}); held[::4096] = b'x' * len(held[::4096])")[-1]
    assert nothing - held == pytest.approx(300 * MIB, rel=0.1)
    with NamedTemporaryFile(dir="/var/tmp") as file:  # on a disk: what lies in /tmp may be memory itself
        written = told(inner, f"open({file.name!r}, 'wb').write(bytes({300 * MIB}))")[-1]
        assert inner.use() > 300 * MIB  # the kernel counts the copy, and would drop it
    assert nothing - written < 30 * MIB


WORDS = {
    "train": "train --family resnet --depth 8 --width 4 --epochs 1 --batch-size 1000 --device cpu --json",
    "xray": "xray --family resnet --depth 8 --width 4 --images 8 --json",
    "evaluate": "evaluate --net resnet20 --json",
    "predict": "predict assets/examples/cat.jpg --net resnet20 --json",
}


@pytest.mark.parametrize(
    "command", ["train", "xray", *(pytest.param(word, marks=pytest.mark.long) for word in ("evaluate", "predict"))]
)
def test_a_command_has_as_many_threads_as_its_group_has_cores(command: str, outer: Group, tmp_path: Path) -> None:
    """Asked of torch at the end of the process, which has them whatever $OMP_NUM_THREADS the test inherits."""
    outer.limit(cpu_cfs_quota_us=100_000)
    code = (
        f"import core.__main__, torch; core.__main__.main({WORDS[command].split()!r}); print(torch.get_num_threads())"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "DEPTHLAB_HOME": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", code], preexec_fn=outer.enter, env=environment, capture_output=True, text=True, cwd=ROOT
    )
    assert run.stdout.splitlines()[-1:] == ["1"], run.stderr
    if command == "train":
        assert json.loads(run.stdout.splitlines()[0])["threads"] == 1


def in_group(group: Group, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the lab, run in the group."""
    return subprocess.run(
        [sys.executable, "-m", "core", *words],
        preexec_fn=group.enter,
        env={**os.environ, "DEPTHLAB_HOME": str(home)},
        capture_output=True,
        text=True,
        cwd=ROOT,
    )


@pytest.mark.parametrize(
    "words",
    [
        "describe --family resnet --depth 110 --width 256",
        "train --family resnet --depth 56 --batch-size 500 --device cpu --precision float32",
        "xray --family resnet --depth 110 --images 256",
    ],
)
def test_what_would_not_fit_into_the_container_is_refused(words: str, outer: Group, tmp_path: Path) -> None:
    outer.limit(memory_limit_in_bytes=1500 * MIB)
    refused = in_group(outer, tmp_path, *words.split())
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert re.search(r"this container(: .* it)? has 1\.\d GB", refused.stderr)
    assert "choose" in refused.stderr


def test_the_engine_trains_and_reports_within_its_container(
    outer: Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer.limit(cpu_cfs_quota_us=100_000, memory_limit_in_bytes=4000 * MIB)
    monkeypatch.setitem(engines.ENVIRONMENT, "OMP_NUM_THREADS", "2")
    engine = Engine(tmp_path)
    try:
        engine.start_supervisor(outer.enter)
        devices = engine.until(lambda: engine.store.meta("devices"), "a worker has looked")
        run_id = engine.store.create_run(tiny())
        engine.until_status(run_id, "finished")
    finally:
        engine.close()
    assert engine.events(run_id, "started")[0].payload["threads"] == 1
    (cpu,) = [device for device in devices if device["id"] == "cpu"]
    assert cpu["total"] == 4000 * MIB
    assert cpu["memory"] < 4000 * MIB
