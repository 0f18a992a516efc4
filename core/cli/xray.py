"""``python -m core xray``: what a net does to signal and gradient at initialisation, before any training."""

from __future__ import annotations

import json
from argparse import Namespace

from core.cli.describe import fitting


def xray(typed: Namespace) -> None:
    """Print it, as one JSON object or as a table of layers. Raises SpecError."""
    from core.answers.questions import answer_xray, plain  # imports torch: only for this command
    from core.answers.warm import Nets
    from core.check import never
    from core.machine.gpus import leave_gpus_alone
    from core.processes.processor import share_cores

    asked = {"net": fitting(typed).model_dump(), "images": typed.images, "seed": typed.seed}
    leave_gpus_alone()
    share_cores()
    found = plain(answer_xray(asked, Nets(), never))
    if typed.json:
        print(json.dumps(found))
        return
    print(f"{found['name']} at step 0, {typed.images} pictures, train mode")
    print(f"{'layer':<24}{'mean':>12}{'std':>12}{'gradient':>12}{'of weight':>12}{'dead':>8}")
    rows = zip(*(found[key] for key in ("layers", "mean", "std", "signal_grad", "weight_grad", "dead")), strict=True)
    for name, mean, std, signal, weight, dead in rows:
        numbers = "".join(
            f"{'-' if value is None else format(value, '.4g'):>12}" for value in (mean, std, signal, weight)
        )
        print(f"{name:<24}{numbers}{'-' if dead is None else format(dead, '.0%'):>8}")
