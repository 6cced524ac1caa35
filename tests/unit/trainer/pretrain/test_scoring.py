"""What counts as right, sane and finished."""

import pytest

from penchant_trainer.intervals import wilson
from penchant_trainer.pretrain.questions import Kind, Question
from penchant_trainer.pretrain.scoring import Answer, score, summary


def question(kind: Kind = "single_line", expected: str = "run(1)") -> Question:
    before, after = "def f():\n    x = ", "\n    return x\n"
    return Question(kind, "mid_line", "p", "p/a.py", before, after, expected, (before, after))


def test_what_is_shown_of_a_line_ends_at_its_end() -> None:
    found = score(question(), Answer("run(1)\n    y = (", ended=False))
    assert found.exact
    assert found.similarity == 1
    assert found.parses
    assert not found.stops


@pytest.mark.parametrize(
    ("text", "parses", "no_worse"), [("run(2)", True, True), ("run((2)", False, True)]
)
def test_parsing_in_place(text: str, parses: bool, no_worse: bool) -> None:
    # `x = ` alone does not parse: no answer can make that worse.
    found = score(question(), Answer(text, ended=True))
    assert (found.parses, found.no_worse, found.exact) == (parses, no_worse, False)


def test_an_answer_that_breaks_a_file_is_worse() -> None:
    before, after = "x = 1", "\ny = 2\n"
    whole = Question("single_line", "mid_line", "p", "a.py", before, after, " + 1", (before, after))
    assert not score(whole, Answer(" + (", ended=True)).no_worse
    assert score(whole, Answer("", ended=True)).no_worse


def test_a_block_may_be_one_line_longer() -> None:
    block = question("multi_line", "a()\n    b()")
    assert score(block, Answer("a()\n    b()\n    c()", ended=True)).stops
    assert not score(block, Answer("a()\n    b()\n    c()\n    d()\n    e()", ended=True)).stops
    assert not score(block, Answer("a()", ended=False)).stops
    assert score(block, Answer("a()\n    b()", ended=True)).exact


def test_summary_and_interval() -> None:
    right, wrong = Answer("run(1)", ended=True), Answer("go", ended=True)
    found = summary([score(question(), a) for a in (right, wrong, wrong, wrong)])
    assert found["exact"] == 0.25
    assert found["exact_low"] < 0.25 < found["exact_high"]
    assert summary([]) == {"count": 0}
    # Known value: 10 of 100 gives 5.5 % to 17.4 % (Wilson).
    assert wilson(10, 100) == pytest.approx((0.0552, 0.1744), abs=1e-4)
