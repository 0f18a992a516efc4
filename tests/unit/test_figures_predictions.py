"""What nets say, as bars and as a sentence."""

import numpy as np
import pytest

from core.figures.predictions import Said, finding, predictions, share_text
from core.vocabulary.datasets import DATASETS

CLASSES = DATASETS["cifar10"].classes


def ten(answer: str, share: float = 0.7, net: str = "ResNet-20", norm: str = "batch") -> Said:
    shares = np.full(10, (1 - share) / 9, np.float32)
    shares[CLASSES.index(answer)] = share
    return Said(net, "91.0 % after 60 epochs", "resnet", norm, CLASSES, shares, DATASETS["cifar10"])


THOUSAND = Said("ResNet-18", "", "resnet", "batch", ["tabby", "lynx"], np.array([0.6, 0.2], np.float32), None)


@pytest.mark.parametrize(
    ("said", "truth", "outside", "sentence"),
    [
        ([ten("cat")], None, False, "ResNet-20 says cat, 70.0 %."),
        ([ten("cat")], "cat", False, "ResNet-20 says cat, 70.0 %. It is a cat: right."),
        ([ten("cat"), ten("cat")], "airplane", False, "Both say cat. It is an airplane."),
        ([ten("cat"), ten("cat"), ten("cat")], None, True, "All three say cat. None of their ten words is right."),
        (
            [ten("cat"), ten("dog", net="plain-20")],
            "dog",
            False,
            "They disagree: ResNet-20 says cat, plain-20 says dog. It is a dog.",
        ),
        (
            [ten("cat"), THOUSAND],
            "cat",
            False,
            "ResNet-20 says cat, 70.0 %. It is a cat: right. Of a thousand classes ResNet-18 says tabby.",
        ),
        ([THOUSAND], None, True, "Of a thousand classes ResNet-18 says tabby."),
        (
            [ten("cat", 0.15)],
            None,
            True,
            "ResNet-20 says cat, 15.0 %. None of its ten words is right. "
            "ResNet-20 is guessing: no class has more than 15.0 %.",
        ),
        ([ten("cat", 0.2)], None, False, "ResNet-20 says cat, 20.0 %."),  # twice that of guessing is an answer
    ],
)
def test_finding(said: list[Said], truth: str | None, outside: bool, sentence: str) -> None:
    assert finding(said, truth, outside) == sentence


def test_rows_are_the_same_in_every_column_and_names_stand_once() -> None:
    html = predictions([ten("cat"), ten("dog")], "cat").html
    for name in CLASSES:
        assert html.count(f'title="{name}: ') == 2
        assert html.count(f">{name}") == 1
    assert html.index('title="airplane') < html.index('title="cat') < html.index('title="truck')
    assert html.count("dp-truth") == 2
    assert html.count("✓") == html.count("✗") == 1


def test_nets_of_the_same_classes_stand_side_by_side() -> None:
    html = predictions([ten("cat"), THOUSAND, ten("dog", net="plain-20")]).html
    assert html.index("ResNet-20<") < html.index("plain-20<") < html.index("ResNet-18<")


def test_likeliest_of_many_come_sorted_and_without_a_verdict() -> None:
    html = predictions([THOUSAND], "cat").html
    assert html.index(">tabby<") < html.index(">lynx<")
    assert "✓" not in html
    assert "✗" not in html


def test_legend_of_the_app() -> None:
    assert "background:#0072B2" in predictions([ten("cat")]).html
    assert "repeating-linear-gradient" in predictions([ten("cat", norm="none")]).html


def test_names_cannot_become_markup() -> None:
    drawn = predictions([ten("cat", net='<img src="x">')])
    assert "<img" not in drawn.html


def test_alt_text_says_the_likeliest() -> None:
    assert predictions([THOUSAND]).alt == "ResNet-18: tabby 60.0 %, lynx 20.0 %"


def test_shares_are_never_rounded_to_certainty() -> None:
    texts = [share_text(share) for share in (0.0, 0.0004, 0.0006, 0.5, 0.9991, 1.0)]
    assert texts == ["0.0 %", "<0.1 %", "<0.1 %", "50.0 %", ">99.9 %", "100.0 %"]
