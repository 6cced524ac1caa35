"""Each source by itself: what it offers for a place, and what it leaves out."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Signal
from penchant_core.store import SignalStore
from penchant_lsp.context.definitions import Answer, Definitions, Imports, OpenFiles
from penchant_lsp.context.desk import MOST_DOCUMENTS, Desk, Region, Snapshot, changed_region
from penchant_lsp.context.edits import AGE_S, Edits
from penchant_lsp.context.index import Found
from penchant_lsp.context.kept import AGAIN_S, Kept
from penchant_lsp.context.lookup import Hit
from penchant_lsp.context.similar import Similar
from penchant_lsp.context.source import ContextSource, Piece, Query
from penchant_lsp.context.visits import Visits

ROOT = Path("/w")


def _shot(name: str, *lines: str, opened: bool = True, root: Path = ROOT) -> Snapshot:
    return Snapshot(f"file://{root}/{name}", root, name, "python", list(lines), opened)


def _query(prefix: str = "", name: str = "here.py", *, now: float = 10.0, ws: str = "") -> Query:
    line = prefix.count("\n")
    uri = f"file:///w/{name}"
    return Query(uri, ROOT, name, "python", prefix, "", prefix, "", line, now, ws)


def _texts(source: ContextSource, query: Query) -> list[str]:
    return [piece.text for piece in source.pieces(query)]


# -- the desk


@pytest.mark.parametrize(
    ("before", "after", "region"),
    [
        ("abc", "abc", None),
        ("abc", "abxc", Region(2, 0, 1)),
        ("abc", "ac", Region(1, 1, 0)),
        ("abc", "axc", Region(1, 1, 1)),
        ("", "x", Region(0, 0, 1)),
        ("aaa", "aa", Region(2, 1, 0)),
        ("abab", "ab", Region(2, 2, 0)),
    ],
)
def test_the_changed_region(before: str, after: str, region: Region | None) -> None:
    assert changed_region(list(before), list(after)) == region


def test_the_desk_is_bounded_and_refuses_what_nobody_wrote() -> None:
    desk = Desk()
    for number in range(MOST_DOCUMENTS + 5):
        desk.take(_shot(f"{number}.py", "x"), 0.0)
    assert len(list(desk.below(ROOT))) == MOST_DOCUMENTS
    desk.take(_shot("44.py", "x" * 5000), 0.0)
    assert desk.get("file:///w/44.py") is None


# -- edits


def _edited(desk: Desk, *states: Sequence[str], name: str = "a.py", now: float = 1.0) -> None:
    for lines in states:
        desk.take(_shot(name, *lines), now)


def test_new_lines_come_as_they_are() -> None:
    edits = Edits(desk := Desk())
    _edited(desk, "ab", ["a", "def new(x):", "b"])
    assert _texts(edits, _query()) == ["def new(x):"]


def test_edits_that_touch_are_one_hunk_from_the_first_text() -> None:
    edits = Edits(desk := Desk())
    _edited(desk, ["a", "old()", "b"], ["a", "ol()", "b"], ["a", "new()", "b"], ["a", "new()", "c"])
    assert _texts(edits, _query()) == ["-old()\n-b\n+new()\n+c"]


def test_hunks_move_with_edits_above_them() -> None:
    edits = Edits(desk := Desk())
    start = [str(n) for n in range(9)]
    _edited(desk, start, [*start[:7], "later()", *start[7:]])
    _edited(desk, ["first()", "second()", *start[:7], "later()", *start[7:]])
    assert sorted(_texts(edits, _query())) == ["first()\nsecond()", "later()"]


def test_a_hunk_between_two_joins_them() -> None:
    edits = Edits(desk := Desk())
    start = list("abcdefgh")
    one = [*start[:2], "ONE", *start[2:]]
    two = [*one[:7], "TWO", *one[7:]]
    _edited(desk, start, one, two, ["a", "b", "ALL", "h"])
    [text] = _texts(edits, _query())
    assert text == "\n".join([*(f"-{c}" for c in "cdefg"), "+ALL"])


def test_what_is_undone_too_large_or_old_is_no_hunk() -> None:
    edits = Edits(desk := Desk())
    _edited(desk, "ab", "axb", "ab")
    _edited(desk, "ab", ["a", *("checkout" for _ in range(60)), "b"], name="b.py")
    assert _texts(edits, _query()) == []
    _edited(desk, "ab", ["a", "fresh()", "b"], name="c.py", now=5.0)
    assert _texts(edits, _query(now=6.0)) == ["fresh()"]
    assert _texts(edits, _query(now=6.0 + AGE_S)) == []


def test_what_stands_before_the_cursor_is_no_news() -> None:
    edits = Edits(desk := Desk())
    _edited(desk, "ab", ["a", "new()", "b"], name="here.py")
    assert _texts(edits, _query("a\nnew()\n")) == []
    assert _texts(edits, _query("elsewhere\n")) == ["new()"]


def test_other_workspaces_stay_out_of_every_source() -> None:
    desk, other = Desk(), Path("/other")
    edits, visits, similar = Edits(desk), Visits(desk), Similar(desk)
    for lines in (["total = price * count"], ["total = price * count", "total += tax"]):
        desk.take(_shot("a.py", *lines, root=other), 0.0)
    visits.visit(f"file://{other}/a.py", 0)
    query = _query("total = price")
    assert [*edits.pieces(query), *visits.pieces(query), *similar.pieces(query)] == []


def test_a_dropped_document_leaves_nothing() -> None:
    desk = Desk()
    edits, visits, similar = Edits(desk), Visits(desk), Similar(desk)
    query = _query("total = price")
    _edited(desk, ["total = price"], ["total = price", "total += tax"])
    assert all(_texts(each, query) for each in (edits, visits, similar))
    desk.drop("file:///w/a.py")
    assert not any(_texts(each, query) for each in (edits, visits, similar))


# -- visits and similar


def test_places_are_shown_newest_first_and_not_the_present_one() -> None:
    visits = Visits(desk := Desk())
    desk.take(_shot("a.py", *(f"a{n}" for n in range(60))), 0.0)
    desk.take(_shot("here.py", *(f"h{n}" for n in range(60))), 0.0)
    for uri, line in (("a", 3), ("a", 40), ("here", 0), ("here", 50)):
        visits.visit(f"file:///w/{uri}.py", line)
    found = list(visits.pieces(_query("nothing alike\n")))
    assert [(piece.path, piece.line) for piece in found] == [
        ("here.py", 45), ("a.py", 35), ("a.py", 0),
    ]  # fmt: skip
    assert found[1].text.startswith("a35\n")
    assert found[0].score > found[1].score > found[2].score


def test_similar_code_is_found_and_followed() -> None:
    similar = Similar(desk := Desk())
    noise = [f"unrelated_{n} = load_{n}()" for n in range(40)]
    desk.take(_shot("a.py", *noise[:20], "rate = convert_currency(amount, euro)", *noise[20:]), 0)
    query = _query("amount = 3\nresult = convert_currency(")
    assert "convert_currency(amount, euro)" in next(iter(similar.pieces(query))).text
    desk.take(_shot("a.py", *noise), 0)
    assert not any("convert_currency" in text for text in _texts(similar, query))


# -- definitions


def test_definitions_are_told_apart_and_outlines_follow_the_desk() -> None:
    answer, desk = Answer(), Desk()
    hits = (Hit(True, "m.py", 3, "f", "def f():", 0.5), Hit(False, "n.py", 1, "g", "def g():", 1))
    outlines = (
        Hit(False, "a.py", 0, "A", "class A:", 0),
        Hit(False, "b.py", 0, "B", "class B:", 0),
    )
    answer.found = Found(hits, outlines)
    desk.take(_shot("a.py", "x"), 0)
    desk.take(_shot("b.py", "x"), 0)
    desk.closed("file:///w/a.py")
    query = _query()
    assert list(Imports(answer).pieces(query)) == [
        Piece("imports", "m.py", "def f():", "defines f, imported here", 0.475, 3)
    ]
    assert _texts(Definitions(answer), query) == ["def g():"]
    assert _texts(OpenFiles(desk, answer), query) == ["class B:"]


# -- kept


def _signal(name: str, kind: OutcomeKind, final: str, ws: str = "ws") -> Signal:
    done = Completion(
        id=name,
        at=1.0,
        developer="ada",
        workspace=ws,
        path="a.py",
        language="python",
        prefix="def total(prices):\n    return ",
        suffix="\n\n\nx = 1",
        candidates=(Candidate("what was suggested"),),
        shown=0,
    )
    return Signal(done, Outcome(name, kind, 1.0, 2.0, 9, 9, final_text=final, kept=1.0))


def test_kept_suggestions_are_examples_where_recording_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "ada.db"
    with SignalStore(path) as store:
        store.add(_signal("1", OutcomeKind.ACCEPTED, "sum(prices.values())"))
        store.add(_signal("2", OutcomeKind.REJECTED, "rejected(prices)"))
        store.add(_signal("3", OutcomeKind.ACCEPTED, "other_place(prices)", ws="else"))
        store.add(_signal("4", OutcomeKind.ACCEPTED_EDITED, "math.fsum(prices)"))
    allowed = {"ws"}
    kept = Kept(path, lambda ws: ws in allowed)
    query = _query("def total(prices):\n    return ", ws="ws")
    assert _texts(kept, query) == [], "nothing is read on the keystroke's path"
    kept.refresh(0.0)
    start = "def total(prices):\n    return "
    assert sorted(_texts(kept, query)) == [
        f"{start}math.fsum(prices)", f"{start}sum(prices.values())",
    ]  # fmt: skip
    assert _texts(kept, _query("def total(prices):")) == [], "no consent here"
    with SignalStore(path) as store:
        store.erase()
    kept.refresh(AGAIN_S)
    assert _texts(kept, query) == []


def test_no_log_is_made(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "none.db", lambda _: True)
    kept.refresh(0.0)
    assert list(tmp_path.iterdir()) == []
