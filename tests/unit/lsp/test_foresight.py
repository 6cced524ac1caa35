"""Looking ahead is worth it while suggestions are accepted, and not for who accepts none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_core.signals import OutcomeKind
from penchant_lsp.foresight import FAIR, HALF_LIFE_S, REMEMBERED, Foresight


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _seen(*kept: bool, clock: Clock | None = None) -> Foresight:
    """Return the foresight after suggestions that stood, of which some were kept."""
    foresight = Foresight(clock or Clock())
    for number, each in enumerate(kept):
        foresight.stood(f"c{number}")
        if each:
            foresight.kept(f"c{number}")
    return foresight


@pytest.mark.parametrize(
    ("kept", "worth"),
    [
        ([], True),
        ([False] * 3, True),
        ([False] * 4, False),
        ([True] + [False] * 8, True),
        ([True] + [False] * 11, False),
        ([False] * 8 + [True] * 2, True),
        ([False, False, False, True] * 20, True),
        ([False] * 19 + [True], False),
    ],
)
def test_it_is_worth_it_while_enough_are_kept(kept: list[bool], worth: bool) -> None:
    assert _seen(*kept).worth is worth


def test_one_suggestion_counts_once_however_often_it_stands() -> None:
    foresight = Foresight(Clock())
    for _ in range(20):
        foresight.stood("the same")
    assert foresight.worth


def test_keeping_counts_once_however_often_it_is_said() -> None:
    foresight = _seen(*[False] * 12)
    for _ in range(20):
        foresight.kept("c3")
        foresight.note("c3", OutcomeKind.ACCEPTED)
    assert not foresight.worth


@pytest.mark.parametrize("kind", OutcomeKind)
def test_outcomes_say_it_for_editors_without_commands(kind: OutcomeKind) -> None:
    foresight = _seen(*[False] * 5)
    for number in range(5):
        foresight.note(f"c{number}", kind)
    kept = {OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED_EDITED, OutcomeKind.TYPED_THROUGH}
    assert foresight.worth is (kind in kept)


def test_who_accepts_at_once_is_looked_ahead_for() -> None:
    foresight = _seen(*[False] * 6)
    assert not foresight.worth
    for number in range(2):
        foresight.kept(f"at once {number}")  # before it had stood for a moment
    assert foresight.worth


def test_it_is_forgotten() -> None:
    clock = Clock()
    foresight = _seen(*[False] * 6, clock=clock)
    clock.now += HALF_LIFE_S
    assert foresight.worth


@given(st.lists(st.booleans(), max_size=200))
def test_it_follows_the_share_and_remembers_little(kept: list[bool]) -> None:
    foresight = _seen(*kept)
    assert foresight.worth is ((sum(kept) + 1) / (len(kept) + 3) >= FAIR)
    assert len(foresight._known) <= REMEMBERED
