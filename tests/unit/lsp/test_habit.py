"""Habit: one line is asked for where several are sent away, and only there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind
from penchant_lsp.habit import HALF_LIFE_S, LEAST_SEVERAL, MOST_PLACES, Habit, kind_of

ONE, SEVERAL = "x = 1", "x = 1\n    y = 2"
BLANK = kind_of("python", "    ")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _note(
    habit: Habit,
    text: str,
    kind: OutcomeKind,
    *,
    left: str = "    ",
    right: str = "",
    language: str = "python",
    accepted: int = 0,
) -> None:
    done = Completion(
        "c", 0.0, "ada", "w", "a.py", language, f"q\n{left}", f"{right}\nz", (Candidate(text),), 0
    )
    habit.note(done, Outcome("c", kind, 0.0, 1.0, accepted_chars=accepted))


def _noted(*outcomes: tuple[str, OutcomeKind], clock: Clock | None = None) -> Habit:
    habit = Habit(clock or Clock())
    for text, kind in outcomes:
        _note(habit, text, kind)
    return habit


KEPT, AWAY = OutcomeKind.ACCEPTED, OutcomeKind.REJECTED


def test_without_experience_syntax_decides() -> None:
    assert _noted().single() == frozenset()
    assert _noted(*[(SEVERAL, AWAY)] * 3).single() == frozenset()


def test_several_sent_away_and_one_kept_means_one() -> None:
    assert _noted(*[(SEVERAL, AWAY)] * 4, *[(ONE, KEPT)] * 2).single() == {BLANK}


def test_several_sent_away_means_one_even_where_one_was_never_seen() -> None:
    assert _noted(*[(SEVERAL, AWAY)] * 4).single() == {BLANK}


@pytest.mark.parametrize(
    "outcomes",
    [
        [(SEVERAL, AWAY)] * 6 + [(ONE, AWAY)] * 6,
        [(SEVERAL, KEPT)] * 3 + [(SEVERAL, AWAY)] * 3 + [(ONE, KEPT)] * 3,
        [(SEVERAL, OutcomeKind.IGNORED)] * 20 + [(ONE, KEPT)] * 5,
        [(SEVERAL, OutcomeKind.CENSORED)] * 20,
    ],
)
def test_no_worse_than_one_line_means_several(outcomes: list[tuple[str, OutcomeKind]]) -> None:
    assert _noted(*outcomes).single() == frozenset()


def test_the_first_line_of_several_taken_is_one_kept_and_several_sent_away() -> None:
    habit, whole = Habit(Clock()), Habit(Clock())
    for _ in range(4):
        _note(habit, SEVERAL, OutcomeKind.PARTIALLY_ACCEPTED, accepted=len("x = 1"))
        _note(whole, SEVERAL, OutcomeKind.PARTIALLY_ACCEPTED, accepted=len("x = 1\n    y"))
    assert (habit.single(), whole.single()) == ({BLANK}, frozenset())


def test_it_is_known_for_one_kind_of_place_only() -> None:
    habit = Habit(Clock())
    for _ in range(5):
        _note(habit, SEVERAL, AWAY, left="if x:", language="go")
        _note(habit, SEVERAL, AWAY, left="x = ")  # one line by syntax: nobody asked for several
        _note(habit, SEVERAL, AWAY, right=")")
    assert habit.single() == {kind_of("go", "if x:")}


def test_it_fades_and_several_get_another_chance() -> None:
    clock = Clock()
    habit = _noted(*[(SEVERAL, AWAY)] * 7, clock=clock)
    assert habit.single() == {BLANK}
    clock.now = 2 * HALF_LIFE_S
    assert habit.single() == frozenset()


@given(st.lists(st.tuples(st.sampled_from([ONE, SEVERAL]), st.sampled_from(OutcomeKind))))
def test_only_enough_judged_suggestions_of_several_lines_say_one(
    outcomes: list[tuple[str, OutcomeKind]],
) -> None:
    away = sum(text == SEVERAL and kind in (AWAY, OutcomeKind.UNDONE) for text, kind in outcomes)
    kept = sum(text == SEVERAL for text, _ in outcomes) - away
    if _noted(*outcomes).single():
        assert away + kept >= LEAST_SEVERAL


def test_it_remembers_no_more_than_so_many_places() -> None:
    habit = Habit(Clock())
    for number in range(3 * MOST_PLACES):
        for _ in range(4):
            _note(habit, SEVERAL, AWAY, language=f"l{number}")
    assert len(habit.single()) == MOST_PLACES
