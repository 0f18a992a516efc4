"""Trees of runs: who came of whom, in an order in which no line crosses another, and what a click opens."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.figures.lineage import tree
from core.findings.lineage import Branch, families
from core.record.recording import Head
from core.spec import NetSpec, RunSpec, TrainSpec
from core.store import bin, notes
from core.store.identity import Identity
from core.store.store import Store
from core.web.runs import lineage

ME = Identity(1, 1.0)
SPEC = RunSpec(net=NetSpec(depth=20, skip=False), train=TrainSpec(epochs=2))


def head(run_id: str, created: float = 0.0, spec: RunSpec = SPEC, **more: object) -> Head:
    return replace(Head(run_id, spec.net.name, spec, "finished", "", created, 78, 78), **more)  # type: ignore[arg-type]


def test_what_came_of_what_and_what_is_changed() -> None:
    slow = SPEC.but(train=SPEC.train.but(lr=0.02))
    skips = SPEC.but(net=SPEC.net.but(skip=True))
    longer = slow.but(train=slow.train.but(epochs=3))
    found = families(
        [
            head("a"),
            head("slow", 1, slow, parent="a", fork_step=39),
            head("skips", 2, skips, parent="a", fork_step=48),
            head("longer", 3, longer, parent="slow", fork_step=78, step=117, total_steps=117),
            head("twin", 4, skips, twin_of="a", race="a"),
            head("beside", 5, skips, race="other"),
            head("other", 6, race=None),
            head("alone", 7),
        ]
    )
    told = [
        [(each.id, each.parent, each.way, each.start, each.end, each.changed) for each in family] for family in found
    ]
    assert told == [
        [("alone", None, "", 0, 78, ())],
        [("other", None, "", 0, 78, ()), ("beside", "other", "race", 0, 78, ("with skips",))],
        [
            ("a", None, "", 0, 78, ()),
            ("skips", "a", "fork", 48, 78, ("with skips",)),
            ("slow", "a", "fork", 39, 78, ("lr 0.1 → 0.02",)),
            ("longer", "slow", "more", 78, 117, ("epochs 2 → 3",)),
            ("twin", "a", "twin", 0, 78, ("with skips",)),
        ],
    ]


def test_a_parent_that_was_deleted_has_its_line() -> None:
    [family] = families([head("b", parent="gone", fork_step=30), head("c", 1, parent="gone", fork_step=50)])
    assert [(each.id, each.head is None, each.start, each.end) for each in family] == [
        ("gone", True, 0, 50),
        ("c", False, 50, 78),
        ("b", False, 30, 78),
    ]


def test_a_long_chain_is_drawn() -> None:
    chain = [
        head(str(step), step, parent=str(step - 1) if step else None, fork_step=step or None) for step in range(3000)
    ]
    [family] = families(chain)
    assert [each.id for each in family] == [each.id for each in chain]


@st.composite
def histories(draw: st.DrawFn) -> list[Head]:
    """Runs each of which begins anew or leaves an earlier one somewhere on its way."""
    heads: list[Head] = []
    for number in range(draw(st.integers(1, 12))):
        parent = draw(st.sampled_from([None, *heads]))
        start = draw(st.integers(parent.fork_step or 0, parent.step)) if parent else 0
        step = start + draw(st.integers(0, 50))
        heads.append(
            head(str(number), number, parent=parent and parent.id, fork_step=start if parent else None, step=step)
        )
    return heads


@given(histories())
def test_no_joint_crosses_a_line(heads: list[Head]) -> None:
    for family in families(heads):
        rows = {each.id: row for row, each in enumerate(family)}
        assert len(rows) == len(family)
        for child in family[1:]:
            assert child.parent
            above, below = rows[child.parent], rows[child.id]
            assert above < below
            assert all(not other.start < child.start < other.end for other in family[above + 1 : below])
    assert sorted(each.id for family in families(heads) for each in family) == sorted(each.id for each in heads)


def run_of(store: Store, spec: RunSpec = SPEC, **more: object) -> str:
    run_id = store.create_run(spec, holder=ME, **more)  # type: ignore[arg-type]
    store.update(run_id, {"starting"}, status="finished", step=78, total_steps=78)
    return run_id


def branches(found: list[list[Branch]]) -> list[Branch]:
    return list(itertools.chain.from_iterable(found))


def test_a_line_says_what_it_is_and_opens_the_run_where_it_leaves_its_parent(home: Path) -> None:
    store = Store(home)
    first = run_of(store)
    child = run_of(store, SPEC.but(net=SPEC.net.but(skip=True)), parent=first, fork_step=39)
    alone = run_of(store)
    notes.write(store, child, 50, "<b>look</b>\nhere")
    assert lineage.of_run(alone) == []
    found = lineage.of_run(child)
    assert [branch.id for branch in branches(found)] == [first, child]
    assert [lineage.at_its_fork(branch) for branch in branches(found)] == [
        {"run": first},
        {"run": child, "with": first, "l_step": "39"},
    ]
    drawn = tree(found, {}, notes.of_runs(store, [child]), {}, here=child)
    line = drawn["lines"][1]
    assert (line["name"], line["words"]) == ("ResNet-20", "from step 39: with skips · finished")
    assert line["alt"].startswith("ResNet-20: from step 39: with skips · finished, steps 39 to 78. Opens it")
    assert (line["parent"], line["start"], line["end"], line["here"]) == (0, 39, 78, True)
    assert line["notes"] == [{"step": 50, "text": "<b>look</b> here"}]
    bin.delete(store, [first])
    [ghost, left] = branches(lineage.of_run(child))
    assert (ghost.head, lineage.at_its_fork(left)) == (None, {"run": child, "l_step": "39"})
    line = tree([[ghost, left]], {}, [], {first: "plain-20"})["lines"][0]
    assert (line["name"], line["words"], line["gone"]) == ("plain-20", "deleted", True)


def test_the_newest_trees_are_drawn_as_far_as_there_is_room() -> None:
    one, two = [[Branch(str(number), None, None, "", 0, 0, ()) for number in range(count)] for count in (30, 15)]
    assert lineage._few([one, two]) == [one]
    assert lineage._few([two, one]) == [two]
    assert [len(family) for family in lineage._few([one * 2])] == [lineage.MOST]
