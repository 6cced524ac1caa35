import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_core.signals import OutcomeKind
from penchant_lsp.rhythm import LONGEST, MOST, MOST_TYPED_OVER, SHORTEST, Rhythm


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def keys(rhythm: Rhythm, clock: Clock, interval: float, count: int = 20) -> None:
    for _ in range(count):
        clock.now += interval
        rhythm.typed()


def test_a_newcomer_inside_a_word_waits_as_configured(clock: Clock) -> None:
    assert Rhythm(clock).pause_s(0.04, "retu", "") == pytest.approx(0.04)


@pytest.mark.parametrize("left", ["", "    ", "f(", "x = ", "self."])
def test_less_where_people_pause(clock: Clock, left: str) -> None:
    assert Rhythm(clock).pause_s(0.04, left, "") == pytest.approx(0.02)


def test_more_in_the_middle_of_a_word(clock: Clock) -> None:
    assert Rhythm(clock).pause_s(0.04, "re", "turn") == pytest.approx(0.06)


def test_slow_typists_are_given_time(clock: Clock) -> None:
    slow, fast = Rhythm(clock), Rhythm(clock)
    keys(slow, clock, 0.28)
    keys(fast, clock, 0.08)
    assert slow.pause_s(0.04, "a", "") > 3 * fast.pause_s(0.04, "a", "")


def test_breaks_say_nothing_about_the_tempo(clock: Clock) -> None:
    rhythm = Rhythm(clock)
    keys(rhythm, clock, 5.0)
    assert rhythm.tempo == 1.0


def test_outcomes_move_it_and_are_forgotten(clock: Clock) -> None:
    rhythm = Rhythm(clock)
    rhythm.note(OutcomeKind.UNDONE)
    rhythm.note(OutcomeKind.REJECTED, dismissed=True)
    assert rhythm.habit == pytest.approx(1.96)
    rhythm.note(OutcomeKind.IGNORED)
    assert rhythm.habit == pytest.approx(1.96)
    rhythm.note(OutcomeKind.ACCEPTED)
    assert rhythm.habit == pytest.approx(1.568)
    clock.now += 3600
    assert rhythm.habit == pytest.approx(1.0, abs=0.01)


def test_who_keeps_three_in_ten_is_not_made_to_wait(clock: Clock) -> None:
    rhythm = Rhythm(clock)
    for _ in range(20):
        for kind in [OutcomeKind.REJECTED] * 7 + [OutcomeKind.ACCEPTED] * 3:
            rhythm.note(kind)
    assert rhythm.habit <= 1.0


def test_typing_something_else_alone_lengthens_it_by_half_at_most(clock: Clock) -> None:
    rhythm = Rhythm(clock)
    for _ in range(40):
        rhythm.note(OutcomeKind.REJECTED)
    assert rhythm.habit == pytest.approx(MOST_TYPED_OVER)
    for _ in range(40):
        rhythm.note(OutcomeKind.REJECTED, dismissed=True)
    assert rhythm.habit == pytest.approx(MOST)
    rhythm.note(OutcomeKind.REJECTED)
    assert rhythm.habit == pytest.approx(MOST)


def test_after_a_rest_nobody_waits(clock: Clock) -> None:
    rhythm = Rhythm(clock)
    assert rhythm.wait_s(0.04, "retu", "", busy=False) == 0.0
    rhythm.asked()
    clock.now += 0.05
    assert rhythm.wait_s(0.04, "retur", "", busy=False) == 0.0


def test_a_burst_waits_for_its_end(clock: Clock) -> None:
    rhythm = Rhythm(clock)
    rhythm.asked()
    clock.now += 0.03
    assert rhythm.wait_s(0.04, "retu", "", busy=False) == pytest.approx(0.04)


def test_while_something_is_being_asked_the_pause_holds(clock: Clock) -> None:
    rhythm = Rhythm(clock)
    rhythm.asked()
    clock.now += 10
    assert rhythm.wait_s(0.04, "retu", "", busy=True) == pytest.approx(0.04)


def test_a_suggestion_stands_for_longer_than_this_developers_keys_are_apart(clock: Clock) -> None:
    for interval in (0.08, 0.13, 0.28):
        rhythm = Rhythm(clock)
        keys(rhythm, clock, interval)
        assert interval < rhythm.stand_s < 4 * interval


@given(
    base=st.floats(0, 2),
    left=st.text(max_size=8),
    right=st.text(max_size=8),
    intervals=st.lists(st.floats(0, 10), max_size=40),
    kinds=st.lists(st.sampled_from(OutcomeKind), max_size=40),
)
def test_the_pause_stays_within_its_bounds(
    base: float, left: str, right: str, intervals: list[float], kinds: list[OutcomeKind]
) -> None:
    clock = Clock()
    rhythm = Rhythm(clock)
    for interval in intervals:
        keys(rhythm, clock, interval, 1)
    for kind in kinds:
        rhythm.note(kind)
    pause = rhythm.pause_s(base, left, right)
    assert base * SHORTEST <= pause <= base * LONGEST
    assert (pause == 0) == (base == 0) or base < 1e-300
