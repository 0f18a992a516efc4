"""What people do to a run, through real processes: submit, watch, pause, step, change the rate, stop, resume, queue."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from core.engine import client
from core.spec import SpecError
from core.store.home import ROOT
from core.store.store import EngineError, StoredEvent
from core.train import checkpoint
from tests.engine.engines import Engine, curve, tiny


def test_submitted_run_finishes(lab: Engine) -> None:
    run_id = client.submit(tiny(epochs=3))
    run = lab.until_status(run_id, "finished")
    events = lab.events(run_id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert (events[0].kind, events[-1].kind) == ("started", "finished")
    assert {"metrics", "probe", "evaluation", "checkpoint"} <= {event.kind for event in events}
    assert list(curve(events)) == list(range(1, 151))
    assert (run.step, run.total_steps, run.message) == (150, 150, "")
    assert run.started is not None
    assert run.ended is not None
    assert 0 <= events[-1].payload["test_accuracy"] <= 1
    kept = {path.name for path in lab.store.folder(run_id).glob("*.safetensors")}
    assert kept == {"checkpoint-100.safetensors", "checkpoint-150.safetensors"}  # and not the older one
    state, meta = checkpoint.load(lab.store.folder(run_id) / "checkpoint-150.safetensors")
    assert int(state["step"]) == 150
    assert meta["run"] == run_id


def test_first_point_within_two_seconds(lab: Engine) -> None:
    """From Train pressed to the first loss, with a warm worker."""
    lab.until(lambda: client.status().warm, "a worker is warm")
    run_id = client.submit(tiny())
    first = lab.until(lambda: lab.events(run_id, "metrics"), "there is a point")[0]
    assert first.payload["steps"].tolist() == [1]
    assert first.time - lab.run(run_id).created <= 2.0


def test_pause_stops_the_steps_and_step_adds_one(lab: Engine) -> None:
    run_id = client.submit(tiny(epochs=1000, watched=False))
    lab.until_step(run_id, 10)
    client.command(run_id, "pause")
    paused = lab.until_status(run_id, "paused").step
    for count in (1, 2):
        client.command(run_id, "step")
        lab.until_step(run_id, paused + count)
    assert lab.run(run_id).status == "paused"
    client.command(run_id, "resume")
    lab.until_status(run_id, "running")
    after = lab.until_step(run_id, paused + 10)
    steps = [event.step for event in lab.events(run_id, "control")]
    assert steps == [paused, paused, paused + 1, paused + 2]
    assert list(curve(lab.events(run_id)))[: paused + 10] == list(range(1, paused + 11))
    assert after.status == "running"


def test_learning_rate_asked_and_applied(lab: Engine) -> None:
    run_id = client.submit(tiny(epochs=1000))
    lab.until_step(run_id, 5)
    client.command(run_id, "lr", 0.01)
    asked = lab.store.last_command(run_id, "lr")
    assert asked is not None
    assert asked.command.value == 0.01
    [control] = lab.until(
        lambda: [event for event in lab.events(run_id, "control") if event.payload["command"] == "lr"],
        "the rate is applied",
    )
    assert control.payload["applied"] == pytest.approx(0.01)
    lab.until_step(run_id, control.step + 5)
    rates = {
        int(step): float(rate)
        for event in lab.events(run_id, "metrics")
        for step, rate in zip(event.payload["steps"], event.payload["lr"], strict=True)
    }
    assert rates[control.step] == pytest.approx(0.1, rel=1e-3)
    assert rates[control.step + 1] == pytest.approx(0.01, rel=1e-3)
    # A crash must not undo it: it is in a checkpoint of the same step.
    lab.until(lambda: [event for event in lab.events(run_id, "checkpoint") if event.step == control.step], "it is kept")


def test_bad_learning_rate_is_refused(lab: Engine) -> None:
    run_id = client.submit(tiny(epochs=1000))
    for rate in (0.0, -1.0, float("nan")):
        with pytest.raises(SpecError, match="Learning rate"):
            client.command(run_id, "lr", rate)
    assert lab.store.last_command(run_id, "lr") is None


def test_stop_and_resume_is_the_undisturbed_run(lab: Engine) -> None:
    spec = tiny(epochs=2)
    undisturbed = client.submit(spec)
    lab.until_status(undisturbed, "finished")
    run_id = client.submit(spec)
    lab.until_step(run_id, 10)
    client.command(run_id, "stop")
    stopped = lab.until_status(run_id, "stopped")
    assert 10 <= stopped.step < 100
    assert (lab.store.folder(run_id) / f"checkpoint-{stopped.step}.safetensors").exists()
    with pytest.raises(EngineError, match="not running any more"):
        client.command(run_id, "pause")
    client.resume(run_id)
    lab.until_status(run_id, "finished")
    assert [event.step for event in lab.events(run_id, "resumed")] == [stopped.step]
    assert curve(lab.events(run_id)) == curve(lab.events(undisturbed))
    with pytest.raises(EngineError, match="finished"):
        client.resume(run_id)


def test_queue_is_served_in_order_and_can_be_left(lab: Engine) -> None:
    first = client.submit(tiny(epochs=1000))
    lab.until_status(first, "running")
    second, third, fourth = (client.submit(tiny()) for _ in range(3))
    assert [run.id for run in lab.store.queue()] == [second, third, fourth]
    client.command(third, "stop")
    assert lab.run(third).status == "stopped"
    assert lab.run(second).status == "queued"  # one run at a time on a CPU
    client.command(first, "stop")
    runs = [lab.until_status(run_id, "finished") for run_id in (second, fourth)]
    assert runs[0].ended is not None
    assert runs[1].started is not None
    assert runs[0].ended <= runs[1].started
    assert lab.events(third) == []


def test_a_queued_run_can_begin_now(lab: Engine) -> None:
    """What trains is paused, and others that were queued before it wait on."""
    running = client.submit(tiny(epochs=1000, watched=False))
    lab.until_step(running, 5)
    before, wanted = (client.submit(tiny(epochs=1000, watched=False)) for _ in range(2))
    client.begin_now(wanted)
    lab.until_status(running, "paused")
    lab.until_step(wanted, 5)
    assert lab.run(before).status == "queued"
    with pytest.raises(EngineError, match=r"is running and does not wait any more: "):
        client.begin_now(wanted)


def test_readers_see_the_same_events(lab: Engine) -> None:
    """One follows by cursor while it happens, one reads it afterwards in small pages."""
    run_id = client.submit(tiny(epochs=2))
    live: list[StoredEvent] = []

    def follow() -> bool:
        live.extend(lab.store.events(run_id, after=live[-1].seq if live else 0))
        return bool(live) and live[-1].kind == "finished"

    lab.until(follow, "the run is finished")
    late: list[StoredEvent] = []
    while page := lab.store.events(run_id, after=late[-1].seq if late else 0, limit=3):
        late += page
    assert live == late == lab.events(run_id)


def test_terminated_worker_stops_with_a_checkpoint(lab: Engine) -> None:
    run_id = client.submit(tiny(epochs=1000))
    run = lab.until_step(run_id, 5)
    assert run.pid
    os.kill(run.pid, signal.SIGTERM)
    stopped = lab.until_status(run_id, "stopped")
    assert (lab.store.folder(run_id) / f"checkpoint-{stopped.step}.safetensors").exists()


def test_run_outlives_the_web_process(lab: Engine) -> None:
    """Whoever submitted may die as it likes."""
    code = (
        "import sys, time\n"
        "from core.engine import client\n"
        "from core.spec import RunSpec\n"
        "print(client.submit(RunSpec.from_json(sys.argv[1])), flush=True)\n"
        "time.sleep(1000)\n"
    )
    web = subprocess.Popen(
        [sys.executable, "-c", code, tiny(epochs=2).to_json()],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert web.stdout is not None
    run_id = web.stdout.readline().strip()
    lab.until_step(run_id, 1)
    os.killpg(web.pid, signal.SIGKILL)
    web.communicate()
    assert lab.until_status(run_id, "finished", "stopped", "failed").status == "finished"
