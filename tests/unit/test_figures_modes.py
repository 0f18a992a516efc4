"""The figures of the model.eval() lesson say what was counted."""

from typing import Any

import numpy as np
import pytest

from core.figures import modes as figures

CLASSES = ["cat", "dog", "frog", "ship"]


def found(train: list[int], bn: bool = True, chance: tuple[str, ...] = ()) -> Any:
    """In eval mode always a cat, 0.7; in train mode these classes at 0.6 each, cat 0.2 where it is not the one."""
    rows = np.full((len(train), 4), 0.05, np.float32)
    rows[:, 0] = 0.2
    rows[np.arange(len(train)), train] = 0.6
    evaluated = np.tile(np.array([0.7, 0.25, 0.04, 0.01], np.float32), (len(train), 1))
    layers = ["norm", "stage1.norm1"] if bn else []
    values = np.array([0.1, 0.4], np.float32)[: len(layers)]
    names = ("running_mean", "running_std", "batch_mean", "batch_std", "shift")
    answers = {"classes": CLASSES, "train": rows, "eval": evaluated, "layers": layers, "chance": chance}
    return answers | dict.fromkeys(names, values)


def test_counts_are_in_the_finding() -> None:
    drawn = figures.answers(found([0, 0, 0, 0, 0, 1, 1, 2]))
    assert drawn.finding == (
        "Train mode: cat in 5 of 8 batches, dog in 2, frog in 1; cat gets 20 % to 60 %. Eval mode: always cat."
    )
    assert drawn.finding in drawn.alt


def test_steady_answers_are_said_to_be_steady() -> None:
    assert figures.words(found([0] * 8)).startswith("Train mode: always cat; cat gets 60 % to 60 %.")


def test_without_batch_norm_nothing_moves() -> None:
    still = found([0] * 4, bn=False)
    still["train"] = still["eval"]
    assert "train and eval mode answer the same" in figures.words(still)


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (("dropout",), "dropout sets values to 0 at random"),
        (("stochastic depth",), "stochastic depth leaves out blocks at random"),
        (
            ("dropout", "stochastic depth"),
            "dropout sets values to 0 at random and stochastic depth leaves out blocks at random",
        ),
    ],
)
def test_what_differs_by_chance_is_named(chance: tuple[str, ...], said: str) -> None:
    without = figures.words(found([0] * 4, bn=False, chance=chance))
    assert without == f"Without batch norm the company does not matter: train mode differs because {said}."
    assert figures.words(found([0, 1], chance=chance)).endswith(f" Part of it is chance: {said}.")


def test_lines_are_those_of_classes_with_a_chance() -> None:
    drawn = figures.answers(found([0, 1, 1]))
    assert figures.drawn_classes(found([0, 1, 1])) == [0, 1]
    assert [trace.name for trace in drawn.figure.data] == ["cat", "cat", "dog", "dog"]
    np.testing.assert_allclose(drawn.figure.data[0].y, [0.6, 0.2, 0.2])
    np.testing.assert_allclose(drawn.figure.data[1].y, [0.7, 0.7, 0.7])
    assert [trace.showlegend for trace in drawn.figure.data] == [True, False, True, False]


def test_statistics_name_the_norm_that_is_furthest_off() -> None:
    drawn = figures.statistics(found([0, 1]), "plain", "#9467BD")
    assert "batch norm 2 of 2 (stage1.norm1): a batch's mean lies 0.4 running" in drawn.finding
    axes = [drawn.figure.layout[name].type for name in ("yaxis", "yaxis2", "yaxis3")]
    assert axes == [None, "log", None]
    assert drawn.figure.data[0].line.color == "#9467BD"
    assert "log" in drawn.figure.layout.annotations[1].text


def test_running_statistics_are_said_to_be_those_of_the_net() -> None:
    measured = found([0]) | {
        "running_mean": np.array([-0.4, 0.05], np.float32),
        "running_std": np.array([0.1, 2.5], np.float32),
    }
    assert figures.moments(measured).so.endswith("means −0.4 to 0.05, std 0.1 to 2.5.")
