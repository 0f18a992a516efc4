"""How long the rate grows where nobody said, for one net and for several beside each other; what older specs meant."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.data.files import sizes
from core.data.official import LAYOUTS
from core.spec import NetSpec, RunSpec, SpecError, TrainSpec, preset
from core.spec.older import IMAGES, SAMPLE_IMAGES
from core.spec.races import he_figure_6
from core.spec.warmup import settled
from core.train.schedule import learning_rate
from tests.unit.small_runs import pictures, run_spec, trainer

FULL, SAMPLE = 50_000, 5_000  # training pictures


def warmups(*nets: NetSpec, images: int = SAMPLE, **recipe: Any) -> list[float | str]:
    train = TrainSpec.make(**recipe)
    return [run.train.warmup_steps for run in settled([RunSpec(net=net, train=train) for net in nets], images)]


@pytest.mark.parametrize(
    ("name", "images", "epochs", "steps"),
    [
        ("plain20", FULL, 164, 0),
        ("resnet44", FULL, 164, 0),
        ("plain56", FULL, 164, 400),
        ("resnet110", FULL, 164, 400),
        ("densenet-100-12", FULL, 164, 400),
        ("plain56", FULL, 10, 390),  # a tenth of 3,900
        ("plain56", SAMPLE, 10, 39),
        ("plain56", SAMPLE, 1, 3),
        ("vgg19-cifar", FULL, 164, 0),
    ],
)
def test_automatic_warm_up(name: str, images: int, epochs: int, steps: int) -> None:
    assert warmups(preset(name), images=images, epochs=epochs) == [steps]


def test_what_is_given_stays() -> None:
    for steps in (0, 100, 97.5, 390):
        assert warmups(preset("plain56"), preset("plain20"), warmup_steps=steps) == [steps, steps]


def test_nets_beside_each_other_share_the_warm_up_of_the_deepest() -> None:
    assert warmups(*he_figure_6(NetSpec())) == [39] * 4
    assert warmups(preset("plain20"), preset("resnet20")) == [0, 0]


def test_once_settled_it_stays_so() -> None:
    """A run that was trained beside a deeper one keeps its warm-up, and so does its twin."""
    deep = [RunSpec(net=preset(name)) for name in ("plain20", "plain56")]
    once = settled(deep, SAMPLE)
    assert settled(once[:1], SAMPLE) == once[:1]


def test_a_warm_up_longer_than_the_run_is_refused_in_a_sentence() -> None:
    with pytest.raises(SpecError, match=r"^A warm-up of 391 steps does not fit the 390 of this run: choose 0 to 390"):
        warmups(preset("plain20"), warmup_steps=391)


def test_a_trainer_settles_it_by_its_own_pictures() -> None:
    deep = NetSpec(depth=56, width=1)
    run = trainer(deep, epochs=10)  # of 4 steps each
    assert run.run.train.warmup_steps == 4
    assert [run.lr(step) for step in range(3)] == pytest.approx(
        [run.lr(4) * share for share in (0.25, 0.5, 0.75)], rel=0.1
    )
    assert trainer(NetSpec(depth=8, width=1), epochs=10).run.train.warmup_steps == 0
    assert settled([run_spec(deep, epochs=10)], len(pictures().train_labels)) == [run.run]


def old(**recipe: Any) -> TrainSpec:
    """What a version wrote that had the warm-up in epochs."""
    fields = TrainSpec().model_dump(mode="json") | {"warmup_epochs": 0.0} | recipe
    del fields["warmup_steps"]
    text = json.dumps({"net": preset("plain56").model_dump(mode="json"), "train": fields})
    if fields["data"].endswith("cifar100"):
        text = text.replace('"num_classes": 10', '"num_classes": 100')
    return RunSpec.from_json(text).train


def test_an_older_spec_without_warm_up_has_none() -> None:
    assert old() == TrainSpec(warmup_steps=0)


@pytest.mark.parametrize("drop_last", [True, False])
@pytest.mark.parametrize(("data", "images"), [("sample", SAMPLE), ("/x", FULL), ("/x#cifar100", FULL)])
def test_an_older_warm_up_has_the_same_rates(data: str, images: int, drop_last: bool) -> None:
    """To the last bit, by the formula of that time."""
    for epochs in (0.1, 0.7, 1.0, 1.5, 2.5, 10.0):
        recipe = old(warmup_epochs=epochs, data=data, drop_last=drop_last)
        per_epoch = recipe.epoch(images).steps
        total = recipe.epochs * per_epoch
        before = epochs * per_epoch
        without = recipe.but(warmup_steps=0)
        for step in range(0, total, 7):
            expected = learning_rate(without, step, total, per_epoch)
            if step + 1 < before:
                expected *= (step + 1) / before
            assert learning_rate(recipe, step, total, per_epoch) == expected


def test_a_longer_warm_up_than_the_run_was_refused_and_is() -> None:
    with pytest.raises(SpecError, match="warm-up of 11 epochs does not fit 10"):
        old(warmup_epochs=11)


def test_older_specs_knew_pictures_of_these_sizes() -> None:
    assert sizes("sample")[0] == SAMPLE_IMAGES
    assert {layout.images * (len(layout.files) - 1) for layout in LAYOUTS} == {IMAGES}
