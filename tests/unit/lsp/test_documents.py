import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_lsp.documents import Change, Document, Units, column, normalised, width

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
    assert (edit.start, edit.end, edit.text) == (start, end, inserted)
    assert document.text == text[:start] + inserted + text[end:]


def test_a_whole_text_change_is_an_edit_of_everything() -> None:
    document = Document.opened("u", "python", 1, "a\r\nb", "utf-16")
    edit = document.apply(Change("c\rd\n"))
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
