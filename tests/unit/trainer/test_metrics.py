"""Figures of generated texts."""

import json

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


def test_figures_survive_json_and_summaries_hold_no_rows() -> None:
    found = judge([Generation("f(2)", True)], [event("f(1)")])
    assert figures_from_json(json.loads(json.dumps(found.as_json()))) == found
    assert "similarities" not in found.summary()
    assert found.summary()["similarity"] == pytest.approx(0.75)
