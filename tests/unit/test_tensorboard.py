"""A run as TensorBoard's event file, read back by TensorBoard's own reader."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.publish import tensorboard
from core.publish.whole import PublishError
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
    board = reading.EventAccumulator(
        str(tmp_path / "board"), size_guidance={"scalars": 0, "tensors": 0, "histograms": 0}
    )
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
        tensorboard.write(tmp_path / "board", file.read(SHIPPED))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    with pytest.raises(PublishError, match=r"there already.*\.$"):
        tensorboard.write(tmp_path, file.read(SHIPPED))
