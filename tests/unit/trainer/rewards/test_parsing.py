"""Which texts parse in their place, which are at fault, and where nothing can be said."""

import pytest
from unit.trainer.rewards.places import cut, event

from penchant_trainer.rewards.parsing import PARSES, parses
from penchant_trainer.rewards.placement import SUFFIX_CHARS, placed, viable

GOOD = [
    "x = «1»\n",
    "f(«a, b»)\n",
    "x = 'a«b c'»\n",
    "class A:\n    def f(self):\n        «return self.x»\n\n    def g(self): ...\n",
    "if x:\n    «pass»\n",
    "f(\n    a,\n    «b=1,»\n)\n",
    "ken(x)\n    b = 2\n\ndef f():\n    «x = 1»\n",  # the window began in a block
    "def f():\n    «x = 1»\n    return x\n\ndef g(a, b",  # and ends in a line
    "y\n        b = 3\n        «c = 3»\n        d = 4\n",  # or holds no whole block at all
    "# é\nx = «'ü'»\n",
]
BAD = [
    "x = «1)»\n",
    "x = «(1»\n",
    "x = «= 1»\n",
    "f(«a b»)\n",
    "def f():\n    «return x y»\n",
    "def f():\n  «x = 1»\n   y = 2\n",
    "if x:\n«pass»\n",
    "for x in «range(3)»\n    pass\n",
    "x = «'abc»\n",
    "f(self.«x»\ny = 1\n",
    "@d\n«def f(a)»\n    return a\n",
    "def f() -> list«[int:»\n    return []\n",  # the block is there already
    "while a and «b is not c»\n    pass\n",
]
UNKNOWN = [
    "f(«\n»y = 1\n",  # the call is being written
    "«if x:»\ny = 1\n",
    "x = «1 +»\n",
    "def f():\n    «x = [»\n\ny = 1\n",
    'def f():\n    «"""Do this.»\n    return 1\n',
    "x = = 1\ny = «2»\n",  # broken before
]


@pytest.mark.parametrize("case", GOOD)
def test_good(case: str) -> None:
    assert parses(*cut(case)) == 1.0


@pytest.mark.parametrize("case", BAD)
def test_bad(case: str) -> None:
    assert parses(*cut(case)) == 0.0


@pytest.mark.parametrize("case", UNKNOWN)
def test_unknown(case: str) -> None:
    assert parses(*cut(case)) is None


def test_no_opinion_on_nothing_and_on_other_languages() -> None:
    places = [event("x = ", "\n"), event("x = ", "\n", "typescript"), event("x = ", "\n")]
    assert PARSES.scores(places, [" ", "1)", "1)"]) == [None, None, 0.0]


@pytest.mark.parametrize("source", ["x = ", "f(", "'abc", "if x:", "class A:\n  def f(self", "a."])
def test_a_beginning_may_go_on(source: str) -> None:
    assert viable(source)


@pytest.mark.parametrize("source", ["x = (1]", "a b", "def f(:", "x = = ", "\0"])
def test_a_mistake_stays_one(source: str) -> None:
    assert not viable(source)


def test_a_window_knows_whether_it_was_cut() -> None:
    whole = placed("x = ", "1", "\n")
    assert whole is not None
    assert (whole.head_cut, whole.tail_cut) == (False, False)
    cut_both = placed("ken(x)\n    b = 2\nimport os\nx = ", "1", "\n" * SUFFIX_CHARS)
    assert cut_both is not None
    assert (cut_both.head_cut, cut_both.tail_cut) == (True, True)
