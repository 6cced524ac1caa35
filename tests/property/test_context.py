"""Whatever there is to choose from: never more than the room, nothing twice, nothing torn."""

import json

from hypothesis import given
from hypothesis import strategies as st

from penchant_core.context_settings import SOURCES
from penchant_core.fim import FAMILIES, Budget, FimRenderer
from penchant_core.wire import MAX_CONTEXT_FILES, ContextSnippet
from penchant_lsp.context.bm25 import Bm25
from penchant_lsp.context.desk import changed_region
from penchant_lsp.context.python_imports import imports
from penchant_lsp.context.selection import Room, select
from penchant_lsp.context.source import Piece
from penchant_lsp.context.words import names_near, words

LINES = st.sampled_from(["def f(x):", "    return x", "y = 1", "𝄞 = 'é𝄞'", "", "    pass", "a\tb"])
TEXTS = st.lists(LINES, max_size=12).map("\n".join)
PIECES = st.lists(
    st.builds(
        Piece,
        source=st.sampled_from(SOURCES),
        path=st.sampled_from(["a.py", "b/c.py", "𝄞.py"]) | st.integers(0, 40).map("{}.py".format),
        text=TEXTS,
        why=st.just("because"),
        score=st.floats(0, 1),
        line=st.integers(0, 99),
    ),
    max_size=30,
)
ROOMS = st.builds(Room, chars=st.integers(0, 800), above=TEXTS, below=TEXTS)


@given(PIECES, ROOMS)
def test_the_room_is_never_exceeded_and_the_model_takes_it_all(
    pieces: list[Piece], room: Room
) -> None:
    chosen = select(pieces, room)
    assert sum(len(each.text) for each in chosen) <= room.chars
    assert len(chosen) <= MAX_CONTEXT_FILES
    wire = [ContextSnippet(path=each.path, text=each.text, why=each.why) for each in chosen]
    assert json.loads(json.dumps([each.model_dump() for each in wire], ensure_ascii=False)) == [
        each.model_dump() for each in wire
    ]
    prompt = FimRenderer(FAMILIES[0], Budget(context_chars=room.chars)).render("", "", wire, "x")
    assert all(each.text.rstrip() in prompt for each in chosen)


@given(PIECES, ROOMS)
def test_only_whole_lines_of_the_pieces_are_sent(pieces: list[Piece], room: Room) -> None:
    known = {line for piece in pieces for line in piece.text.split("\n")}
    for snippet in select(pieces, room):
        assert set(snippet.text.split("\n")) <= known
        snippet.text.encode("utf-16")


@given(PIECES, ROOMS)
def test_the_choice_does_not_hang_on_the_order_and_is_stable(
    pieces: list[Piece], room: Room
) -> None:
    once = select(pieces, room)
    unique = {(p.score, p.source, p.path, p.line): p for p in pieces}
    if len(unique) == len(pieces):
        assert select(list(reversed(pieces)), room) == once


@given(st.lists(LINES), st.lists(LINES))
def test_a_changed_region_tells_the_whole_change(before: list[str], after: list[str]) -> None:
    region = changed_region(before, after)
    if region is None:
        assert before == after
        return
    rebuilt = [
        *before[: region.start],
        *after[region.start : region.start + region.added],
        *before[region.start + region.removed :],
    ]
    assert rebuilt == after


@given(st.lists(st.tuples(st.integers(0, 5), TEXTS), max_size=20), TEXTS)
def test_ranking_is_the_same_however_the_texts_came(
    steps: list[tuple[int, str]], query: str
) -> None:
    grown: Bm25[int] = Bm25()
    for key, text in steps:
        grown.add(key, words(text))
    fresh: Bm25[int] = Bm25()
    for key, text in dict(steps).items():
        fresh.add(key, words(text))
    found, expected = grown.scores(words(query)), fresh.scores(words(query))
    assert {k: round(v, 9) for k, v in found.items()} == {
        k: round(v, 9) for k, v in expected.items()
    }
    assert all(0 <= score <= 1.0000001 for score in found.values())


@given(st.text(max_size=100), st.text(max_size=100))
def test_any_text_has_names_and_imports(prefix: str, suffix: str) -> None:
    assert all(0 < weight <= 1 for weight in names_near(prefix, suffix).values())
    assert isinstance(imports(prefix), list)
