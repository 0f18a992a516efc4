"""How many steps the learning rate takes to grow where a recipe leaves that open."""

from __future__ import annotations

from collections.abc import Sequence

from core.spec.base import SpecError
from core.spec.run import RunSpec

DEEP = 56  # weighted layers from which there is a warm-up
STEPS = 400  # of one
PARTS = 10  # of a run, of which it takes at most one: a short run needs its peak too


def settled(runs: Sequence[RunSpec], images: int) -> list[RunSpec]:
    """Runs that are trained beside each other on that many pictures, with a number for the warm-up of each.

    Automatic is none below 56 weighted layers. From there on it is 400 steps, at most a tenth of the run's, by the
    deepest of the nets for all of them: else they would differ in their recipe. At a rate of 0.1 the loss of a
    ResNet-56 first rises (on the sample to 11 within ten steps, once measured; that of a plain-56 does not). He 2015
    (section 4.2) trained 110 layers at 0.01 until the training error was below 80 %, about 400 iterations, and then at
    0.1; here the rate grows in a straight line instead. Raises SpecError where a warm-up is longer than its run.
    """
    deepest = max(run.net.depth for run in runs)
    return [_settled(run, deepest, run.train.epochs * run.train.epoch(images).steps) for run in runs]


def _settled(run: RunSpec, depth: int, total_steps: int) -> RunSpec:
    steps = run.train.warmup_steps
    if steps == "auto":
        steps = min(STEPS, total_steps // PARTS) if depth >= DEEP else 0
        return run.but(train=run.train.but(warmup_steps=steps))
    if steps > total_steps:
        raise SpecError(
            f"A warm-up of {steps:,g} steps does not fit the {total_steps:,} of this run: "
            f"choose 0 to {total_steps:,}, or auto."
        )
    return run
