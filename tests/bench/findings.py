"""How long it takes to say what may be said of runs: ``python -m tests.bench.findings [--steps N] [--rounds N]``.

For the first viewer; for those who look at the same; for a chosen step; and after each report while the runs go on.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from core.store.store import Store
from core.web.train import findings
from tests.bench.recordings import ME, REPORT, recorded, reports

RUNS = (1, 4, 12)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DEPTHLAB_HOME"] = folder
        store = Store(Path(folder))
        ids = [recorded(store, options.steps) for _ in range(max(RUNS))]
        print(f"{options.steps:,} steps a run; median and range in ms, n = {options.rounds}; first viewer n = 1\n")
        print("| runs | answer | first viewer | the same again | a chosen step | after each report |\n|" + "---|" * 6)
        steps = options.steps
        for count in RUNS:
            shown = ",".join(ids[:count])
            first, told = _timed(shown)
            again = [_timed(shown)[0] for _ in range(options.rounds)]
            chosen = [_timed(shown, step=str(100 * number))[0] for number in range(1, options.rounds + 1)]
            growing = []
            for _ in range(options.rounds):
                for run_id in ids[:count]:
                    store.append(run_id, reports(steps, REPORT), ME)
                steps += REPORT
                growing.append(_timed(shown)[0])
            cells = [f"{first:.0f}", *map(_cell, (again, chosen, growing))]
            print(f"| {count} | {len(told) / 1000:.0f} kB | {' | '.join(cells)} |", flush=True)


def _timed(runs: str, **query: str) -> tuple[float, str]:
    start = time.process_time()
    told = findings.answer({"runs": runs, **query})
    return 1000 * (time.process_time() - start), told


def _cell(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


if __name__ == "__main__":
    main()
