"""What is said of runs that go on from another one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.findings.cut import beginnings, guess, measured, since
from core.findings.moment import moment_of
from core.findings.moments import kinds_of, row_of
from core.findings.story import story
from core.findings.together import bands
from core.findings.told import Teller, View
from core.record.payloads import Operation
from tests.unit.told_runs import FALLING, PLAIN, Told, seen

SICK = np.full(300, 2.3026)
HEALED = np.linspace(2.3, 1.1, 200)
DONE: Operation = {
    "run": "run0",
    "step": 100,
    "net": "plain-8",
    "said": ["All 29 tensors of weights are kept.", "What the net computes changes at the cut."],
    "pictures": 256,
    "loss_before": 2.3026,
    "loss_after": 3.5,
    "apart": 7.25,
}


def healed(losses: Any = HEALED, **more: Any) -> Told:
    return Told({"skip": True}, losses=losses, fork=100, started={"taken_over": DONE}, **more)


def after(child: Told, parent: Told, until: int | None = None) -> str:
    known = seen(parent, child)
    found = since(known[1], known[0], until)
    return found.text if found else ""


def test_a_run_that_recovers_is_set_beside_its_parent_at_equal_steps() -> None:
    """Means of the last 20 minibatches, computed a second time here."""
    parent = Told(PLAIN, losses=SICK)
    own = HEALED[80:100].mean()
    assert after(healed(), parent) == (
        f"100 steps after the cut: training loss {own:.2f}, its parent 2.3. It has left guessing (2.30), which its "
        "parent has not."
    )
    assert after(healed(), parent, until=150).startswith("30 steps after the cut: training loss 2.18, its parent 2.3.")
    assert after(healed(), parent, until=129) == ""


def test_a_run_that_does_not_recover_is_said_not_to() -> None:
    assert after(healed(SICK), Told(PLAIN, losses=SICK)).endswith(
        "2.3, its parent 2.3. It has not left guessing (2.30)."
    )
    late = np.concatenate([SICK[:100], HEALED])
    assert after(healed(SICK), Told(PLAIN, losses=late)).endswith("(2.30), which its parent has.")


def test_a_run_that_is_sure_of_what_is_wrong_is_said_to_be_worse_than_guessing() -> None:
    found = after(healed(np.full(200, 1e6)), Told(PLAIN, losses=SICK))
    assert found.endswith("training loss 1.0·10⁶, its parent 2.3. It is worse than guessing (2.30): this was no cure.")


def test_two_that_learn_are_apart_only_beyond_the_scatter_of_minibatches() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 400)
    parent = Told(PLAIN, losses=1.5 + noise[:300])
    assert after(healed(1.5 + noise[200:]), parent).endswith(": no more apart than the scatter of minibatches.")
    assert ": lower by 0." in after(healed(1.1 + noise[200:]), parent)
    assert ": higher by 0." in after(healed(1.9 + noise[200:]), parent)


def test_a_parent_that_ended_at_the_cut_is_taken_as_it_was_there() -> None:
    parent = Told(PLAIN, losses=SICK[:100], status="stopped")
    assert after(healed(), parent) == (
        "100 steps after the cut: training loss 1.76, where its parent had 2.3 at the cut. It has left guessing "
        "(2.30), which its parent has not."
    )
    assert after(healed(), Told(PLAIN, losses=SICK[:100])) == ""  # it may come so far yet


def test_other_minibatches_are_set_beside_each_other_at_equal_pictures() -> None:
    """The child sees half as many pictures a step: its step 200 + 100 is its parent's 150."""
    parent = Told(PLAIN, losses=np.concatenate([SICK[:140], np.full(160, 1.5)]), batch_size=100)
    child = Told({"skip": True}, losses=HEALED, fork=200, batch_size=50)
    assert ", its parent 1.9." in after(child, parent, until=300)  # the mean of its steps 131 to 150


def test_the_story_tells_what_was_taken_over_and_nothing_of_a_start_that_it_had_not() -> None:
    child = healed(np.full(60, 6.0)).probe(100, weight_grad=[8, 1, 1, 1, 1, 1, 1, 1])
    known = seen(Told(PLAIN, losses=SICK), child)
    told = [happening for happening in story(known, moment_of(known, None)) if happening["id"] == "run1"]
    assert (told[0]["step"], told[0]["card"]) == (100, "learns")
    assert told[0]["text"] == (
        "It goes on from here with what plain-8 had learnt by step 100. All 29 tensors of weights are kept. What the "
        "net computes changes at the cut. Evaluated on 256 training pictures, the loss is 2.3 before and 3.5 after."
    )
    assert [happening["step"] for happening in told] == [100, 130]
    learnt = healed(np.full(60, 1.0))
    assert not any(
        "left guessing:" in happening["text"] for happening in story(seen(learnt), moment_of(seen(learnt), None))
    )


@pytest.mark.parametrize("step", [40, 99])
def test_before_the_cut_the_run_is_not_there(step: int) -> None:
    parent = Told(PLAIN, losses=SICK, started={"blocks": []}).probe(0, std=np.ones(8)).probe(40, std=np.ones(8))
    known = seen(parent, healed().probe(100, std=np.ones(8)))
    moment = moment_of(known, step)
    assert moment.later == (known[1],)
    said = Teller(known, moment, View(step, signals="std")).sentences()
    assert said["learns"]["finding"].startswith("ResNet-8 begins at step 100; plain-8: at step")
    assert "ResNet-8" not in said["signals"]["finding"]
    assert said["flow"] == {
        "finding": "ResNet-8 begins at step 100",
        "instead": "At this step it is not there yet: it goes on from another run.",
    }
    [looks, *_] = row_of(known, moment, kinds_of(known))["looks"]
    assert (looks[0] is not None, looks[1]) == (True, None)
    assert moment_of(known, 100).later == ()


def test_a_headline_says_who_began_with_whose_weights() -> None:
    known = seen(Told(PLAIN, losses=SICK), healed())
    said = Teller(known, moment_of(known, None), View(), ["momentum"]).learns()["finding"]
    assert said.endswith("; also differ in momentum; ResNet-8 went on from plain-8 at step 100")
    assert beginnings(known[1:]) == ""
    assert guess(known[0]) == pytest.approx(np.log(10))


def test_no_band_has_runs_that_are_forks() -> None:
    runs = [Told(losses=FALLING, seed=seed) for seed in range(5)]
    forks = [Told(losses=FALLING, seed=seed, fork=10) for seed in (5, 6)]
    known = seen(*runs, *forks)
    [band] = bands(known, [run.spec for run in (*runs, *forks)])
    assert band["runs"] == [run.id for run in known[:5]]


def test_a_run_that_diverges_behind_the_cut_is_said_to_be_lost() -> None:
    child = healed([3.0, 40.0], status="diverged").add("diverged", 103, {"layer": "stem", "what": "The loss is NaN."})
    assert after(child, Told(PLAIN, losses=SICK)) == (
        "It was lost 3 steps after the cut, where its parent had a training loss of 2.3: this was no cure."
    )
    assert after(child, Told(PLAIN, losses=SICK), until=102) == ""


def test_what_changes_nothing_is_said_with_the_rounding_that_remains() -> None:
    assert measured(DONE).endswith("the loss is 2.3 before and 3.5 after.")
    assert measured({**DONE, "apart": 2.4e-7}).endswith("; logits differ by 2.4·10⁻⁷ at most.")
    assert "no number after" in measured({**DONE, "loss_after": None, "apart": None})
    assert measured({**DONE, "pictures": 0}) == ""


def test_alone_a_run_is_shown_as_it_began_also_before_the_cut() -> None:
    known = seen(healed().probe(100, std=np.ones(8)))
    moment = moment_of(known, 40)
    assert moment.later == ()
    said = Teller(known, moment, View(40, signals="std")).sentences()
    assert said["learns"]["finding"].startswith("At step 101: ")
    assert said["signals"]["instead"] == ""
