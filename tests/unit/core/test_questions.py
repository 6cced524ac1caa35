"""Which comparisons are worth a developer's answer."""

from dataclasses import replace

import pytest
from samples import signal

from penchant_core.questions import Question, question_of, questions, score
from penchant_core.signals import Candidate, Rating, Signal

LOOP = "for price in prices:\n        total += price"
SUM = "total = sum(prices) + shipping_cost"


def _candidate(text: str, per_token: float = -0.5, finish: str | None = "stop") -> Candidate:
    import re

    return Candidate(text, per_token * len(re.findall(r"\w+|[^\w\s]", text)), finish)


def _signal(name: str = "c1", *texts: Candidate, at: float = 1000.0) -> Signal:
    return signal(name, candidates=texts or (_candidate(LOOP), _candidate(SUM)), at=at)


def _ids(*rows: Signal, ratings: tuple[Rating, ...] = (), asked: tuple[str, ...] = ()) -> list[str]:
    return [q.completion.id for q in questions(rows, ratings, asked)]


def test_equally_probable_and_different_is_worth_it() -> None:
    assert score(_candidate(LOOP), _candidate(SUM)) > 0.5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (_candidate(LOOP, -0.1), _candidate(SUM, -1.5)),
        (_candidate("total = sum(prices)"), _candidate("total = sum(prices )")),
        (_candidate("total = sum(prices) + x"), _candidate("total = sum(prices) + y")),
        (_candidate("x"), _candidate("y + 1")),
        (_candidate(LOOP, finish="length"), _candidate(SUM)),
        (_candidate("total = sum(prices]"), _candidate(LOOP)),
        (Candidate(LOOP), _candidate(SUM)),
        (_candidate("return sum(prices)"), _candidate(LOOP * 3)),
    ],
    ids=["decided", "layout", "a name", "trivial", "cut", "broken", "no odds", "lengths"],
)
def test_what_is_not_worth_it(one: Candidate, other: Candidate) -> None:
    assert score(one, other) == score(other, one) == 0.0


def test_a_quoted_bracket_is_no_bracket() -> None:
    assert score(_candidate('log("a]", total[0])'), _candidate(SUM)) > 0


def test_the_closer_the_better() -> None:
    near = _signal("near", _candidate(LOOP, -0.5), _candidate(SUM, -0.5))
    far = _signal("far", _candidate(LOOP, -0.5), _candidate(SUM, -0.9))
    assert _ids(far, near) == ["near", "far"]


def test_the_best_pair_of_several_is_taken() -> None:
    row = _signal("c1", _candidate(LOOP, -0.5), _candidate(SUM, -0.95), _candidate(SUM + "s", -0.5))
    found = question_of(row.completion)
    assert isinstance(found, Question)
    assert set(found.order) == {0, 2}


def test_nobody_is_asked_twice() -> None:
    said = Rating("c1", 1.0, "comparison", order=(0, 1))
    marked = Rating("c1", 1.0, "direct", value=1)
    assert _ids(_signal(), ratings=(said,)) == []
    assert _ids(_signal(), asked=("c1",)) == []
    assert _ids(_signal(), ratings=(marked,)) == ["c1"]


def test_the_more_probable_one_is_not_always_first() -> None:
    orders = {question_of(_signal(f"c{n}").completion).order for n in range(8)}  # type: ignore[union-attr]
    assert orders == {(0, 1), (1, 0)}


def test_that_one_of_the_two_is_broken_needs_no_asking() -> None:
    good, bad = _candidate("total = sum(prices) + cost"), _candidate("total sum prices for all of")
    row = _signal("c1", good, bad)
    assert _ids(row) == []
    elsewhere = replace(row.completion, language="go")
    assert _ids(Signal(elsewhere)) == ["c1"]
