"""How sure an engine was of the beginning of its text, and what the filter makes of it."""

import math

import pytest

from penchant_core.show_filter.certainty import certainty, certainty_of, right_chars
from penchant_core.show_filter.features import of_suggestion
from penchant_core.signals import HORIZONS, Candidate, Completion, Signal
from penchant_core.store import SignalStore

PIECES = [
    ([("ab", -0.5), ("cd", -1.0), ("efgh", -2.0)], (-1.5, -3.5, -3.5, -3.5)),
    ([("a", -0.5)], (-0.5, -0.5, -0.5, -0.5)),
    ([("a" * 40, -0.5), ("b", -9.0)], (-0.5, -0.5, -0.5, -0.5)),
    ([("ab", -0.5), ("\n", -0.25), ("cdefghij", -7.0)], (-0.75, -0.75, -0.75, -0.75)),
    ([("\n", -0.5), ("    ", -0.5), ("return", -1.0), (" x\n", -1.0), ("y", -9.0)],
     (-1.0, -2.0, -3.0, -3.0)),
    ([("ab", -math.inf)], (-99.0, -99.0, -99.0, -99.0)),
    ([("ab", 0.5)], (0.0, 0.0, 0.0, 0.0)),
    ([("ab", math.nan)], ()),
    ([], ()),
]  # fmt: skip


@pytest.mark.parametrize(("pieces", "expected"), PIECES)
def test_the_first_line_counts_up_to_each_length(
    pieces: list[tuple[str, float]], expected: tuple[float, ...]
) -> None:
    assert certainty(pieces) == expected


def test_without_it_the_sum_is_spread_over_the_text() -> None:
    assert certainty_of((), -2.0, 16) == (-0.5, -1.0, -2.0, -2.0)
    assert certainty_of((), None, 16) == certainty_of((), math.nan, 16) == ()
    own = (-0.1, -0.2, -0.3, -0.4)
    assert certainty_of(own, -9.0, 16) == own
    assert certainty_of((-0.1,), -2.0, 16) == certainty_of((), -2.0, 16), "of another length"
    assert certainty_of((math.nan,) * 4, -2.0, 16) == certainty_of((), -2.0, 16)


def test_characters_are_right_as_far_as_the_engine_is_sure() -> None:
    assert right_chars((0.0, 0.0, 0.0, 0.0), 99) == HORIZONS[-1]
    assert right_chars((0.0, 0.0, 0.0, 0.0), 5) == 5
    half = math.log(0.5)
    assert right_chars((0.0, half, -99.0, -99.0), 99) == pytest.approx(4 + 2)


def test_a_sure_beginning_is_seen_where_the_sum_is_the_same() -> None:
    sure = of_suggestion("", "", Candidate("a" * 40, -6.0, None, (-0.1, -0.1, -3.0, -6.0)))
    unsure = of_suggestion("", "", Candidate("a" * 40, -6.0, None, (-5.0, -5.5, -5.5, -6.0)))
    assert sure["sure_8"] > 0.9 > unsure["sure_8"]
    assert sure["right_chars"] > unsure["right_chars"]
    assert sure["doubt_32"] == unsure["doubt_32"]
    assert "sure_8" not in of_suggestion("", "", Candidate("a"))


def test_the_log_keeps_it(store: SignalStore) -> None:
    for name, sure in (("c1", (-0.1, -0.2, -0.3, -0.4)), ("c2", ())):
        shown = Candidate("value", -1.0, "stop", sure)
        store.add(Signal(Completion(name, 1.0, "ada", "w", "a.py", "python", "x", "", (shown,), 0)))
        found = store.signal(name)
        assert found is not None
        assert found.completion.candidates == (shown,)
