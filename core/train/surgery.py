"""Where another run's state is taken over by one of another net, recipe or minibatch: what fits is kept."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from core.arith.surgery import SEEN, surgery
from core.nets import build
from core.nets.net import Net
from core.nets.surgery import Operated, operated
from core.record.payloads import Operation
from core.spec import Epoch, RunSpec
from core.train.checkpoint import CheckpointError, State, first_not_finite
from core.train.trainer import Trainer


def take_over(trainer: Trainer, state: State, was: RunSpec, parent: str) -> Operation:
    """Let the trainer stand where a run ``parent`` (its id) of that spec stood; what came of it.

    Weights, buffers and the optimiser's memory are kept where they fit; what is new of the latter is 0. A rate that was
    set by hand is left behind. Minibatches are those that come next in the same order of pictures. Raises
    CheckpointError, with nothing changed, where it is no state of such a run.
    """
    step = int(state["step"])
    weights = {name.removeprefix("net."): tensor for name, tensor in state.items() if name.startswith("net.")}
    before = build(was.net, was.train.seed)
    try:
        before.load_state_dict(weights)
    except RuntimeError as error:  # names and shapes that are not those of the spec
        reason = str(error).strip().splitlines()[-1].strip()
        raise CheckpointError(
            f"The checkpoint of run {parent} is not of its spec ({reason}): choose another one."
        ) from None
    done: Operation = {"run": parent, "step": step, "net": was.net.name, "said": [], "pictures": 0}
    if was.net == trainer.run.net:
        made = Operated(before, {name: name for name, _ in before.named_parameters()})
    else:
        batches = _minibatches(trainer, step // was.train.epoch(trainer.epoch.images).steps)
        made = operated(weights, was.net, trainer.run.net, trainer.run.train.seed, [images for images, _ in batches])
        if broken := first_not_finite(made.net.state_dict()):
            raise CheckpointError(
                f"Responses of {was.net.name} overflow, and {broken} of {trainer.run.net.name} with them: "
                "go on from an earlier checkpoint."
            )
        done["said"] = list(surgery(was.net, trainer.run.net).said)
        done["pictures"] = sum(len(labels) for _, labels in batches)
        done["loss_before"], done["loss_after"], done["apart"] = _compared(before, made.net, batches)
    trainer.load_state(_state(trainer, state, was, made))
    return done


def _minibatches(trainer: Trainer, epoch: int) -> list[tuple[Tensor, Tensor]]:
    """The first of an epoch, on the CPU, as training sees them: SEEN pictures and labels, or all that there are."""
    cut = trainer.epoch
    left = min(SEEN, cut.seen)
    found: list[tuple[Tensor, Tensor]] = []
    while left:
        images, labels = trainer.batches.batch(epoch * cut.steps + len(found))
        found.append((images[:left].cpu(), labels[:left].cpu()))
        left -= len(found[-1][1])
    return found


def _state(trainer: Trainer, state: State, was: RunSpec, made: Operated) -> State:
    """All that decides how the trainer goes on."""
    fresh = trainer.state()
    here = {f"net.{name}": tensor for name, tensor in made.net.state_dict().items()}
    for name in fresh:
        kind, _, rest = name.partition(".")
        slot, _, parameter = rest.partition(".")
        source = f"{kind}.{slot}.{made.kept.get(parameter)}"
        if kind == "optimizer" and source in state:
            here[name] = state[source]
    epoch = was.train.epoch(trainer.epoch.images)
    here["step"] = torch.tensor(trainer.epoch.place(int(state["step"]), epoch))
    here["log"] = _log(trainer, state, epoch)
    if "clips" in fresh:
        here["clips"] = state.get("clips", fresh["clips"])
    return fresh | here | {name: state[name] for name in ("seconds", "random")}


def _log(trainer: Trainer, state: State, was: Epoch) -> Tensor:
    """Losses and accuracies of the epoch at hand; in minibatches of another size they are its mean so far."""
    log = state["log"]
    if trainer.epoch == was:
        return log
    made = torch.zeros(trainer.steps_per_epoch, 2)
    position = int(state["step"]) % was.steps
    if position:
        sizes = torch.tensor([was.size(at) for at in range(position)], dtype=log.dtype)
        made[:] = (log[:position] * sizes[:, None]).sum(0) / sizes.sum()
    return made


@torch.inference_mode()
def _compared(before: Net, after: Net, batches: Sequence[tuple[Tensor, Tensor]]) -> tuple[float | None, ...]:
    """The loss of each, evaluated, and the most that two logits differ; none where it is no number."""
    labels = torch.cat([labels for _, labels in batches])
    one, other = (torch.cat([net.eval()(images) for images, _ in batches]) for net in (before, after))
    losses = [functional.cross_entropy(logits, labels).item() for logits in (one, other)]
    found = (*losses, (one - other).abs().max().item())
    return tuple(value if math.isfinite(value) else None for value in found)
