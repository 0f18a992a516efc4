"""Limits of containers, in both versions of control groups, over made-up trees of files.

Trees as Docker, Kubernetes, systemd and LXC make them. The version that this machine has is tested for real,
in ``tests/engine/test_limits.py``.
"""

from __future__ import annotations

import math
import os
import resource
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from core import machine
from core.machine import cgroups

GIB = 2**30
UNLIMITED = 9223372036854771712  # what version 1 says where nobody has set a limit


class Tree:
    """A root folder with a ``proc`` that names this process's groups and where they are mounted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "proc/self").mkdir(parents=True)
        self.member()
        self.mounts("24 30 0:22 / /proc rw,nosuid shared:12 - proc proc rw")

    def member(self, *lines: str) -> None:
        (self.root / "proc/self/cgroup").write_text("".join(f"{line}\n" for line in lines))

    def mounts(self, *lines: str) -> None:
        (self.root / "proc/self/mountinfo").write_text("".join(f"{line}\n" for line in lines))

    def group(self, path: str, **files: str | int) -> None:
        """A folder whose file names have ``_`` for the first dot."""
        folder = self.root / path
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name.replace("_", ".", 1)).write_text(f"{text}\n")


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def version_2(tree: Tree, path: str, top: str = "/", point: str = "/sys/fs/cgroup") -> None:
    tree.member(f"0::{path}")
    tree.mounts(
        "24 30 0:22 / /proc rw,nosuid shared:12 - proc proc rw",
        f"35 30 0:26 {top} {point} rw,nosuid,nodev shared:9 master:2 - cgroup2 cgroup2 rw,nsdelegate",
    )


def version_1(tree: Tree, path: str, top: str = "/") -> None:
    """As a host with version 1 has them: cpu and cpuacct in one hierarchy, and version 2 beside it without any."""
    tree.member(f"9:memory:{path}", f"4:cpu,cpuacct:{path}", "1:name=systemd:/init.scope", "0::/init.scope")
    tree.mounts(
        "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
        f"34 31 0:31 {top} /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory",
        f"32 31 0:29 {top} /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:3 - cgroup cgroup rw,cpu,cpuacct",
        "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd",
        "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
    )


def test_without_groups_nothing_is_limited(tree: Tree, tmp_path: Path) -> None:
    for root in (tree.root, tmp_path / "without proc"):
        assert cgroups.cpus(root) == math.inf
        assert cgroups.memory(root) == (math.inf, math.inf)
        assert machine.total_memory(root).of == "this machine"
        assert machine.total_memory(root).total == psutil.virtual_memory().total


def test_a_container_of_version_2_is_its_own_root(tree: Tree) -> None:
    version_2(tree, "/")
    tree.group(
        "sys/fs/cgroup",
        memory_max=2 * GIB,
        memory_high="max",
        memory_current=GIB,
        memory_stat=f"anon {GIB // 2}\nfile {GIB // 2}\ninactive_file {GIB // 4}\nactive_file {GIB // 4}",
        cpu_max="250000 100000",
    )
    assert cgroups.memory(tree.root) == (2 * GIB, GIB + GIB // 4)
    assert cgroups.cpus(tree.root) == 2.5
    bound = machine.Memory(2 * GIB, GIB + GIB // 4, "this container")
    assert machine.total_memory(tree.root) == bound
    assert machine.free_memory(tree.root) == bound


def test_a_group_of_version_2_has_the_tightest_limit_of_all_around_it(tree: Tree) -> None:
    """The one that allows least need not be the one that has least left, nor the one of the processor."""
    version_2(tree, "/machine.slice/pod/lab")
    tree.group("sys/fs/cgroup", memory_stat="inactive_file 5")  # the root has no limits
    tree.group(
        "sys/fs/cgroup/machine.slice", memory_max=8 * GIB, memory_current=7 * GIB + GIB // 2, cpu_max="max 100000"
    )
    tree.group("sys/fs/cgroup/machine.slice/pod", memory_max="max", memory_current=GIB, cpu_max="50000 50000")
    tree.group("sys/fs/cgroup/machine.slice/pod/lab", memory_max=4 * GIB, memory_current=GIB, cpu_max="300000 100000")
    assert cgroups.memory(tree.root) == (4 * GIB, GIB // 2)
    assert cgroups.cpus(tree.root) == 1


def test_high_is_a_limit_as_max_is(tree: Tree) -> None:
    """Above it the kernel slows the group down until it has given the memory back."""
    version_2(tree, "/lab")
    tree.group("sys/fs/cgroup/lab", memory_max=4 * GIB, memory_high=3 * GIB, memory_current=GIB)
    assert cgroups.memory(tree.root) == (3 * GIB, 2 * GIB)


def test_a_group_beyond_its_limit_has_nothing_left(tree: Tree) -> None:
    version_2(tree, "/lab")
    tree.group("sys/fs/cgroup/lab", memory_max=0, memory_current=4096)
    assert cgroups.memory(tree.root) == (0, 0)


def test_groups_of_version_1_are_found_by_their_controllers(tree: Tree) -> None:
    version_1(tree, "/user/lab")
    tree.group("sys/fs/cgroup/memory", memory_limit_in_bytes=UNLIMITED, memory_usage_in_bytes=20 * GIB)
    tree.group("sys/fs/cgroup/memory/user", memory_limit_in_bytes=3 * GIB, memory_usage_in_bytes=2 * GIB)
    tree.group(
        "sys/fs/cgroup/memory/user/lab",
        memory_limit_in_bytes=UNLIMITED,
        memory_usage_in_bytes=GIB,
        memory_stat=f"cache {GIB}\ninactive_file 0\ntotal_inactive_file {GIB // 2}",
    )
    tree.group("sys/fs/cgroup/cpu,cpuacct/user", cpu_cfs_quota_us=150_000, cpu_cfs_period_us=100_000)
    tree.group("sys/fs/cgroup/cpu,cpuacct/user/lab", cpu_cfs_quota_us=-1, cpu_cfs_period_us=100_000)
    assert cgroups.memory(tree.root) == (3 * GIB, GIB)
    assert cgroups.cpus(tree.root) == 1.5


def test_copies_of_files_give_way_in_version_1_those_of_the_groups_inside_too(tree: Tree) -> None:
    version_1(tree, "/lab")
    tree.group(
        "sys/fs/cgroup/memory/lab",
        memory_limit_in_bytes=2 * GIB,
        memory_usage_in_bytes=2 * GIB,
        memory_stat=f"inactive_file 4096\nhierarchical_memory_limit {2 * GIB}\ntotal_inactive_file {GIB}",
    )
    assert cgroups.memory(tree.root) == (2 * GIB, GIB)


def test_version_1_without_limits_leaves_the_machine(tree: Tree) -> None:
    version_1(tree, "/")
    tree.group("sys/fs/cgroup/memory", memory_limit_in_bytes=UNLIMITED, memory_usage_in_bytes=GIB)
    tree.group("sys/fs/cgroup/cpu,cpuacct", cpu_cfs_quota_us=-1, cpu_cfs_period_us=100_000)
    assert cgroups.cpus(tree.root) == math.inf
    assert machine.total_memory(tree.root).of == machine.free_memory(tree.root).of == "this machine"


def test_limits_of_groups_that_a_container_may_not_see_hold_in_version_1(tree: Tree) -> None:
    """Docker without a namespace for groups: the path is the host's, and the mount shows its end alone."""
    version_1(tree, "/docker/4f1d", top="/docker/4f1d")
    tree.group(
        "sys/fs/cgroup/memory",
        memory_limit_in_bytes=UNLIMITED,
        memory_usage_in_bytes=GIB,
        memory_stat=f"hierarchical_memory_limit {6 * GIB}\ntotal_inactive_file 0",
    )
    tree.group("sys/fs/cgroup/cpu,cpuacct", cpu_cfs_quota_us=400_000, cpu_cfs_period_us=100_000)
    assert cgroups.memory(tree.root) == (6 * GIB, 5 * GIB)
    assert cgroups.cpus(tree.root) == 4


def test_both_versions_at_once(tree: Tree) -> None:
    """Memory by version 1, the processor by version 2: a controller is in one of them."""
    tree.member("3:memory:/lab", "0::/unified/lab")
    tree.mounts(
        "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
        "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
    )
    tree.group("sys/fs/cgroup/memory/lab", memory_limit_in_bytes=GIB, memory_usage_in_bytes=0)
    tree.group("sys/fs/cgroup/unified/unified/lab", cpu_max="200000 100000")
    assert cgroups.memory(tree.root) == (GIB, GIB)
    assert cgroups.cpus(tree.root) == 2


@pytest.mark.parametrize(
    ("path", "top", "folder"),
    [
        ("/docker/4f1d/inner", "/docker/4f1d", "inner"),  # a group made inside a container
        ("/a b:c", "/", "a b:c"),  # names are the user's
        ("/lxc/4f1d", "/elsewhere", "."),  # shown under another name: the top is the container's
        ("/lxc/4f1d", "/", "."),  # the same, where the kernel hides it
        ("/../neighbour", "/", "."),  # moved out of its namespace
        ("/", "/../..", "system.slice/lab"),  # the host's whole tree, seen from inside a namespace
        ("/inner", "/../..", "system.slice/lab/inner"),
    ],
)
def test_the_groups_folder_is_where_the_mount_shows_it(tree: Tree, path: str, top: str, folder: str) -> None:
    version_2(tree, path, top)
    tree.group("sys/fs/cgroup/neighbour", memory_max=4096)
    tree.group("sys/fs/cgroup/system.slice/other", memory_max=4096, cgroup_procs="1")
    tree.group(f"sys/fs/cgroup/{folder}", memory_max=GIB, cpu_max="100000 100000", cgroup_procs=f"1\n{os.getpid()}")
    assert cgroups.memory(tree.root) == (GIB, GIB)
    assert cgroups.cpus(tree.root) == 1


def test_a_mount_may_have_any_name(tree: Tree) -> None:
    version_2(tree, "/lab", point=r"/mnt/my\040groups\134here")
    tree.group(r"mnt/my groups\here/lab", memory_max=GIB)
    assert cgroups.memory(tree.root)[0] == GIB


@pytest.mark.parametrize(
    ("quota", "cores"), [("max", 8), ("20000", 1), ("149999", 1), ("150000", 2), ("200000", 2), ("1000000", 8)]
)
def test_cores_are_whole_and_no_more_than_those_it_may_run_on(
    quota: str, cores: int, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))
    version_2(tree, "/lab")
    tree.group("sys/fs/cgroup/lab", cpu_max=f"{quota} 100000")
    assert machine.cores(tree.root) == cores


@pytest.mark.parametrize(("kind", "letter"), [(resource.RLIMIT_AS, "v"), (resource.RLIMIT_DATA, "d")])
def test_ulimit_bounds_memory(kind: int, letter: str) -> None:
    """In a process of its own, which is what such a limit is for."""
    code = f"""
import resource
from core import machine
resource.setrlimit({kind}, (2**30, resource.getrlimit({kind})[1]))
for found in (machine.total_memory(), machine.free_memory()):
    print(found.of, found.total, found.free, sep=",")
held = bytearray(2**28)
print(machine.free_memory().free)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    of, total, free = said[0].split(",")
    again = said[1].split(",")
    assert again[:2] == [of, total]
    assert int(again[2]) == pytest.approx(int(free), abs=2**20)  # the first look may have taken some itself
    assert (of, int(total)) == (f"this process (ulimit -{letter})", GIB)
    assert 0 < int(free) < GIB
    assert int(free) - int(said[2]) == pytest.approx(2**28, rel=0.1)
