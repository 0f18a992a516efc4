"""Recordings as files: all that was known comes back, and what is damaged, newer or evil is one sentence."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.record import file
from core.record.events import Event, StoredEvent, encode
from core.record.file import RecordingError
from core.record.past import Past
from core.record.recording import Head, Recording
from core.spec import NetSpec, RunSpec, TrainSpec
from core.vocabulary.traces import PROBES, PROBES_LEFT

RANDOM = np.random.default_rng(0)
LAYERS = 14


def stored(seq: int, event: Event) -> StoredEvent:
    return StoredEvent(seq, event.step, 1e9 + seq, event.kind, encode(event.payload))


def probe(step: int) -> Event:
    counts = RANDOM.multinomial(16384, RANDOM.dirichlet(np.ones(67)), LAYERS).astype(np.int32)
    norms = {name: RANDOM.lognormal(-3, 2, LAYERS) for name in ("weight_grad", "signal_grad", "update_ratio", "std")}
    norms |= {"mean": RANDOM.normal(size=LAYERS), "branch_ratio": RANDOM.lognormal(size=6)}
    return Event(
        "probe", step, {**norms, "dead": np.zeros(LAYERS, np.float32), "histogram": counts, "cost": {"std": 0.1}}
    )


def events(steps: int = 1170, every: int = 4) -> list[Event]:
    """Some 30 epochs of SmallResNet on the sample, with everything that is watched."""
    made = [Event("started", 0, {"steps_per_epoch": 39, "layers": [f"layer{n}" for n in range(LAYERS)]})]
    for first in range(0, steps, 10):
        number = np.arange(first + 1, first + 11, dtype=np.int32)
        traces = {name: RANDOM.normal(size=10).astype(np.float32) for name in ("loss", "accuracy", "lr")}
        made.append(
            Event("metrics", first + 10, {"steps": number, **traces, "seconds": first / 5, "epoch": first / 39})
        )
        made += [probe(step) for step in range(first, first + 10) if step % every == 0]
    made += [Event("evaluation", 39 * epoch, {"epoch": epoch, "test_accuracy": 0.5}) for epoch in range(1, 31)]
    return [*made, Event("finished", steps, {"test_accuracy": 0.5, "layer": None})]


def recorded(made: list[Event], **head: Any) -> Recording:
    past = Past()
    past.add(stored(seq, event) for seq, event in enumerate(made, 1))
    spec = RunSpec(net=NetSpec(depth=14, shortcut="B"))
    return past.recording(Head("1127-x", spec.net.name, spec, "finished", "", 1e9, 1170, 1170, **head))


def same(one: Recording, other: Recording) -> bool:
    return (one.head, one.seq) == (other.head, other.seq) and [
        (event.seq, event.step, event.time, event.kind, json.loads(event.text)) for event in one.events
    ] == [(event.seq, event.step, event.time, event.kind, json.loads(event.text)) for event in other.events]


def test_thirty_epochs_with_all_probes_take_at_most_a_megabyte_and_come_back(tmp_path: Path) -> None:
    whole = recorded(events(), twin_of="other")
    assert PROBES_LEFT <= len(list(whole.of_kind("probe"))) <= PROBES
    file.write(tmp_path / "run.dlrec", whole)
    assert (tmp_path / "run.dlrec").stat().st_size <= 1_000_000
    assert same(file.read(tmp_path / "run.dlrec"), whole)
    assert [path.name for path in tmp_path.iterdir()] == ["run.dlrec"]


def test_a_recording_depends_on_the_events_alone() -> None:
    made = [stored(seq, event) for seq, event in enumerate(events(), 1)]
    piecemeal = Past()
    head = recorded([]).head
    for start in range(0, len(made), 7):
        piecemeal.add(made[start : start + 7])
        piecemeal.recording(head)
    assert same(piecemeal.recording(head), _at_once(made, head))


def _at_once(made: list[StoredEvent], head: Head) -> Recording:
    past = Past()
    past.add(made)
    return past.recording(head)


def small() -> bytes:
    return file.to_bytes(recorded(events(40)))


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_half_a_file_is_one_sentence(share: float) -> None:
    content = small()
    with pytest.raises(RecordingError, match=r'^"cut.dlrec" is no whole recording .* record the run again'):
        file.from_bytes(content[: int(share * len(content))], "cut.dlrec")


def test_a_byte_that_changed_is_noticed() -> None:
    content = bytearray(small())
    for place in range(200, len(content), len(content) // 23):
        changed = bytearray(content)
        changed[place] ^= 0x55
        try:
            found = file.from_bytes(bytes(changed), "changed.dlrec")
        except RecordingError:
            continue
        assert same(found, file.from_bytes(bytes(content), "x"))  # it changed what says nothing


def repacked(whole: bytes | None = None, **changes: Any) -> bytes:
    """A small recording, or this one, whose head says something else."""
    source, target = zipfile.ZipFile(io.BytesIO(whole or small())), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == file.HEAD:
                content = json.dumps(json.loads(content) | changes).encode()
            archive.writestr(entry.filename, content)
    return target.getvalue()


def test_a_newer_format_is_refused_in_a_sentence() -> None:
    with pytest.raises(RecordingError, match=r"newer version \(format 99, this one reads 1\): update Depth Lab"):
        file.from_bytes(repacked(format=99), "new.dlrec")


def test_an_older_format_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """None was ever older than the first; the next ones will be."""

    def from_1(head: dict[str, Any]) -> dict[str, Any]:
        return head | {"events": head["happened"]}

    def from_2(head: dict[str, Any]) -> dict[str, Any]:
        return head | {"head": head["head"] | {"title": f"{head['head']['title']} in format {head['format']}"}}

    whole = small()
    older = json.loads(zipfile.ZipFile(io.BytesIO(whole)).read(file.HEAD))
    content = repacked(whole, events=None, happened=older["events"], head=older["head"] | {"title": "an old run"})
    monkeypatch.setattr(file, "FORMAT", 3)
    monkeypatch.setattr(file, "MIGRATIONS", {1: from_1, 2: from_2})
    found = file.from_bytes(content, "old.dlrec")
    assert found.head.title == "an old run in format 1"
    monkeypatch.setattr(file, "FORMAT", 1)
    assert same(replace(found, head=replace(found.head, title="")), file.from_bytes(whole, "x"))
    monkeypatch.setattr(file, "FORMAT", 3)
    monkeypatch.setattr(file, "MIGRATIONS", {2: from_2})
    with pytest.raises(RecordingError, match="no whole recording"):
        file.from_bytes(content, "older.dlrec")


def test_a_head_from_before_runs_had_titles_races_and_forks_is_read() -> None:
    whole = small()
    head = json.loads(zipfile.ZipFile(io.BytesIO(whole)).read(file.HEAD))["head"]
    lacking = {name: head[name] for name in head if name not in ("title", "parent", "fork_step", "race", "twin_of")}
    assert len(lacking) < len(head)
    assert same(file.from_bytes(repacked(whole, head=lacking), "old.dlrec"), file.from_bytes(whole, "x"))


def test_two_gigabytes_are_refused_unread(tmp_path: Path) -> None:
    huge = tmp_path / "huge.dlrec"
    with huge.open("wb") as target:
        target.truncate(2 * 2**30)
    tracemalloc.start()
    with pytest.raises(RecordingError, match=r'^"huge.dlrec" is larger than any recording: choose another file\.$'):
        file.read(huge)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


@pytest.mark.parametrize("changes", [{"format": 0}, {"format": "one"}, {"head": {}}, {"events": [1]}, {"seq": None}])
def test_what_no_version_wrote_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RecordingError, match="no whole recording"):
        file.from_bytes(repacked(**changes), "odd.dlrec")


def test_code_in_an_array_is_never_run(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "ran",))

    content = io.BytesIO()
    np.save(content, np.array([Evil()], dtype=object), allow_pickle=True)
    target = io.BytesIO(small())
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("probe/evil/object/1.npy", content.getvalue())
    with pytest.raises(RecordingError, match="no whole recording"):
        file.from_bytes(target.getvalue(), "evil.dlrec")
    assert not (tmp_path / "ran").exists()


def test_a_bomb_is_not_unpacked() -> None:
    target = io.BytesIO(small())
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.npy", bytes(file.LARGEST + 1))
    with pytest.raises(RecordingError, match="no whole recording"):
        file.from_bytes(target.getvalue(), "bomb.dlrec")


def test_where_nothing_can_be_written_or_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="could not be written"):
        file.write(tmp_path / "no" / "run.dlrec", replace(recorded([]), seq=1))
    with pytest.raises(RecordingError, match="cannot be read"):
        file.read(tmp_path / "none.dlrec")


def test_a_file_does_not_tell_where_its_machine_keeps_pictures() -> None:
    spec = RunSpec.make(net=NetSpec.make(num_classes=100), train=TrainSpec(data="/home/anna/pictures/cifar#cifar100"))
    made = [Event("started", 0, {"spec": spec.model_dump(mode="json")}), *events(20)[1:]]
    recording = recorded(made)
    recording = replace(recording, head=replace(recording.head, spec=spec))
    content = file.to_bytes(recording)
    back = file.from_bytes(content, "x.dlrec")
    assert back.head.spec.train.data == "cifar#cifar100"
    assert [event.payload["spec"]["train"]["data"] for event in back.of_kind("started")] == ["cifar#cifar100"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not [name for name in archive.namelist() if b"anna" in archive.read(name)]
    assert recording.head.spec.train.data == "/home/anna/pictures/cifar#cifar100"  # what is recorded stays
