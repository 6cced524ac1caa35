"""What an explicit judgement may be."""

import pytest
from samples import signal

from penchant_core.ratings import REASON_CHARS, preferences, reason_text, refusal
from penchant_core.signals import Candidate, Rating

COMPLETION = signal(candidates=(Candidate("a"), Candidate("b"), Candidate("c"))).completion


def test_a_preference_is_one_comparison_for_each_of_the_others() -> None:
    found = preferences("c1", 1, [0, 1, 2, 0], 5.0, "  shorter ")
    assert [rating.order for rating in found] == [(1, 0), (1, 2)]
    assert {(r.kind, r.value, r.reason, r.at) for r in found} == {("comparison", 0, "shorter", 5.0)}
    assert all(refusal(rating, COMPLETION) is None for rating in found)


@pytest.mark.parametrize(
    "rating",
    [
        Rating("c1", 1.0, "direct", 1),
        Rating("c1", 1.0, "direct", -1, (2,)),
        Rating("c1", 1.0, "comparison", 0, (2, 0)),
        Rating("c1", 1.0, "ranking", 0, (2, 0)),
        Rating("c1", 1.0, "ranking", 0, (2, 0, 1), "the first is clearer"),
    ],
)
def test_what_may_be_stored(rating: Rating) -> None:
    assert refusal(rating, COMPLETION) is None


@pytest.mark.parametrize(
    "rating",
    [
        Rating("c2", 1.0, "direct", 1),
        Rating("c1", 1.0, "direct", 0),
        Rating("c1", 1.0, "direct", 5),
        Rating("c1", 1.0, "direct", 1, (3,)),
        Rating("c1", 1.0, "direct", 1, (0, 1)),
        Rating("c1", 1.0, "comparison", 0, (0,)),
        Rating("c1", 1.0, "comparison", 0, (0, 0)),
        Rating("c1", 1.0, "comparison", 0, (0, 1, 2)),
        Rating("c1", 1.0, "comparison", 1, (0, 1)),
        Rating("c1", 1.0, "ranking", 0, (0, 1, 3)),
        Rating("c1", 1.0, "ranking", 0, (-1, 1)),
        Rating("c1", 1.0, "ranking", 0, ()),
        Rating("c1", 1.0, "direct", 1, reason="key AKIA" + "Z7QF3KXLM2NP4RST"),
    ],
)
def test_what_may_not(rating: Rating) -> None:
    assert refusal(rating, COMPLETION)


def test_a_reason_is_bounded_text() -> None:
    assert reason_text(3) == reason_text(None) == ""
    assert len(reason_text("x" * 5000)) == REASON_CHARS
    assert reason_text("a\ud800b") == "a\N{REPLACEMENT CHARACTER}b"
