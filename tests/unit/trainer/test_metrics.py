"""Figures of generated texts."""

import json
from dataclasses import replace

import pytest

from penchant_trainer.metrics import (
    Generation,
    distinct,
    figures_from_json,
    judge,
    repeats,
    retained,
    similarity,
)
from penchant_trainer.units import Event


def event(truth: str, *, language: str = "python") -> Event:
    return Event("c", 1, 0.0, "w", "a.py", language, "x = ", "\n", (), truth)


def test_both_sides_are_compared_at_the_same_extent() -> None:
    found = judge([Generation("f(1)\ny = 2\nz = 3", False)], [event("f(1)")])
    assert (found.exact, found.similarity, found.length_ratio, found.stops) == (1.0, 1.0, 1.0, 0.0)


def test_parsing_is_judged_in_place_and_for_python_only() -> None:
    events = [event("f(1)"), event("f(1)"), event("f(1)", language="go")]
    found = judge([Generation(t, True) for t in ("f(2)", "f(2", "f(2")], events)
    assert (found.parses, found.parse_judged) == (0.5, 2)


def test_parsing_is_not_asked_where_the_developers_own_text_does_not_parse() -> None:
    opened = [event("f("), event("f(1)")]
    found = judge([Generation(t, True) for t in ("f(", "f(1")], opened)
    assert (found.parses, found.parse_judged) == (0.0, 1)


def test_a_text_far_from_the_truth_retains_nothing() -> None:
    assert retained("abcdef", "abcdxy") == 4.0
    assert retained("qqqqqq", "abcdxy") == 0.0
    assert similarity("", "") == 1.0


def test_repetition_is_seen() -> None:
    assert repeats("a, b, a, b, a, b,")
    assert repeats("return return return")
    assert not repeats("f(a)(b)(c)")
    assert distinct(["a b c d"]) == 1.0
    assert distinct(["a b c", "a b c"]) == 0.5


def test_a_secret_in_any_text_is_named() -> None:
    key = "AKIA" + "ABCDEFGHIJKLMNOP"
    found = judge([Generation(f'key = "{key}"', True)], [event("f(1)")])
    assert found.secret


def test_a_secret_that_only_its_place_gives_away_is_named() -> None:
    where = replace(event("f(1)"), prefix='password = "', suffix='"\n')
    told = judge([Generation("hV8#kQ2!xTz9$Lm4", True)], [where])
    assert told.secret
    assert judge([Generation("hV8#kQ2!xTz9$Lm4", True)], [event("f(1)")]).secret is None


def test_what_stood_there_before_is_no_secret_of_the_text() -> None:
    where = replace(event("f(1)"), prefix='password = "hV8#kQ2!xTz9$Lm4"; x = ')
    assert judge([Generation("f(1)", True)], [where]).secret is None


def test_running_on_is_going_past_the_developers_text_without_an_end() -> None:
    texts = [
        Generation("f(1)\n" * 5, False),
        Generation("f(1)\n" * 5, True),
        Generation("f(1)", False),
    ]
    assert judge(texts, [event("f(1)")] * 3).runs_on == pytest.approx(1 / 3)


def test_the_typical_length_is_not_swayed_by_one_long_text() -> None:
    texts = [Generation("", True)] * 4 + [Generation("f(1, 2, 3, 4, 5, 6)", True)]
    found = judge(texts, [event("f(1)")] * 5)
    assert 0.9 < found.length_ratio < 1.1
    assert found.length_typical == 0.2


def test_the_same_answer_everywhere_is_counted() -> None:
    found = judge([Generation(t, True) for t in ("None", " None", "f(2)")], [event("f(1)")] * 3)
    assert found.commonest == pytest.approx(2 / 3)
    assert (found.commonest_truth, found.distinct) == (1.0, 1.0)


def test_figures_survive_json_and_summaries_hold_no_rows() -> None:
    found = judge([Generation("f(2)", True)], [event("f(1)")])
    assert figures_from_json(json.loads(json.dumps(found.as_json()))) == found
    assert "similarities" not in found.summary()
    assert found.summary()["similarity"] == pytest.approx(0.75)
