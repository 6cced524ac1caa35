"""Open documents as the editor sees them: lines, positions and edits.

Text is kept with LF line ends, offsets are code points; positions arrive in the client's units
(UTF-8, UTF-16 or UTF-32). Only CR LF, LF and CR end a line, as the protocol says: Python's
``splitlines`` would also break at form feeds. An edit costs what lies between it and the one before
it, not what the document holds. Knows nothing of suggestions.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Units = Literal["utf-8", "utf-16", "utf-32"]

MOST_CHARS, MOST_LINE = 4_000_000, 1_000_000
"""A longer document, or one with a longer line, is not held: its text is forgotten until the whole
of it comes again."""
_STEP = 1024


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace code points ``start`` to ``end`` by ``text`` (LF line ends)."""

    start: int
    end: int
    text: str

    def applied(self, text: str) -> str:
        """Return ``text`` after this edit."""
        return text[: self.start] + self.text + text[self.end :]


@dataclass(frozen=True, slots=True)
class Change:
    """One element of a ``didChange``; without a range it replaces the whole text."""

    text: str
    start: tuple[int, int] | None = None
    end: tuple[int, int] | None = None


@dataclass(slots=True)
class Document:
    """One open document; a notebook cell is a document of its own.

    ``held`` is false once it has become too long: then it has one empty line, and only a change of
    the whole text brings it back. ``_mark`` is a row and the offset of its first
    character, from which others are counted.
    """

    uri: str
    language: str
    version: int
    lines: list[str] = field(default_factory=lambda: [""])
    units: Units = "utf-16"
    held: bool = True
    _size: int = -1
    _mark: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        """Count the characters, once."""
        self._size = sum(map(len, self.lines)) + len(self.lines) - 1

    @classmethod
    def opened(cls, uri: str, language: str, version: int, text: str, units: Units) -> "Document":
        """Return the document of a ``didOpen``."""
        document = cls(uri, language, version, units=units)
        document._take(text)
        return document

    @property
    def text(self) -> str:
        """The whole text with LF line ends."""
        return "\n".join(self.lines)

    def __len__(self) -> int:
        return self._size

    def line_length(self, line: int) -> int:
        """Return how many code points a line has; beyond the end the last one."""
        return len(self.lines[min(line, len(self.lines) - 1)])

    def offset(self, line: int, character: int) -> int:
        """Return the code point at a position in client units; beyond the end means the end."""
        row, column = self._place((line, character))
        return self._start(row) + column

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and character (in client units) of a code point offset."""
        row, start = self._mark
        if offset < start - offset:  # the beginning is nearer
            row, start = 0, 0
        while row and offset < start:
            row -= 1
            start -= len(self.lines[row]) + 1
        while row + 1 < len(self.lines) and offset > start + len(self.lines[row]):
            start += len(self.lines[row]) + 1
            row += 1
        self._mark = (row, start)
        return row, width(self.lines[row][: max(offset - start, 0)], self.units)

    def around(
        self, line: int, character: int, before: int, after: int
    ) -> tuple[str, str, str, str]:
        """Return prefix, suffix (at most ``before`` and ``after`` code points), and the two
        halves of the line at a position."""
        row, column = self._place((line, character))
        left, right = self.lines[row][:column], self.lines[row][column:]
        prefix = self._above(row, before - len(left))
        suffix = self._below(row, after - len(right))
        head = "\n".join([*reversed(prefix), left])
        tail = "\n".join([right, *suffix])
        return head[-before:] if before else "", tail[:after], left, right

    def apply(self, change: Change) -> Edit | None:
        """Apply one change in place; return it in code points of the text before it.

        None where that text is not held.
        """
        if change.start is None or change.end is None:
            before = self._size
            return Edit(0, before, self._take(change.text))
        if not self.held:
            return None
        inserted = normalised(change.text)
        first, last = sorted((self._place(change.start), self._place(change.end)))
        end = self._start(last[0]) + last[1]
        edit = Edit(self._start(first[0]) + first[1], end, inserted)
        new = inserted.split("\n")
        rest = self.lines[last[0]][last[1] :]
        new[0] = self.lines[first[0]][: first[1]] + new[0]
        new[-1] += rest
        self.lines[first[0] : last[0] + 1] = new
        self._size += len(inserted) - (edit.end - edit.start)
        if self._size > MOST_CHARS or max(map(len, new)) > MOST_LINE:
            self._let_go()
        return edit

    # -- inside ----------------------------------------------------------------------------

    def _take(self, text: str) -> str:
        """Make ``text`` the document's; return it with LF line ends."""
        text = normalised(text)
        self._size, self._mark, self.held = len(text), (0, 0), True
        self.lines = text.split("\n") if self._size <= MOST_CHARS else []
        if not self.lines or max(map(len, self.lines)) > MOST_LINE:
            self._let_go()
        return text

    def _let_go(self) -> None:
        self.lines, self._mark, self.held = [""], (0, 0), False

    def _place(self, position: tuple[int, int]) -> tuple[int, int]:
        line, character = position
        if line >= len(self.lines):
            return len(self.lines) - 1, len(self.lines[-1])
        return line, column(self.lines[line], character, self.units)

    def _start(self, row: int) -> int:
        """Return the offset of a row's first character, counted from the nearest known one."""
        known = ((0, 0), self._mark, (len(self.lines), self._size + 1))
        at, offset = min(known, key=lambda mark: abs(mark[0] - row))
        if at <= row:
            offset += sum(map(len, self.lines[at:row])) + row - at
        else:
            offset -= sum(map(len, self.lines[row:at])) + at - row
        self._mark = (row, offset)
        return offset

    def _above(self, row: int, budget: int) -> list[str]:
        """Return the ends of the lines above a row, the nearest first, within a budget."""
        taken: list[str] = []
        while row and budget > 0:
            row -= 1
            taken.append(self.lines[row][-budget:])
            budget -= len(taken[-1]) + 1
        return taken

    def _below(self, row: int, budget: int) -> list[str]:
        """Return the beginnings of the lines below a row within a budget of code points."""
        taken: list[str] = []
        while row + 1 < len(self.lines) and budget > 0:
            row += 1
            taken.append(self.lines[row][:budget])
            budget -= len(taken[-1]) + 1
        return taken


def applied_all(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` after one edit after the other."""
    for edit in edits:
        text = edit.applied(text)
    return text


def normalised(text: str) -> str:
    """Return ``text`` with LF line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def width(text: str, units: Units) -> int:
    """Return the length of ``text`` in client units."""
    if units == "utf-32" or text.isascii():
        return len(text)
    if units == "utf-16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass"))


def column(line: str, character: int, units: Units) -> int:
    """Return the code point column of ``character``; inside a character means before it."""
    if units == "utf-32" or line.isascii():
        return min(character, len(line))
    seen = start = 0
    while start < len(line):
        size = width(line[start : start + _STEP], units)
        if seen + size > character:
            break
        seen, start = seen + size, start + _STEP
    for index, each in enumerate(line[start : start + _STEP], start):
        seen += _width(each, units)
        if seen > character:
            return index
    return len(line)


def _width(character: str, units: Units) -> int:
    point = ord(character)
    if units == "utf-16":
        return 2 if point > 0xFFFF else 1
    return 1 if point < 0x80 else 2 if point < 0x800 else 3 if point < 0x10000 else 4
