"""What a browser is told may be said of runs: its query, the looks that it draws, and what is worked out once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.findings.moment import moment_of
from core.findings.moments import moments_of, row_of
from core.record import file
from core.record.events import Event
from core.spec import NetSpec, RunSpec, TrainSpec
from core.store.identity import Identity
from core.store.recordings import recording
from core.store.store import Store
from core.web.train import findings, opened
from tests.unit.told_runs import Told, seen

ME = Identity(1, 1.0)


@pytest.fixture
def lab(home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("DEPTHLAB_HOME", str(home))
    return Store(home)


def stored(store: Store, told: Told, **fields: Any) -> str:
    run_id = store.create_run(told.spec, holder=ME)
    store.append(run_id, [Event(each.kind, each.step, each.payload) for each in told.events], ME, **fields)
    return run_id


def ask(*ids: str, **query: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(findings.answer({"runs": ",".join(ids), **query}))
    return answer


def test_five_seeds_are_compared_in_one_sentence(lab: Store) -> None:
    ids = [stored(lab, Told(seed=seed, losses=np.full(30, 1.0 + seed))) for seed in range(5)]
    assert ask(*ids)["said"]["learns"] == {
        "finding": "Training loss at step 30: ResNet-8 1 to 5 over 5 seeds",
        "instead": "",
    }


def test_of_five_seeds_one_speaks_of_layers(lab: Store) -> None:
    ids = [stored(lab, Told(seed=seed, losses=np.full(30, 2.0)).probe(0)) for seed in range(5)]
    said = ask(*ids, signals="std")["said"]
    for view in ("gradient", "signals"):
        assert said[view]["finding"].endswith("; one seed of each band"), said[view]
        assert "seed 1" not in said[view]["finding"]
    alone = ask(*ids[:2])["said"]["gradient"]["finding"]
    assert "seed 1" in alone
    assert "band" not in alone


def test_what_is_hidden_is_not_spoken_of_and_keeps_its_part_in_the_names(lab: Store) -> None:
    ids = [stored(lab, Told(losses=np.full(steps, 1.0), lr=rate)) for rate, steps in ((0.1, 30), (0.2, 40), (0.3, 9))]
    told = ask(*ids, hidden=ids[2])
    assert told["said"]["learns"]["finding"] == "Training loss at step 30: lr 0.1: 1, lr 0.2: 1"
    assert told["seqs"] == ask(*ids)["seqs"][:2]
    assert ask(*ids)["said"]["learns"]["finding"].startswith("Training loss at step 9:")
    with pytest.raises(findings.QueryError, match="leaves no run"):
        ask(*ids, hidden=",".join(ids))


def test_a_recording_from_a_file_says_what_its_run_says(lab: Store, tmp_path: Path) -> None:
    run_id = stored(lab, Told(losses=np.full(60, 2.0)).probe(0).probe(30), status="stopped")
    run = lab.run(run_id)
    assert run
    mark = opened.take(file.to_bytes(recording(lab, run)), "one.dlrec")
    assert ask(mark)["said"] == ask(run_id)["said"]
    assert ask(mark, step="20")["row"] == ask(run_id, step="20")["row"]


def test_what_happened_since_is_told_and_else_nothing_is_worked_out_again(
    lab: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = stored(lab, Told(losses=np.full(30, 2.0)))
    first = findings.answer({"runs": run_id})
    assert findings.answer({"runs": run_id}) is first
    later = Told(losses=np.full(60, 2.0)).events[-1].payload
    rest = {name: values[30:] if isinstance(values, np.ndarray) else values for name, values in later.items()}
    lab.append(run_id, [Event("metrics", 60, rest)], ME)
    assert "at step 60" in ask(run_id)["said"]["learns"]["finding"]
    lab.append(run_id, [Event("diverged", 61, {"layer": None, "what": "x"})], ME, status="diverged")
    assert ask(run_id)["said"]["learns"]["finding"] == "Diverged at step 61: training loss 2 at step 60"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({}, "runs= names 0 runs: name 1 to 12, with commas between."),
        ({"runs": ",".join(map(str, range(13)))}, "runs= names 13 runs"),
        ({"runs": "none"}, "There is no run 'none'."),
        ({"runs": "file-none"}, "This recording is not open any more"),
        ({"runs": "none", "step": "-1"}, "step='-1' is no number from 0"),
        ({"runs": "none", "step": "9" * 400}, "is no number from 0: give one of at most 15 digits."),
        ({"runs": "none", "gradient": "std"}, "gradient='std' is no quantity of that view: choose weight_grad"),
        ({"runs": "none", "flow": "mean"}, "flow='mean' is no quantity of that view: choose branch_ratio or"),
    ],
    ids=str,
)
def test_a_query_that_cannot_be_is_one_sentence(lab: Store, query: dict[str, str], sentence: str) -> None:
    with pytest.raises(findings.QueryError, match=sentence.replace("(", r"\(")) as refusal:
        findings.answer(query)
    assert isinstance(refusal.value, findings.MissingError) == ("no run" in sentence or "not open" in sentence)


def test_every_moment_that_can_be_chosen_is_what_would_be_said_there() -> None:
    often, seldom = Told(seed=1, losses=np.full(30, 1.0)), Told(seed=2, losses=np.full(30, 1.0))
    for step in range(0, 30, 4):
        often.probe(step, **({"agreement": np.ones(8)} if step % 8 == 0 else {}))
    for step in range(0, 30, 13):
        seldom.probe(step)
    runs = seen(often, seldom)
    moments = moments_of(runs)
    assert moments["steps"] == [0, 4, 8, 12, 13, 16, 20, 24, 26, 28]
    weights, agreement = moments["kinds"]["weight_grad"], moments["kinds"]["agreement"]
    assert weights == moments["kinds"]["std"] != agreement
    assert "weight_share" not in moments["kinds"]
    row = moments["rows"][moments["steps"].index(20)]
    assert row["of"] == [20, 20]
    assert (row["looks"][weights], row["when"][weights]) == ([12, 13], "steps 12 and 13")
    assert (row["looks"][agreement], row["when"][agreement]) == ([16, None], "step 16")
    for step, row in zip(moments["steps"], moments["rows"], strict=True):
        assert row == row_of(runs, moment_of(runs, step), moments["kinds"])


def test_pictures_where_minibatches_differ() -> None:
    large = Told(batch_size=128, losses=np.full(30, 1.0)).probe(0).probe(20)
    small = Told(batch_size=64, losses=np.full(20, 2.0)).probe(0).probe(18)
    runs = seen(large, small)
    row = row_of(runs, moment_of(runs, None), {"std": 0})
    assert row == {"of": [10, 20], "looks": [[0, 0]], "when": ["after 0 pictures"]}


def test_there_is_nothing_to_wait_for_where_nothing_is_watched(lab: Store) -> None:
    spec = RunSpec(net=NetSpec(depth=8, skip=False), train=TrainSpec())
    run_id = lab.create_run(spec.model_copy(update={"probes": spec.probes.model_copy(update={"enabled": False})}))
    assert ask(run_id)["said"]["gradient"]["finding"] == "Nothing is measured in this run"
    waits = lab.create_run(spec)
    assert ask(waits)["said"]["flow"]["finding"] == "Waiting for the first measurement"
    begun = stored(lab, Told({"skip": False}, losses=[2.0], started={"blocks": []}))
    flow = ask(begun)["said"]["flow"]
    assert flow["finding"] == "No shortcuts: everything passes through every layer"
    assert flow["instead"].startswith("A plain net has no shortcuts")
