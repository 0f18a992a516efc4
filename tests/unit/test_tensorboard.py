"""A run as TensorBoard's event file, read back by TensorBoard's own reader."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.publish import tensorboard
from core.publish.whole import PublishError, write_folder
from core.record import file
from tests.commands import called

SHIPPED = Path(__file__).parents[2] / "assets" / "recordings" / "smallresnet.dlrec"


def test_numbers_come_back(tmp_path: Path) -> None:
    reading: Any = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    reading_hparams: Any = pytest.importorskip("tensorboard.plugins.hparams.plugin_data_pb2")
    recording = file.read(SHIPPED)
    done = called("export", SHIPPED, tmp_path / "board", "--tensorboard", "--json")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["board"]
    [folder] = (tmp_path / "board").iterdir()
    board = reading.EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0, "histograms": 0})
    board.Reload()
    traces = recording.last("metrics")
    assert traces
    loss = board.Scalars("train/loss")
    assert [each.step for each in loss] == list(traces["steps"])
    assert np.array_equal([each.value for each in loss], traces["loss"].astype(float))
    detailed = [look for look in recording.of_kind("probe") if "histogram" in look.payload]
    counts = board.Histograms("responses/stem")[-1]
    assert counts.step == detailed[-1].step
    assert counts.histogram_value.num == detailed[-1].payload["histogram"][0].sum()
    assert list(counts.histogram_value.bucket) == list(detailed[-1].payload["histogram"][0])
    info = reading_hparams.HParamsPluginData.FromString(
        board.PluginTagToContent("hparams")["_hparams_/session_start_info"]
    )
    told = info.session_start_info.hparams
    assert (told["lr"].number_value, told["net.skip"].bool_value) == (recording.head.spec.train.lr, True)


def test_without_the_package_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "tensorboard"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)  # as Python has it for what cannot be imported
    with pytest.raises(PublishError, match=r"pip install tensorboard.*\.$"):
        tensorboard.files([file.read(SHIPPED)])
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match=r"there already.*\.$"):
        write_folder(tmp_path, {"a": b""})
    assert not list(tmp_path.iterdir())


def test_several_runs_stand_beside_each_other(tmp_path: Path) -> None:
    reading: Any = pytest.importorskip("tensorboard.backend.event_processing.event_multiplexer")
    other = SHIPPED.with_name("smallresnet-nobn.dlrec")
    assert called("export", SHIPPED, other, tmp_path / "board", "--tensorboard").returncode == 0
    content = tensorboard.as_zip([file.read(SHIPPED), file.read(other)])
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path / "unpacked")
    for place in ("board", "unpacked"):
        board = reading.EventMultiplexer().AddRunsFromDirectory(str(tmp_path / place)).Reload()
        assert [name.rpartition("-1128")[0] for name in sorted(board.Runs())] == [
            "1-ResNet-14-B-default",
            "2-ResNet-14-B-no-BN-default",
        ]
        for name, path in zip(sorted(board.Runs()), (SHIPPED, other), strict=True):
            traces = file.read(path).last("metrics")
            assert traces
            assert [each.step for each in board.Scalars(name, "train/loss")] == list(traces["steps"])
