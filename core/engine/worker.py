"""The training worker: one process a run or a race, warm before it knows which.

``python -m core.engine.worker [--gently]``, started by the supervisor, imports torch and trains one minibatch of a
throwaway net, so that everything is loaded when the ids of runs arrive as a line on its standard input. It ends when
they do, or when its input ends without one. SIGTERM, SIGHUP and SIGUSR1 stop the runs with checkpoints.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from core.machine.gpus import leave_gpus_alone
from core.processes.processor import prepare_to_train, share_cores, slots
from core.signals import on_end
from core.spec import NetSpec, RunSpec, TrainSpec
from core.store.home import home
from core.store.identity import Identity
from core.store.store import EngineError, Store

THROWAWAY = RunSpec(net=NetSpec(depth=8, width=4), train=TrainSpec(batch_size=32))


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is meant for the server, not for its runs
    store = Store(home())
    prepare_to_train()
    _import(gently="--gently" in sys.argv)
    share_cores(slots())
    if not _has_a_run():
        _warm_up(store)
    run_ids = sys.stdin.readline().split()
    if not run_ids:
        return 0
    store.set_meta("spare", None)
    interrupted = threading.Event()
    on_end(lambda *_: interrupted.set())
    with suppress(OSError):  # then it goes on to where the supervisor writes
        _write_to(store.folder(run_ids[0]) / "log.txt")
    if all(store.known(run_id).spec.train.device == "cpu" for run_id in run_ids):
        leave_gpus_alone()
    from core.engine.race import execute

    try:
        execute(store, run_ids, interrupted=interrupted.is_set, joined=True)
    except EngineError as error:  # an end could not be kept: the supervisor sees that this process is gone
        print(error, file=sys.stderr)
        return 1
    return 0


def _has_a_run() -> bool:
    """Whether a run waits already, so that there is no time to lose."""
    return bool(select.select([sys.stdin], [], [], 0)[0])


def _import(gently: bool) -> None:
    """Import torch, where so told without slowing the run that trains beside this.

    Then in a thread of the lowest priority: a process that gave up its own could not take it back. Linux only;
    elsewhere priorities belong to processes.
    """

    def load() -> None:
        if gently and sys.platform == "linux":
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        import core.engine.race  # noqa: F401

    thread = threading.Thread(target=load)
    thread.start()
    thread.join()


def _warm_up(store: Store) -> None:
    """Load the sample, start torch's threads and kernels, and tell the others what is here."""
    from core.engine.execution import dataset
    from core.train.device import devices
    from core.train.trainer import Trainer

    Trainer(THROWAWAY, dataset(THROWAWAY.train.data)).train_step()
    store.set_meta("devices", [asdict(device) for device in devices()])
    store.set_meta("spare", asdict(Identity.me()))


def _write_to(log: Path) -> None:
    """Send what this process prints, and what native code prints as it crashes, to the run's log."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
