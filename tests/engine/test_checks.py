"""A run that cannot be is refused before it begins; one that breaks says why in one sentence."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from core.data.files import DataError
from core.engine.checks import check, check_net, check_starts
from core.machine import Memory
from core.processes import failures
from core.spec import PRESETS, NetSpec, RunSpec, SpecError, TrainSpec

CUDA: list[dict[str, Any]] = [{"id": "cuda:0", "total": 2**34}, {"id": "cpu", "total": 2**33}]
LOG = Path("/lab/runs/1/log.txt")


def spec(depth: int = 20, width: int = 16, **recipe: Any) -> RunSpec:
    return RunSpec(net=NetSpec(depth=depth, width=width), train=TrainSpec(**recipe))


def test_what_can_run_passes(tmp_path: Path) -> None:
    check(spec(), tmp_path, [])
    check(spec(device="cuda"), tmp_path, CUDA)
    check(spec(device="cuda:0"), tmp_path, CUDA)
    check(spec(device="cuda"), tmp_path, [])  # nobody has looked yet: the worker will


BROKEN: list[dict[str, Any]] = [{"id": "cuda:0", "total": 0, "fault": "CUDA unknown error"}, *CUDA[1:]]
HALF_BROKEN = [CUDA[0], {"id": "cuda:1", "total": 0, "fault": "out of memory"}, CUDA[1]]


def test_a_gpu_that_did_not_start_is_refused_with_the_reason(tmp_path: Path) -> None:
    """Where a worker will train; whoever trains himself may try whether that has passed."""
    for wanted in ("cuda", "cuda:0"):
        check(spec(device=wanted), tmp_path, BROKEN)
        with pytest.raises(SpecError, match=r"^cuda:0 cannot start \(CUDA unknown error\): choose auto or cpu\.$"):
            check_starts(wanted, BROKEN)
    with pytest.raises(SpecError, match=r"^cuda:1 cannot start \(out of memory\): choose auto or cuda:0 or cpu\.$"):
        check_starts("cuda:1", HALF_BROKEN)
    for wanted in ("auto", "cuda", "cuda:0", "cpu"):
        check_starts(wanted, HALF_BROKEN)
    for wanted in ("auto", "cpu"):
        check_starts(wanted, BROKEN)


def test_what_a_gpu_holds_counts_only_where_it_starts(tmp_path: Path) -> None:
    check(spec(device="auto"), tmp_path, BROKEN)  # and not against the nothing that it has
    with pytest.raises(SpecError, match='no device "mps": choose auto or cpu'):
        check(spec(device="mps"), tmp_path, BROKEN)


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        ({"batch_size": 5001}, "larger than the 5,000 training images: choose at most 5,000"),
        ({"device": "cuda:1"}, 'no device "cuda:1": choose auto or cuda:0 or cpu'),
        ({"device": "mps"}, 'no device "mps"'),
        ({"threads": 1000}, "1000 threads would wait for each other here, .* choose at most"),
    ],
)
def test_recipe_that_does_not_fit_is_refused(recipe: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=sentence):
        check(spec(**recipe), tmp_path, CUDA)


def test_batch_too_large_for_memory_is_refused_with_one_that_fits(tmp_path: Path) -> None:
    big = spec(depth=1202, batch_size=5000, precision="float32", device="cuda")
    with pytest.raises(SpecError, match="choose a batch size of at most") as refusal:
        check(big, tmp_path, CUDA)
    most = int(str(refusal.value).split()[-1].rstrip(".").replace(",", ""))
    check(big.but(train=big.train.but(batch_size=most)), tmp_path, CUDA)
    with pytest.raises(SpecError, match="of memory"):
        check(big.but(train=big.train.but(batch_size=most + 1)), tmp_path, CUDA)


def test_net_too_large_for_any_batch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="choose depth at most 20 or width at most 126"):
        check(spec(depth=1202, width=1024, device="cuda"), tmp_path, CUDA)


SMALL_MACHINE = Memory(4 * 10**9, 4 * 10**9, "this machine")


@pytest.mark.parametrize(
    "net",
    [
        NetSpec(family="densenet", depth=1201, growth_rate=48),
        NetSpec(family="densenet", depth=1204, growth_rate=48, bottleneck=True, compression=0.5),
        NetSpec(depth=1202, width=1024),
        NetSpec(depth=1001, bottleneck=True, width=512, groups=8),
        NetSpec(depth=29, bottleneck=True, groups=512, base_width=512),
        NetSpec(family="wide", depth=1198, width_multiplier=64),
        NetSpec(form="imagenet", depth=50, width=1024),
        NetSpec(form="imagenet", family="densenet", depth=264, growth_rate=512),
    ],
    ids=lambda net: net.name,
)
def test_net_too_large_for_the_machine_is_refused_with_the_nearest_that_fit(net: NetSpec) -> None:
    """Each value named fits, and the next possible one does not."""
    with pytest.raises(SpecError, match=r"^[^:]* is too large for this machine: .*: choose .*\.$") as refusal:
        check_net(net, SMALL_MACHINE)
    named = re.findall(
        r"(depth|width|growth rate|groups|base width|width multiplier) at most ([\d,]+)", str(refusal.value)
    )
    assert named
    for words, value in named:
        name, most = words.replace(" ", "_"), int(value.replace(",", ""))
        check_net(net.but(**{name: most}), SMALL_MACHINE)
        following = next(above for above in range(most + 1, 2000) if possible(net, name, above))
        with pytest.raises(SpecError, match="too large"):
            check_net(net.but(**{name: following}), SMALL_MACHINE)


def possible(net: NetSpec, name: str, value: int) -> bool:
    try:
        net.but(**{name: value})
    except SpecError:
        return False
    return True


def test_machine_that_holds_none_says_what_to_make_smaller() -> None:
    with pytest.raises(SpecError, match=r"too large for this container: .*: choose a smaller depth and growth rate"):
        check_net(NetSpec(family="densenet"), Memory(1000, 1000, "this container"))


def test_every_preset_fits_a_small_machine() -> None:
    for net in PRESETS.values():
        check_net(net, SMALL_MACHINE)


def test_a_net_is_made_in_the_memory_of_this_machine() -> None:
    """It has some gigabytes, and not seven thousand."""
    check_net(NetSpec())
    with pytest.raises(SpecError, match=r"one picture in training needs 7,509\.1 GB"):
        check_net(NetSpec(depth=29, bottleneck=True, groups=1024, base_width=1024))


def test_memory_that_a_run_will_give_back_counts(tmp_path: Path) -> None:
    """A twin waits in the queue until the first has ended, and need not fit beside it."""
    needs_terabytes = spec(depth=110, width=256, batch_size=5000, device="cpu")
    with pytest.raises(SpecError, match="of memory"):
        check(needs_terabytes, tmp_path, [])
    check(needs_terabytes, tmp_path, [], held=2**50)


def test_folder_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no CIFAR-10"):
        check(spec(data=str(tmp_path)), tmp_path, [])


def disk_full() -> Exception:
    """The kernel's own refusal."""
    try:
        Path("/dev/full").write_text("x")
    except OSError as error:
        return error
    raise AssertionError


def database_full() -> Exception:
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA max_page_count = 2")
    try:
        database.execute("CREATE TABLE a (b)")
        database.execute("INSERT INTO a VALUES (zeroblob(100000))")
    except sqlite3.OperationalError as error:
        return error
    raise AssertionError


def memory_full() -> Exception:
    try:
        torch.empty(2**60, dtype=torch.uint8)
    except RuntimeError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (disk_full, failures.NO_SPACE["run"]),
        (database_full, failures.NO_SPACE["run"]),
        (memory_full, failures.NO_MEMORY["run"]),
        (lambda: MemoryError(), failures.NO_MEMORY["run"]),
        (lambda: DataError("The pictures are gone: look."), "The pictures are gone: look."),
        (lambda: RuntimeError("a bug\nwith details"), f"Unexpected: RuntimeError, a fault of Depth Lab: see {LOG}."),
    ],
)
def test_failures_are_told_in_one_sentence(failure: Any, sentence: str) -> None:
    assert failures.sentence(failure(), LOG) == sentence


@pytest.mark.parametrize("failure", [disk_full, database_full, memory_full, MemoryError])
def test_a_request_of_a_page_has_no_checkpoint_and_no_batch(failure: Callable[[], Exception]) -> None:
    said = failures.sentence(failure(), LOG, "request")
    assert said in (failures.NO_SPACE["request"], failures.NO_MEMORY["request"])
    assert "checkpoint" not in said
    assert "run" not in said.split()


@pytest.mark.parametrize("kind", failures.SPOKEN)
def test_what_has_a_sentence_already_keeps_it(kind: type[Exception]) -> None:
    assert failures.sentence(kind("This is wrong: do that."), LOG, "request") == "This is wrong: do that."
