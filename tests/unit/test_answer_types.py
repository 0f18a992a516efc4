"""The inference worker's answers are what their types say, after the way that they travel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.answers.questions import KINDS
from core.answers.warm import Nets
from core.check import never
from core.record import answers
from core.record.events import decode, encode
from core.spec import NetSpec
from core.stack_spec import StackSpec
from tests.unit.typed import wrong

PICTURE = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
SEEN = {"net": "smallresnet", "picture": PICTURE}
BN_FREE = SEEN | {"net": "smallresnet-nobn"}
PLACE = {"layer": 2, "channel": 1, "y": 3, "x": 4}
SMALL = {"images": 4, "seed": 0}
REQUESTS: list[tuple[answers.Kind[Any], answers.Request]] = [
    (answers.PREDICT, SEEN),
    (answers.MAPS, SEEN | {"layer": -1, "part": ""}),
    *((answers.EXPLAIN, SEEN | {"method": method, "target": 3}) for method in ("gradcam", "gradients")),
    (answers.FIELD, SEEN | PLACE),
    *((answers.PRODUCTS, seen | PLACE) for seen in (SEEN, BN_FREE)),
    *((answers.MODES, seen | {"company": 4, "batches": 2, "seed": 0}) for seen in (SEEN, BN_FREE)),
    (answers.SCORE, {"net": "smallresnet", "data": "sample", "start": 0, "count": 3}),
    (answers.XRAY, SMALL | {"net": NetSpec(depth=8, width=4).model_dump()}),
    (answers.XRAY, SMALL | {"stack": StackSpec.make(kind="linear", depth=4, width=8).model_dump()}),
]


@pytest.mark.parametrize(("kind", "request_of_it"), REQUESTS, ids=[kind for kind, _ in REQUESTS])
def test_an_answer_is_what_its_type_says(kind: answers.Kind[Any], request_of_it: answers.Request, home: Path) -> None:
    answer = decode(encode(KINDS[kind](request_of_it, Nets(), never)))
    assert wrong(answer, kind.answer) == []


def test_each_kind_of_question_has_a_type() -> None:
    assert {kind for kind, _ in REQUESTS} == set(KINDS)
