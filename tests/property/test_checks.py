"""Whatever stands in a file, a check answers with a score or with nothing, and always the same."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from penchant_core.judging_settings import JudgingSettings
from penchant_trainer.rewards.placement import placed
from penchant_trainer.rewards.verifiable import checks
from penchant_trainer.units import Event

CHECKS = checks(JudgingSettings())
PIECES = [
    "x", "y = 1", "\n", "    ", "def f(a):", "class A(B):", "import os", "from . import a",
    "return ", "self.g(b=1)", "(", ")", "[", "'", '"""', "#", ":", "é", "\0", "\ud800", "\r",
    "\t", "\\", "\x0c", "🙂", "from x import *", "eval(z)", "match a:", "case b:", "lambda: 0",
    "f'{a!r:>{w}}'", "@d", "async ", "await q", "global x", "nonlocal x", "os.path.join(a)", "…",
    "print(i) ", "if a:", "else:", "os", ".", ", ", " = ", "type X = int", "def g[T](x: T): ...",
    "yield", "*a, **k", "\r\n",
]  # fmt: skip
CODE = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(CODE, CODE, CODE)
@example("(" * 500, "x", "")
@example("x = " + "-" * 3000, "1", "\n")
@example("", "nonlocal x", "\n")
@example("def f():\n    ", "return\n\ndef g(", "):\n    pass")
@settings(max_examples=120, deadline=None)
def test_a_check_scores_or_says_nothing(prefix: str, text: str, suffix: str) -> None:
    event = Event("s", 1, 0.0, "w", "a.py", "python", prefix, suffix, (), None)
    for name, check in CHECKS.items():
        (score,) = check.scores([event], [text])
        assert score is None or 0 <= score <= 1, name
        assert check.scores([event], [text]) == [score], name


@given(CODE, CODE, CODE)
@settings(max_examples=100, deadline=None)
def test_what_parses_lies_where_it_was_put(prefix: str, text: str, suffix: str) -> None:
    place = placed(prefix, text, suffix)
    if place is not None:
        assert place.begin <= place.end
        assert text in place.source
