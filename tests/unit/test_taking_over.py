"""A trainer that stands where a run of another net, recipe or minibatches stood."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.engine.changes import forked, told
from core.spec import Epoch, NetSpec, SpecError
from core.train.checkpoint import CheckpointError, State
from core.train.surgery import take_over
from core.train.trainer import Trainer
from tests.unit.small_runs import pictures, run_spec, trainer

PLAIN = NetSpec(depth=8, width=4, skip=False)


def stood(net: NetSpec = PLAIN, steps: int = 5, **recipe: object) -> Trainer:
    made = trainer(net, **recipe)
    for _ in range(steps):
        made.train_step()
    return made


def gone_on(parent: Trainer, net: dict[str, object] | None = None, **recipe: object) -> Trainer:
    made = Trainer(forked(parent.run, net or {}, recipe), pictures())
    made.taken_over = take_over(made, parent.state(), parent.run, "run0")
    return made


def memory(made: Trainer) -> State:
    return {name: tensor for name, tensor in made.tensors().items() if name.startswith("optimizer.")}


def test_the_optimisers_memory_is_kept_for_what_is_kept() -> None:
    parent = stood(PLAIN.but(norm="none"))
    before = memory(parent)
    for name, tensor in memory(gone_on(parent, {"norm": "batch"})).items():
        if name in before and not name.endswith(".bias"):
            assert torch.equal(tensor, before[name])
        elif "norm" in name:
            assert not tensor.any()
    folded = memory(gone_on(stood(PLAIN), {"norm": "none"}))
    assert [name for name, tensor in folded.items() if tensor.any()] == [
        *("optimizer.momentum_buffer.fc.weight", "optimizer.momentum_buffer.fc.bias"),
    ]


def test_a_norm_takes_its_memory_along_to_its_place_in_another_order() -> None:
    parent = stood()
    here, there = memory(gone_on(parent, {"activation_order": "pre"})), memory(parent)
    slot = "optimizer.momentum_buffer"
    assert torch.equal(here[f"{slot}.norm.weight"], there[f"{slot}.stage3.block1.branch.norm2.weight"])
    assert torch.equal(here[f"{slot}.stage1.block1.before.norm1.bias"], there[f"{slot}.norm.bias"])


def test_another_optimiser_or_none_begins_without_memory() -> None:
    parent = stood()
    assert not any(tensor.any() for tensor in memory(gone_on(parent, optimizer="adamw", lr=1e-3)).values())
    assert memory(gone_on(parent, momentum=0.0)) == {}
    again = gone_on(gone_on(parent, momentum=0.0), momentum=0.5)
    assert not any(tensor.any() for tensor in memory(again).values())
    again.train_step()
    kept = stood(optimizer="adamw", lr=1e-3)
    other = gone_on(kept, {"skip": True})
    assert all(torch.equal(tensor, memory(kept)[name]) for name, tensor in memory(other).items())


def test_the_same_net_and_minibatches_go_on_bit_for_bit() -> None:
    parent = stood()
    child = gone_on(parent, weight_decay=2e-4)
    assert child.taken_over == {"run": "run0", "step": 5, "net": parent.run.net.name, "said": [], "pictures": 0}
    assert all(torch.equal(tensor, parent.tensors()[name]) for name, tensor in child.tensors().items())
    assert torch.equal(child.state()["random"], parent.state()["random"])


def test_a_rate_that_was_set_by_hand_is_left_behind() -> None:
    parent = stood()
    state = parent.state() | {"lr_asked": torch.tensor(0.5, dtype=torch.float64), "lr_asked_since": torch.tensor(3)}
    child = Trainer(forked(parent.run, {}, {"weight_decay": 0.0}), pictures())
    take_over(child, state, parent.run, "run0")
    assert child.asked is None


@pytest.mark.parametrize(("size", "place"), [(8, 10), (4, 20), (32, 2), (12, 6)])
def test_other_minibatches_begin_at_the_same_place_of_the_same_order(size: int, place: int) -> None:
    """64 pictures, 16 at a time: step 5 is the second minibatch of the second epoch. Of 12, 5 steps an epoch are whole
    and the picture that comes next is the thirteenth: four are seen again."""
    parent = stood()
    child = gone_on(parent, batch_size=size, epochs=4)
    assert child.step == place
    labels = parent.batches.batch(5)[1]
    again = {12: 4, 32: 16}.get(size, 0)
    here = torch.cat([child.batches.batch(child.step + more)[1] for more in range(2)])
    fit = min(len(here) - again, len(labels))
    assert torch.equal(here[again : again + fit], labels[:fit])
    said = " ".join(told(parent.run, child.run, 64, 5))
    assert f"step 5 of 16 is step {place} of {size}" in said
    most = max(place * 16 % size for place in range(64))
    assert (f"up to {most} pictures are seen again" in said) == (most > 0)
    assert again <= most
    parent_loss, parent_accuracy = parent.epoch_means()
    if child.step % child.steps_per_epoch:
        assert child.epoch_means() == pytest.approx((parent_loss, parent_accuracy))


def test_a_place_is_that_of_the_pictures() -> None:
    """Against a walk through both, minibatch by minibatch."""
    for images, one, other in ((64, 16, 12), (50, 7, 20), (100, 10, 100), (100, 100, 10)):
        for drop in (True, False):
            was, now = Epoch(images, one, drop), Epoch(images, other, drop)
            seen = [(epoch, min(at * other, images)) for epoch in range(4) for at in range(now.steps)]
            for step in range(3 * was.steps):
                here = (step // was.steps, step % was.steps * one)
                wanted = max(index for index, place in enumerate(seen) if place <= here)
                if here[1] >= (now.steps - 1) * other + other:  # all that this epoch has is seen
                    wanted += 1
                assert now.place(step, was) == wanted, (images, one, other, drop, step)


def test_a_state_of_another_net_is_refused_with_nothing_changed() -> None:
    parent = stood()
    child = Trainer(forked(parent.run, {"skip": True}, {}), pictures())
    before = child.state()
    with pytest.raises(
        CheckpointError, match=r"^The checkpoint of run x is not of its spec \(.*\): choose another one\.$"
    ):
        take_over(child, parent.state(), run_spec(NetSpec(depth=14, width=4)), "x")
    assert all(torch.equal(tensor, before[name]) for name, tensor in child.state().items())


def test_norms_cannot_undo_what_overflows() -> None:
    parent = stood(PLAIN.but(norm="none"))
    state = parent.state()
    state["net.stage1.block1.branch.conv1.weight"] *= 1e30
    child = Trainer(forked(parent.run, {"norm": "batch"}, {}), pictures())
    with pytest.raises(
        CheckpointError, match=r"^Responses of plain-8 .* overflow.*: go on from an earlier checkpoint\.$"
    ):
        take_over(child, state, parent.run, "x")


def test_norms_are_switched_off_in_a_net_whose_initialisation_needs_them() -> None:
    parent = stood(NetSpec(depth=8, width=4, init="zero-gamma"))
    child = gone_on(parent, {"norm": "none"})
    assert child.run.net.init == "he"
    assert child.taken_over
    apart = child.taken_over["apart"]
    assert apart is not None
    assert apart < 1e-4
    with pytest.raises(SpecError, match="Fixup replaces normalisation"):
        forked(run_spec(NetSpec(depth=8, norm="none", init="fixup")), {"norm": "batch"}, {})


def test_training_goes_on_from_what_was_learnt() -> None:
    """A net that gets its norms on the way has, in its next steps, losses like those before."""
    parent = stood(NetSpec(depth=8, width=4, norm="none"), steps=60, epochs=40, lr=0.02, schedule="constant")
    before = parent.epoch_means()[0]
    child = gone_on(parent, {"norm": "batch"})
    for _ in range(4):
        child.train_step()
    losses = child.recent(4)[:, 0].tolist()
    assert np.isfinite(losses).all()
    assert abs(np.mean(losses) - before) < 0.3
