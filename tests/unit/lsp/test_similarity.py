import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_lsp.similarity import (
    kept_characters,
    kept_share,
    line_similarity,
    same_code,
    tokens,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f(a,b)", "f( a, b )"),
        ("['a']", '["a"]'),
        ("[1, 2]", "[\n    1,\n    2,\n]"),
        ("", "  \n"),
    ],
)
def test_layout_makes_no_difference(one: str, other: str) -> None:
    assert same_code(one, other)


@pytest.mark.parametrize(("one", "other"), [("a", "b"), ("ab", "a b"), ("f(a)", "f(a, b)")])
def test_code_does(one: str, other: str) -> None:
    assert not same_code(one, other)


@pytest.mark.parametrize(
    ("suggestion", "final", "share"),
    [
        ("sum(prices)", "sum(prices)", 1.0),
        ("sum(prices)", "max(prices)", 0.75),
        ("sum(prices)", "", 0.0),
        ("sum(prices)", "sum(prices[1:])", 1.0),
        ("", "x", 0.0),
    ],
)
def test_kept_share(suggestion: str, final: str, share: float) -> None:
    assert kept_share(suggestion, final) == share


def test_a_renamed_identifier_counts_as_kept() -> None:
    assert kept_share("sum(prices)", "sum(costs)", {"prices": "costs"}) == 1.0


@given(st.text(max_size=50), st.text(max_size=50))
def test_bounds(one: str, other: str) -> None:
    assert 0.0 <= kept_share(one, other) <= 1.0
    assert 0 <= kept_characters(one, other) <= min(len(one), len(other))
    assert 0.0 <= line_similarity(one, other) <= 1.0
    assert kept_characters(one, one) == len(one)
    assert line_similarity(one, one) == 1.0
    assert same_code(one, one)


def test_tokens_are_words_and_single_characters() -> None:
    assert tokens("a.b_c += 'x'") == ["a", ".", "b_c", "+", "=", '"', "x", '"']
