"""Habits can be looked for in anything, and only a completion's own characters speak for it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from penchant_trainer.style.habits import HABITS, verdicts
from penchant_trainer.style.tally import tally

WORDS = r'''
def f(~a~: int~)~ -> str~:~    ~"~'~"""~x = ~[]~for ~if ~else~#~f'{a}'~None~ == ~except ~,~\~é~{
'''
PIECES = st.sampled_from(["\n", *WORDS.strip("\n").split("~")])
CODE = st.lists(PIECES, max_size=12).map("".join)


@given(CODE, CODE, CODE)
@settings(max_examples=150, deadline=None)
def test_every_fragment_can_be_judged(prefix: str, completion: str, suffix: str) -> None:
    found = verdicts(prefix, completion, suffix)
    assert set(found) <= set(HABITS)
    assert found == verdicts(prefix, completion, suffix)
    counts = tally([(prefix, completion, suffix)]).counts
    assert {name: bool(count.shown) for name, count in counts.items()} == found


@given(CODE, CODE)
@settings(max_examples=60, deadline=None)
def test_who_writes_nothing_shows_nothing(prefix: str, suffix: str) -> None:
    assert verdicts(prefix, "", suffix) == {}
