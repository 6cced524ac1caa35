"""What each outcome teaches: one row of the table per test."""

from dataclasses import replace
from typing import Any

import pytest

from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Rating, Signal
from penchant_trainer import weights
from penchant_trainer.pairs import harvest
from penchant_trainer.units import Event

K = OutcomeKind


def signal(
    kind: OutcomeKind,
    *,
    text: str = "load(path, mode)",
    name: str = "c1",
    finish: str | None = "stop",
    others: tuple[str, ...] = (),
    prefix: str = "value = ",
    suffix: str = "\n",
    at: float = 1000.0,
    **outcome: Any,
) -> Signal:
    candidates = (Candidate(text, -1.0, finish), *(Candidate(o, -2.0, "stop") for o in others))
    completion = Completion(name, at, "ada", "w", "a.py", "python", prefix, suffix, candidates, 0)
    return Signal(completion, Outcome(name, kind, at + 1, at + 11, **outcome))


def only(row: Signal, *ratings: Rating) -> Event:
    (event,) = harvest([row], ratings)
    return event


def test_accepted_is_a_wanted_example_and_the_truth() -> None:
    event = only(signal(K.ACCEPTED, final_text="load(path, mode)"))
    (example,) = event.examples
    assert (example.completion, example.desirable, example.ended) == (
        "load(path, mode)",
        True,
        True,
    )
    assert event.truth == "load(path, mode)"
    assert not event.pairs


def test_an_accepted_text_that_was_cut_off_is_not_taught_to_end() -> None:
    (example,) = only(signal(K.ACCEPTED, finish="length")).examples
    assert not example.ended


def test_accepted_edited_is_a_pair_with_the_final_text_chosen() -> None:
    event = only(signal(K.ACCEPTED_EDITED, final_text='load(path, "r")', kept=0.6))
    (pair,) = event.pairs
    assert (pair.chosen, pair.rejected) == ('load(path, "r")', "load(path, mode)")
    assert pair.weight == pytest.approx(0.7)
    assert event.truth == 'load(path, "r")'
    assert pair.signal_ids == ("c1",)


@pytest.mark.parametrize(("kept", "count"), [(0.1, 0), (0.2, 1), (0.95, 1), (0.99, 0)])
def test_an_edit_counts_only_between_rewrite_and_slip(kept: float, count: int) -> None:
    event = only(signal(K.ACCEPTED_EDITED, final_text='load(path, "r")', kept=kept))
    assert len(event.pairs) == count


def test_an_edited_text_that_breaks_the_file_is_not_chosen() -> None:
    assert harvest([signal(K.ACCEPTED_EDITED, final_text="load(path, ", kept=0.6)]) == ()


def test_rejected_and_written_instead_is_a_pair_cut_to_the_same_extent() -> None:
    event = only(signal(K.REJECTED, instead='read(path, "r")\nmore = 1\nand_more = 2\n'))
    (pair,) = event.pairs
    assert pair.chosen == 'read(path, "r")'
    assert pair.chosen_ended
    assert event.truth == 'read(path, "r")'
    assert [e.completion for e in event.examples] == ['read(path, "r")']


def test_a_suggestion_cut_off_is_not_rejected_for_stopping_there() -> None:
    (pair,) = only(signal(K.REJECTED, finish="length", instead='read(path, "r")')).pairs
    assert not pair.rejected_ended


@pytest.mark.parametrize("instead", ["", "   ", "x", "load(path, mode)  "])
def test_what_is_not_another_text_teaches_nothing(instead: str) -> None:
    assert harvest([signal(K.REJECTED, instead=instead)]) == ()


def test_of_texts_of_very_different_length_only_the_written_one_is_learned() -> None:
    event = only(signal(K.REJECTED, instead="y" * 200))
    assert event.pairs == ()
    assert [(e.completion, e.desirable) for e in event.examples] == [("y" * 200, True)]


@pytest.mark.parametrize("kind", [K.REJECTED, K.ACCEPTED_EDITED])
def test_what_was_pasted_is_nobodys_preference(kind: K) -> None:
    pasted = signal(
        kind, instead="read(path, 1)", final_text="load(path, 1)", kept=0.6, flags=("foreign",)
    )
    assert harvest([pasted]) == ()


def _elsewhere(name: str, at: float, path: str) -> Signal:
    row = signal(K.REJECTED, name=name, at=at, instead=f"read({name})")
    return replace(row, completion=replace(row.completion, path=path))


def test_a_first_day_is_learned_whole_and_no_later_day_owns_the_model() -> None:
    first = [_elsewhere(f"a{n}", 1000.0 + n, f"{n % 9}.py") for n in range(100)]
    assert len(harvest(first)) == 100
    later = [_elsewhere(f"b{n}", n * 86400.0, f"later{n}.py") for n in range(1, 11)]
    assert len(harvest(first + later)) == 40 + 10


def test_an_explicit_dismissal_weighs_more_than_typing_over() -> None:
    said = only(signal(K.REJECTED, instead="read(path, 1)", flags=("dismissed",)))
    shown = only(signal(K.REJECTED, instead="read(path, 1)"))
    doubted = only(signal(K.REJECTED, instead="read(path, 1)", flags=("assisted",)))
    found = [event.pairs[0].weight for event in (said, shown, doubted)]
    assert found == [1.0, weights.TYPED_OVER, weights.TYPED_OVER * 0.5]


def test_cycled_candidates_lose_against_the_accepted_one() -> None:
    row = signal(
        K.ACCEPTED, others=("open(path, mode)", "never(seen, it)"), flags=("seen:1", "seen:x")
    )
    (pair,) = only(row).pairs
    assert (pair.chosen, pair.rejected) == ("load(path, mode)", "open(path, mode)")


def test_undone_is_unwanted() -> None:
    (example,) = only(signal(K.UNDONE)).examples
    assert not example.desirable


def test_partially_accepted_wants_the_part_and_hardly_unwants_the_rest() -> None:
    row = signal(K.PARTIALLY_ACCEPTED, accepted_chars=10, final_text='load(path, "r")')
    event = only(row)
    part, rest = event.examples
    assert (part.completion, part.desirable, part.ended) == ("load(path,", True, False)
    assert (rest.prefix, rest.completion, rest.desirable) == (
        "value = load(path,",
        " mode)",
        False,
    )
    assert rest.weight == pytest.approx(weights.PARTIAL_REST)
    assert event.pairs[0].chosen == 'load(path, "r")'


@pytest.mark.parametrize("kind", [K.IGNORED, K.CENSORED])
def test_silence_teaches_nothing(kind: OutcomeKind) -> None:
    assert harvest([signal(kind, instead="read(path, 1)")]) == ()


def test_a_suggestion_that_was_not_shown_teaches_nothing() -> None:
    row = signal(K.ACCEPTED)
    from dataclasses import replace

    assert harvest([replace(row, completion=replace(row.completion, shown=None))]) == ()


def test_a_ranking_gives_every_pair_of_it() -> None:
    row = signal(K.IGNORED, others=("open(path, mode)", "find(path, mode)"))
    event = only(row, Rating("c1", 1.0, "ranking", order=(2, 0, 1, 7)))
    assert [(p.chosen[:4], p.rejected[:4]) for p in event.pairs] == [
        ("find", "load"),
        ("find", "open"),
        ("load", "open"),
    ]
    assert {p.weight for p in event.pairs} == {weights.EXPLICIT}


def test_what_was_said_outright_beats_what_was_done() -> None:
    event = only(signal(K.ACCEPTED), Rating("c1", 1.0, "direct", value=-1))
    assert [e.desirable for e in event.examples] == [False]


def test_the_newest_of_two_comparisons_counts() -> None:
    row = signal(K.IGNORED, others=("open(path, mode)",))
    once = Rating("c1", 1.0, "comparison", order=(0, 1))
    again = Rating("c1", 2.0, "comparison", order=(1, 0))
    for said in ((once, again), (again, once)):
        (pair,) = only(row, *said).pairs
        assert (pair.chosen, pair.rejected) == ("open(path, mode)", "load(path, mode)")
        assert pair.weight == weights.EXPLICIT


def test_a_good_and_a_bad_mark_make_a_pair() -> None:
    row = signal(K.IGNORED, others=("open(path, mode)",))
    good = Rating("c1", 1.0, "direct", value=1, order=(1,))
    bad = Rating("c1", 2.0, "direct", value=-1, order=(0,))
    event = only(row, good, bad)
    (pair,) = event.pairs
    assert (pair.chosen, pair.rejected) == ("open(path, mode)", "load(path, mode)")
    assert {(e.completion, e.desirable) for e in event.examples} == {
        ("open(path, mode)", True),
        ("load(path, mode)", False),
    }


def test_a_comparison_overrules_what_cycling_and_accepting_seemed_to_say() -> None:
    row = signal(K.ACCEPTED, others=("open(path, mode)",), flags=("seen:1",))
    inferred = only(row).pairs
    assert [(p.chosen, p.rejected) for p in inferred] == [("load(path, mode)", "open(path, mode)")]
    said = only(row, Rating("c1", 1.0, "comparison", order=(1, 0))).pairs
    assert [(p.chosen, p.rejected) for p in said] == [("open(path, mode)", "load(path, mode)")]
    same = only(row, Rating("c1", 1.0, "comparison", order=(0, 1))).pairs
    assert [p.weight for p in same] == [weights.EXPLICIT]


def test_a_good_mark_protects_a_suggestion_that_was_not_used() -> None:
    row = signal(K.REJECTED, instead="open(path, mode)", flags=("dismissed",))
    assert only(row).pairs
    event = only(row, Rating("c1", 1.0, "direct", value=1, order=(0,)))
    assert not event.pairs
    assert {(e.completion, e.desirable) for e in event.examples} == {
        ("load(path, mode)", True),
        ("open(path, mode)", True),
    }


def test_a_bad_mark_leaves_what_was_written_by_hand() -> None:
    row = signal(K.REJECTED, instead="open(path, mode)", flags=("dismissed",))
    event = only(row, Rating("c1", 1.0, "direct", value=-1))
    assert ("open(path, mode)", True) in {(e.completion, e.desirable) for e in event.examples}
    assert event.pairs


def test_an_accepted_suggestion_with_a_bad_mark_is_no_truth() -> None:
    assert only(signal(K.ACCEPTED), Rating("c1", 1.0, "direct", value=-1)).truth is None


def test_ratings_that_do_not_fit_teach_nothing() -> None:
    row = signal(K.IGNORED, others=("open(path, mode)",))
    strays = [
        Rating("c1", 1.0, "comparison", order=(0, 9)),
        Rating("c1", 1.0, "comparison", order=(0, 0)),
        Rating("c1", 1.0, "direct", value=1, order=(7,)),
        Rating("c1", 1.0, "direct"),
    ]
    assert harvest([row], strays) == ()


def test_old_signals_weigh_less() -> None:
    day = 86400.0
    old, new = harvest(
        [
            signal(K.ACCEPTED, name="old", prefix="a = ", at=0.0),
            signal(K.ACCEPTED, name="new", prefix="b = ", at=weights.HALF_LIFE_DAYS * day),
        ]
    )
    assert old.examples[0].weight == pytest.approx(0.5, abs=1e-4)
    assert new.examples[0].weight == 1.0


def test_what_did_not_survive_weighs_less() -> None:
    event = only(signal(K.ACCEPTED, probes=((15.0, 1.0), (300.0, 0.5))))
    assert event.examples[0].weight == 0.5


def test_the_same_twice_counts_once_and_the_newest_stays() -> None:
    rows = [signal(K.ACCEPTED, name=f"c{n}", at=1000.0 + n * 9000) for n in range(4)]
    assert [event.signal_id for event in harvest(rows)] == ["c3"]


def test_one_file_in_one_hour_does_not_own_the_model() -> None:
    rows = [signal(K.ACCEPTED, name=f"c{n}", prefix=f"v{n} = ", at=n * 1.0) for n in range(60)]
    events = harvest(rows)
    assert len(events) == 24
    assert events[-1].signal_id == "c59"


@pytest.mark.parametrize(
    ("text", "ended"), [("{", False), ("{}", True), ("call(a, b[0])", True), ("call(a,", False)]
)
def test_no_end_is_taught_after_an_open_bracket(text: str, ended: bool) -> None:
    (example,) = only(signal(K.ACCEPTED, text=text)).examples
    assert example.ended is ended
