"""A disk that runs full while a run trains on it, and has room again later; what happened, as one JSON object.

``python -m tests.engine.full_disk cli|supervisor``, with DEPTHLAB_HOME on a small disk of its own that nobody else
writes to.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from core.engine import client
from core.store.home import ROOT, home
from tests.engine.engines import ENVIRONMENT, Engine, tiny

TRAIN = [sys.executable, "-m", "core", "train", "--family", "resnet", "--depth", "8", "--width", "4"]
RECIPE = ["--batch-size", "100", "--precision", "float32", "--device", "cpu", "--epochs", "1000", "--no-probes"]


def fill(path: Path) -> None:
    """Until not a byte more goes onto the disk."""
    with path.open("wb", buffering=0) as file:
        for size in (2**20, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def of_the_command_line(engine: Engine, filler: Path) -> dict[str, Any]:
    process = subprocess.Popen(
        [*TRAIN, *RECIPE], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    run = engine.until(lambda: engine.store.runs(["running"]), "it trains")[0]
    engine.until(lambda: engine.events(run.id, "checkpoint"), "there is a checkpoint")
    fill(filler)
    _, said = process.communicate()
    return {"code": process.returncode, "said": said, "id": run.id}


def of_the_supervisor(engine: Engine, filler: Path) -> dict[str, Any]:
    engine.start_supervisor()
    run_id = client.submit(tiny(epochs=1000, watched=False))
    engine.until(lambda: engine.events(run_id, "checkpoint"), "there is a checkpoint")
    worker = engine.run(run_id).holder
    assert worker
    fill(filler)
    engine.until(lambda: not worker.alive, "the worker gives up")
    return {"id": run_id}


def main() -> None:
    engine = Engine(home())
    filler = engine.home.parent / "filler"
    try:
        found = {"cli": of_the_command_line, "supervisor": of_the_supervisor}[sys.argv[1]](engine, filler)
        run_id = found["id"]
        found["kept"] = sorted(path.name for path in engine.store.folder(run_id).glob("*.safetensors"))
        filler.unlink()
        if not engine.supervised():
            engine.start_supervisor()
        if "code" in found:  # it cannot start itself again
            left = engine.until_status(run_id, "stopped", "failed")
            found |= {"status": left.status, "message": left.message}
            client.resume(run_id)
        resumed = engine.until(lambda: engine.events(run_id, "resumed"), "it goes on")
        found |= {"resumed": resumed[0].step}
        engine.until_step(run_id, resumed[0].step + 1)
        print(json.dumps(found))
    finally:
        engine.close()


if __name__ == "__main__":
    os.environ |= ENVIRONMENT
    main()
