"""When an answer's stream is ended has golden cases in a file for each reason: what has streamed
(nothing before its last character may tell), and where it stops, if it does."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_core.signals import Candidate
from penchant_lsp.extent import multi_line
from penchant_lsp.filters.chain import filtered
from penchant_lsp.filters.surroundings import Surroundings, around
from penchant_lsp.stopping import Stop, Why, concluded, stop

GOLDEN = Path(__file__).parents[2] / "golden" / "stopping"
FILTERED_TOO = {Why.LINE, Why.BELOW, Why.BLANK, Why.LOOP}


def _cases() -> list[Any]:
    return [
        pytest.param(path.stem, case, id=f"{path.stem}: {case['why']}")
        for path in sorted(GOLDEN.glob("*.toml"))
        for case in tomllib.loads(path.read_text("utf-8"))["case"]
    ]


def _place(case: dict[str, Any]) -> Surroundings:
    before, after = case["before"], case.get("after", "")
    left, right = before.rpartition("\n")[2], after.partition("\n")[0]
    many = multi_line(left, right)
    return around(before, after, many=many, language=case.get("language", "python"))


@pytest.mark.parametrize(("name", "case"), _cases())
def test_golden(name: str, case: dict[str, Any]) -> None:
    place, text = _place(case), case["streamed"]
    expected = Stop(case["stops"], Why(name)) if "stops" in case else None
    assert stop(text, place) == expected
    later = [stop(text + more, place) for more in ("k", "\n", "\n\n\nz\n", "x = 1\n" * 4)]
    if expected is not None:
        assert later == [expected] * 4, "what comes later changes nothing"
    short = [stop(text[:size], place) for size in range(len(text))]
    assert all(each is None for each in short), "as early as this, not earlier"


@pytest.mark.parametrize(("name", "case"), _cases())
def test_ending_a_stream_changes_nothing_that_is_shown(name: str, case: dict[str, Any]) -> None:
    place = _place(case)
    if "stops" in case and (Why(name) in FILTERED_TOO or place.begins_line):
        assert filtered(case["stops"], place) == filtered(case["streamed"], place)


def test_every_reason_has_cases_for_and_against_it() -> None:
    golden = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in GOLDEN.glob("*.toml")}
    assert set(golden) == set(Why)
    for name, each in golden.items():
        assert {"stops" in case for case in each["case"]} == {True, False}, name


LOOP = "of the end " * 6
MARKS = [
    "\n",
    "\n",
    "    ",
    "  ",
    "a()",
    "x = [",
    "]",
    "else",
    ":",
    "```",
    "`",
    "}",
    "end",
    "{",
    "\t",
]
PIECE = st.sampled_from([*MARKS, LOOP])
TEXT = st.lists(PIECE, max_size=12).map("".join)


@given(TEXT, st.sampled_from(["", "    ", "if x:", "    x = {", "  f(x =>"]), TEXT, st.data())
def test_the_verdict_does_not_depend_on_the_pieces(
    text: str, left: str, below: str, data: st.DataObject
) -> None:
    place = around(f"q = 1\n{left}", f"\n{below}", many=True, language="python")
    first = next((s for n in range(len(text) + 1) if (s := stop(text[:n], place))), None)
    assert stop(text, place) == first
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=4)))
    heard = [stop(text[:cut], place) for cut in cuts]
    assert all(each in (None, first) for each in heard)
    if first is not None:
        assert text.startswith(first.text)


PLACE = around("", "", many=True, language="python")


@pytest.mark.parametrize(
    ("candidate", "late", "expected"),
    [
        (Candidate("a\n\n\nb", -1.0, None), False, Candidate("a", -1.0, "stop")),
        (Candidate("a\n\n\nb", -1.0, "length"), False, Candidate("a", -1.0, "stop")),
        (Candidate("a\nb", -1.0, "length"), False, Candidate("a\nb", -1.0, "length")),
        (Candidate("a\nb\nc", -1.0, None), True, Candidate("a\nb", -1.0, None)),
        (Candidate("a\nb\nc", -1.0, "stop"), True, Candidate("a\nb\nc", -1.0, "stop")),
        (Candidate("half a li", -1.0, None), True, Candidate("half a li", -1.0, None)),
    ],
)
def test_what_counts_of_a_candidate(candidate: Candidate, late: bool, expected: Candidate) -> None:
    assert concluded(candidate, PLACE, late=late) == expected
