"""Secrets, brevity and repetition: the checks that need no syntax."""

import math

import pytest
from unit.trainer.rewards.places import cut, event

from penchant_core.redaction import rules
from penchant_trainer.rewards.brevity import TYPICAL_CHARS, Brevity, typical_chars
from penchant_trainer.rewards.overlap import fresh
from penchant_trainer.rewards.secrecy import NO_SECRET, no_secret

KEY = next(s for rule in rules() if "github" in rule.name for s in rule.samples)


def test_a_secret_in_the_text_or_completed_by_it() -> None:
    assert no_secret("token = ", f'"{KEY}"', "\n") == 0.0
    assert no_secret(f'token = "{KEY[:12]}', KEY[12:] + '"', "\n") == 0.0
    assert no_secret("token = ", 'os.environ["TOKEN"]', "\n") == 1.0
    assert no_secret(f'a = "{KEY}"; b = ', "1", "\n") == 1.0, "it stood there before"
    assert NO_SECRET.scores([event("", "", "yaml")], [f"token: {KEY}"]) == [0.0]


@pytest.mark.parametrize(
    "case",
    [
        "a = load(x)\n«b = load(y)»\n",
        "f(«x, y=1)»\n",
        "else:\n    «return None»\nelse:\n",
        "«)»\n)\n",
        "x = 1\n«pass»\npass\n",
        "self.a = a\nself.b = b\n«self.c = c»\n",
        "self.a.add(x)\n\ndef f(x):\n    «self.a.add(x)»\n",  # in two functions
        "«...  # pragma: no cover»\n...  # pragma: no cover\n",
    ],
)
def test_fresh(case: str) -> None:
    assert fresh(*cut(case)) == 1.0


@pytest.mark.parametrize(
    "case",
    [
        "a = load(x)\n«a = load(x)»\n",
        "«a = load(x)»\n\na = load(x)\n",
        "a = lo«ad(x)»\na = load(x)\n",
        "f(«a, more=1)», more=1)\n",
        "x = «item.city item.city item.city item»\n",
    ],
)
def test_repeated(case: str) -> None:
    assert fresh(*cut(case)) == 0.0


def test_one_line_of_two_is_repeated() -> None:
    assert fresh("", "a = load(x)\nb = load(y)", "\nb = load(y)\n") == 0.5


def test_brevity_is_symmetric_around_what_is_typical() -> None:
    places = [event("", "")] * 4
    found = Brevity(20).scores(places, ["x" * 20, "x" * 40, "x" * 10, " "])
    assert [round(v or 0.0, 9) for v in found] == [1.0, 0.5, 0.5, 0.0]
    assert math.isclose(Brevity(10).score(30), 1 / 3)


def test_what_is_typical() -> None:
    assert typical_chars(["x" * n for n in range(1, 10)]) == 5.0
    assert typical_chars(["x"] * 7 + [" "] * 9) == TYPICAL_CHARS
