"""Whatever the rows are: the same rows give the same pairs, and no pair breaks a rule."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Rating, Signal
from penchant_trainer.extent import MAX_LOG_LENGTH_RATIO, cut_to_extent
from penchant_trainer.pairs import harvest
from penchant_trainer.split import split

TEXT = st.text(alphabet="ab(x)= \n\"'é", max_size=40)
FLAGS = st.lists(
    st.sampled_from(["inferred", "foreign", "late", "dismissed", "seen:1"]), max_size=2
)


@st.composite
def rows(draw: st.DrawFn) -> list[Signal]:
    found = []
    for n in range(draw(st.integers(0, 12))):
        candidates = tuple(
            Candidate(text, -1.0, draw(st.sampled_from(["stop", "length", None])))
            for text in draw(st.lists(TEXT, min_size=1, max_size=3))
        )
        at = draw(st.floats(0, 1e7))
        completion = Completion(
            f"c{n}", at, "ada", "w", draw(st.sampled_from(["a.py", "b.ts"])),
            draw(st.sampled_from(["python", "typescript"])), draw(TEXT), draw(TEXT), candidates,
            draw(st.sampled_from([0, None])),
        )  # fmt: skip
        outcome = Outcome(
            f"c{n}", draw(st.sampled_from(list(OutcomeKind))), at + 1, at + 2,
            draw(st.integers(0, 50)), 0, draw(TEXT), draw(TEXT),
            draw(st.none() | st.floats(0, 1)), flags=tuple(draw(FLAGS)),
        )  # fmt: skip
        found.append(Signal(completion, draw(st.just(outcome) | st.none()), n + 1))
    return found


RATINGS = st.lists(
    st.builds(
        Rating,
        st.sampled_from(["c0", "c1", "gone"]),
        st.floats(0, 1e7),
        st.sampled_from(["direct", "comparison", "ranking"]),
        st.sampled_from([-1, 0, 1]),
        st.lists(st.integers(-1, 4), max_size=4).map(tuple),
    ),
    max_size=3,
)


@given(rows(), RATINGS, st.randoms())
@settings(max_examples=150, deadline=None)
def test_the_same_rows_give_the_same_pairs(
    found: list[Signal], ratings: list[Rating], dice: object
) -> None:
    first = repr(harvest(found, ratings)).encode()
    shuffled = list(found)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert repr(harvest(shuffled, ratings)).encode() == first


@given(rows(), RATINGS)
@settings(max_examples=150, deadline=None)
def test_every_pair_keeps_the_rules(found: list[Signal], ratings: list[Rating]) -> None:
    by_id = {s.completion.id: s for s in found}
    for event in harvest(found, ratings):
        row = by_id[event.signal_id]
        for example in event.examples:
            assert 0 < example.weight <= 2
            assert example.completion.strip()
            assert example.signal_ids == (event.signal_id,)
        for pair in event.pairs:
            assert 0 < pair.weight <= 2
            assert pair.signal_ids == (event.signal_id,)
            assert pair.chosen.strip() != pair.rejected.strip()
            rejected = [c for c in row.completion.candidates if c.text == pair.rejected]
            assert rejected, "a rejected text was once proposed"
            assert pair.rejected_ended <= any(c.finish_reason == "stop" for c in rejected)
            ratio = len(pair.chosen.strip()) / len(pair.rejected.strip())
            assert abs(math.log(ratio)) <= MAX_LOG_LENGTH_RATIO * 1.5


@given(TEXT, TEXT)
def test_a_cut_text_is_a_head_of_no_more_lines(text: str, suggestion: str) -> None:
    cut = cut_to_extent(text, suggestion)
    assert text.startswith(cut)
    assert cut.rstrip("\n").count("\n") <= suggestion.rstrip("\n").count("\n")
    assert cut_to_extent(cut, suggestion) == cut


@given(rows())
@settings(max_examples=100, deadline=None)
def test_no_signal_stands_on_both_sides_and_the_newest_are_held_out(found: list[Signal]) -> None:
    events = harvest(found)
    sides = split(events, least=2)
    train, held = ({e.signal_id for e in side} for side in (sides.train, sides.held_out))
    assert not train & held
    assert len(train) + len(held) + sides.purged == len(events)
    if sides.held_out:
        newest_trained = max((e.at for e in sides.train), default=0.0)
        assert newest_trained <= min(e.at for e in sides.held_out)
