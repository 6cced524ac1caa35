"""What is left to judge, and what an answer says."""

from dataclasses import replace

import pytest
from samples import signal

from penchant_core.signals import Candidate, Rating, Signal
from penchant_core.unrated import Unrated, unrated

TWO = (Candidate("one()", -1.0, "stop"), Candidate("two()", -1.0, "stop"))


def _only(row: Signal) -> Unrated:
    (item,) = unrated([row], [])
    return item


def _rewritten(kind: str, **changes: object) -> Signal:
    row = signal(kind=kind)
    assert row.outcome is not None
    return replace(row, outcome=replace(row.outcome, **changes))  # type: ignore[arg-type]


def test_candidates_of_one_completion() -> None:
    item = _only(signal(candidates=(*TWO, Candidate(" "), Candidate("one()"))))
    assert (item.kind, item.texts, item.indices) == ("candidates", ("one()", "two()"), (0, 1))
    (said,) = item.preferred(1, 5.0)
    assert (said.kind, said.order) == ("comparison", (1, 0))
    (ranked,) = item.ranked([1, 0], 5.0)
    assert (ranked.kind, ranked.order) == ("ranking", (1, 0))
    (mark,) = item.marked(-1, 5.0, "long")
    assert (mark.kind, mark.value, mark.order, mark.reason) == ("direct", -1, (0,), "long")


@pytest.mark.parametrize("choices", [[], [0], [0, 0], [0, 7], [-1, 0]])
def test_no_ranking(choices: list[int]) -> None:
    with pytest.raises(ValueError, match="ranking"):
        _only(signal(candidates=TWO)).ranked(choices, 1.0)


@pytest.mark.parametrize(
    ("kind", "field"),
    [("rejected", "instead"), ("undone", "instead"), ("accepted_edited", "final_text")],
)
def test_a_suggestion_and_what_was_written(kind: str, field: str) -> None:
    item = _only(_rewritten(kind, **{field: "return 2"}))
    assert (item.kind, item.texts, item.indices) == ("written", ("return 1", "return 2"), (0, None))
    assert [r.value for r in item.preferred(0, 1.0)] == [1]
    assert [r.value for r in item.preferred(1, 1.0)] == [-1]


@pytest.mark.parametrize(
    "row",
    [
        signal(),
        signal(kind=None),
        _rewritten("rejected", instead="return 1 "),
        _rewritten("rejected", instead=""),
        _rewritten("rejected", instead="pasted", flags=("foreign",)),
        _rewritten("ignored", instead="return 2"),
    ],
)
def test_nothing_to_judge(row: Signal) -> None:
    assert unrated([row], []) == []


def test_what_was_judged_is_left_out_and_the_newest_come_first() -> None:
    rows = [signal(f"c{n}", candidates=TWO, at=float(n)) for n in range(4)]
    found = unrated(rows, [Rating("c2", 1.0, "direct", 1)], {"c1"})
    assert [item.signal.completion.id for item in found] == ["c3", "c0"]


def test_what_teaches_most_comes_first() -> None:
    plain = signal("plain", candidates=TWO, at=9.0)
    doubt = signal(
        "doubt",
        candidates=(
            Candidate("return sum(prices) + shipping", -4.0, "stop"),
            Candidate("for each in prices: yield each", -4.0, "stop"),
        ),
        at=1.0,
        prefix="def f(prices):\n    ",
    )
    assert [i.signal.completion.id for i in unrated([plain, doubt], [])] == ["doubt", "plain"]
