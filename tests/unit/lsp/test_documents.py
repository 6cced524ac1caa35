from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_lsp.documents import (
    MOST_CHARS,
    MOST_LINE,
    Change,
    Document,
    Edit,
    Units,
    column,
    normalised,
    width,
)

UNITS: list[Units] = ["utf-8", "utf-16", "utf-32"]
ENCODINGS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
LINES = st.lists(
    st.text(st.sampled_from("ab \t\f\v\u2028\x85e\u0301\u00e9\u4e16\U0001f600"), max_size=8),
    min_size=1,
    max_size=6,
)


def _units(text: str, units: Units) -> int:
    """An independent oracle: encode and count."""
    encoding, size = ENCODINGS[units]
    return len(text.encode(encoding)) // size


@given(lines=LINES, units=st.sampled_from(UNITS), data=st.data())
def test_positions_and_offsets_agree_with_the_encoded_text(
    lines: list[str], units: Units, data: st.DataObject
) -> None:
    text = "\n".join(lines)
    document = Document.opened("u", "python", 1, text, units)
    offset = data.draw(st.integers(0, len(text)))
    before = text[:offset].split("\n")
    position = (len(before) - 1, _units(before[-1], units))
    assert document.position(offset) == position
    assert document.offset(*position) == offset
    assert len(document) == len(text)


@given(lines=LINES, new=LINES, units=st.sampled_from(UNITS), eol=st.sampled_from(["\n", "\r\n"]),
       data=st.data())  # fmt: skip
def test_incremental_edits_agree_with_slices(
    lines: list[str], new: list[str], units: Units, eol: str, data: st.DataObject
) -> None:
    text, inserted = "\n".join(lines), "\n".join(new)
    document = Document.opened("u", "python", 1, eol.join(lines), units)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    change = Change(eol.join(new), document.position(start), document.position(end))
    edit = document.apply(change)
    assert edit is not None
    assert (edit.start, edit.end, edit.text) == (start, end, inserted)
    assert document.text == text[:start] + inserted + text[end:]


def test_a_whole_text_change_is_an_edit_of_everything() -> None:
    document = Document.opened("u", "python", 1, "a\r\nb", "utf-16")
    edit = document.apply(Change("c\rd\n"))
    assert edit is not None
    assert (edit.start, edit.end, edit.text) == (0, 3, "c\nd\n")
    assert document.lines == ["c", "d", ""]


@pytest.mark.parametrize(
    ("line", "character", "offset"), [(0, 99, 2), (9, 0, 5), (9, 9, 5), (1, 0, 3)]
)
def test_positions_beyond_the_end_mean_the_end(line: int, character: int, offset: int) -> None:
    document = Document.opened("u", "python", 1, "ab\ncd", "utf-16")
    assert document.offset(line, character) == offset


@pytest.mark.parametrize(("units", "inside"), [("utf-8", 2), ("utf-8", 4), ("utf-16", 2)])
def test_a_position_inside_a_character_means_before_it(units: Units, inside: int) -> None:
    assert column("a\U0001f600b", inside, units) == 1


def test_a_range_the_wrong_way_round_is_turned() -> None:
    document = Document.opened("u", "python", 1, "abcdef", "utf-16")
    document.apply(Change("X", (0, 4), (0, 2)))
    assert document.text == "abXef"


def test_lone_surrogates_are_kept_apart_from_positions() -> None:
    document = Document.opened("u", "python", 1, "a\ud83db", "utf-16")
    assert document.position(3) == (0, 3)
    assert width("\ud83d", "utf-16") == 1


def test_around_gives_windows_and_halves_of_the_line() -> None:
    document = Document.opened("u", "python", 1, "one\ntwo three\nfour", "utf-16")
    assert document.around(1, 3, 100, 100) == ("one\ntwo", " three\nfour", "two", " three")
    assert document.around(1, 3, 5, 3) == ("e\ntwo", " th", "two", " three")
    assert document.around(1, 3, 2, 0) == ("wo", "", "two", " three")


@given(st.text(st.sampled_from("a\r\n")))
def test_normalised_text_has_no_carriage_return(text: str) -> None:
    assert normalised(text) == "\n".join(text.replace("\r\n", "\n").split("\r"))


class Seen(list[str]):
    """Lines that count how many of them are looked at."""

    count = 0

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        Seen.count += len(found) if isinstance(index, slice) else 1
        return found


def test_an_edit_looks_at_the_lines_between_it_and_the_last_one() -> None:
    document = Document.opened("u", "python", 1, "value = 1\n" * 50_000, "utf-16")
    document.lines = Seen(document.lines)
    for row in (25_000, 25_003, 25_001, 50_000, 49_990, 3):
        document.offset(row, 0)
        Seen.count = 0
        edit = document.apply(Change("k", (row, 0), (row, 0)))
        assert edit is not None
        assert document.position(edit.start) == (row, 0)
        document.around(row, 0, 200, 100)
        assert Seen.count < 60


@pytest.mark.parametrize("long", ["a" * (MOST_LINE + 1), "ab\n" * (MOST_CHARS // 3 + 1)])
def test_a_document_over_the_limit_is_not_held_until_its_whole_text_is_short_again(
    long: str,
) -> None:
    document = Document.opened("u", "python", 1, long, "utf-16")
    assert (document.held, document.lines, len(document)) == (False, [""], len(long))
    assert document.apply(Change("k", (0, 0), (0, 9))) is None
    assert document.apply(Change("ab\nc")) == Edit(0, len(long), "ab\nc")
    assert (document.held, document.lines, len(document)) == (True, ["ab", "c"], 4)
    document.apply(Change(long, (0, 0), (0, 0)))
    assert (document.held, document.lines, len(document)) == (False, [""], len(long) + 4)


@given(st.lists(st.tuples(LINES, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), max_size=6))
def test_many_edits_and_looks_agree_with_slices(
    steps: list[tuple[list[str], float, float, float]],
) -> None:
    text = "one\ntwo\n\nfour"
    document = Document.opened("u", "python", 1, text, "utf-16")
    for lines, *shares in steps:
        look, start, end = (int(share * len(text)) for share in shares)
        assert document.offset(*document.position(look)) == look
        start, end = min(start, end), max(start, end)
        change = Change("\n".join(lines), document.position(start), document.position(end))
        assert document.apply(change) == Edit(start, end, "\n".join(lines))
        text = text[:start] + "\n".join(lines) + text[end:]
        assert (document.text, len(document)) == (text, len(text))


@given(st.text(st.sampled_from("a\u00e9\U0001f600"), max_size=9), st.integers(0, 9))
def test_columns_of_long_lines_agree_with_those_of_short_ones(tail: str, units: int) -> None:
    head = "\u00e9\U0001f600" * 1500
    before = width(head, "utf-16")
    assert column(head + tail, before + units, "utf-16") == len(head) + column(
        tail, units, "utf-16"
    )
