"""What somebody typed is repeated short, on one line, and never as markup; times are never negative."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spec import PRESETS, NetSpec, SpecError, TrainSpec, preset, shortened
from core.vocabulary.numbers import ago, duration
from core.web.words import code, sentence


@given(st.text(max_size=400), st.integers(8, 80))
def test_shortened_is_short_and_on_one_line(text: str, most: int) -> None:
    short = shortened(text, most)
    assert len(short) <= most
    assert short.isprintable()
    if len(text) <= most and text.isprintable():
        assert short == text


def test_shortened_keeps_both_ends() -> None:
    short = shortened("/home/" + "x" * 10_000 + "/cifar", 40)
    assert short.startswith("/home/")
    assert short.endswith("/cifar")
    assert "…" in short


@given(st.text(max_size=60))
def test_code_span_ends_where_it_began(text: str) -> None:
    span = code(text)
    fence = span[: len(span) - len(span.lstrip("`"))]
    inside = span[len(fence) : -len(fence)]
    assert fence
    assert span.endswith(fence)
    assert fence not in inside.strip()
    assert "\n" not in span


def test_sentence_leaves_an_ordinary_one_as_it_is() -> None:
    said = "Runs cannot be kept in /tmp/my_lab_1 (disk full): free some space there."
    assert sentence(said) == said


def test_sentence_shows_markup_as_it_was_typed() -> None:
    said = sentence('There is no CIFAR-10 in "![x](http://evil)": name a *folder* that holds <b>it</b>.')
    assert '"`![x](http://evil)`"' in said
    assert r"\*folder\*" in said
    assert r"\<b>it\</b>" in said


@pytest.mark.parametrize(
    "ask",
    [
        lambda text: NetSpec.make(depth=text),
        lambda text: NetSpec.make(family=text),
        lambda text: TrainSpec.make(device=text),
        lambda text: TrainSpec.make(data=text, lr=text),
        preset,
        lambda text: NetSpec.make(depth=10**400),
        lambda text: NetSpec.make(width=10**400),
        lambda text: TrainSpec.make(epochs=10**400),
    ],
)
def test_refusals_do_not_repeat_all_that_was_typed(ask: object) -> None:
    with pytest.raises(SpecError) as refused:
        ask("**x**\n" * 2_000)  # type: ignore[operator]
    assert len(str(refused.value)) < 300 + len(", ".join(PRESETS))  # the longest list of what can be chosen
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3600.0, "0 s"), (-0.4, "0 s"), (math.nan, "–"), (math.inf, "–"), (45.2, "45 s"), (200, "3 min 20 s")],
)
def test_duration_is_never_negative(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("now", "said"), [(1000.0, "just now"), (1000.4, "just now"), (500.0, "just now"), (1090.0, "1 min 30 s ago")]
)
def test_age_is_never_negative(now: float, said: str) -> None:
    """A clock that was set back, or another machine's."""
    assert ago(1000.0, now) == said
