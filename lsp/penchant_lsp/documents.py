"""Open documents as the editor sees them: lines, positions and edits.

Text is kept with LF line ends, offsets are code points; positions arrive in the client's units
(UTF-8, UTF-16 or UTF-32). Only CR LF, LF and CR end a line, as the protocol says: Python's
``splitlines`` would also break at form feeds. Knows nothing of suggestions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Units = Literal["utf-8", "utf-16", "utf-32"]


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
    """One open document; a notebook cell is a document of its own."""

    uri: str
    language: str
    version: int
    lines: list[str] = field(default_factory=lambda: [""])
    units: Units = "utf-16"

    @classmethod
    def opened(cls, uri: str, language: str, version: int, text: str, units: Units) -> "Document":
        """Return the document of a ``didOpen``."""
        return cls(uri, language, version, normalised(text).split("\n"), units)

    @property
    def text(self) -> str:
        """The whole text with LF line ends."""
        return "\n".join(self.lines)

    def __len__(self) -> int:
        return sum(map(len, self.lines)) + len(self.lines) - 1

    def offset(self, line: int, character: int) -> int:
        """Return the code point at a position in client units; beyond the end means the end."""
        row, column = self._place((line, character))
        return self._offset(row, column)

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and character (in client units) of a code point offset."""
        for row, line in enumerate(self.lines):
            if offset <= len(line):
                return row, width(line[: max(offset, 0)], self.units)
            offset -= len(line) + 1
        return len(self.lines) - 1, width(self.lines[-1], self.units)

    def around(
        self, line: int, character: int, before: int, after: int
    ) -> tuple[str, str, str, str]:
        """Return prefix, suffix (at most ``before`` and ``after`` code points), and the two
        halves of the line at a position."""
        row, column = self._place((line, character))
        left, right = self.lines[row][:column], self.lines[row][column:]
        prefix = _gather(reversed(self.lines[:row]), before - len(left))
        suffix = _gather(self.lines[row + 1 :], after - len(right))
        head = "\n".join([*reversed(prefix), left])
        tail = "\n".join([right, *suffix])
        return head[-before:] if before else "", tail[:after], left, right

    def apply(self, change: Change) -> Edit:
        """Apply one change in place; return it in code points of the text before it."""
        inserted = normalised(change.text)
        if change.start is None or change.end is None:
            edit = Edit(0, len(self), inserted)
            self.lines = inserted.split("\n")
            return edit
        first, last = sorted((self._place(change.start), self._place(change.end)))
        edit = Edit(self._offset(*first), self._offset(*last), inserted)
        new = (self.lines[first[0]][: first[1]] + inserted + self.lines[last[0]][last[1] :]).split(
            "\n"
        )
        self.lines[first[0] : last[0] + 1] = new
        return edit

    def _place(self, position: tuple[int, int]) -> tuple[int, int]:
        line, character = position
        if line >= len(self.lines):
            return len(self.lines) - 1, len(self.lines[-1])
        return line, column(self.lines[line], character, self.units)

    def _offset(self, row: int, column: int) -> int:
        return sum(map(len, self.lines[:row])) + row + column


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
    return sum(_width(character, units) for character in text)


def column(line: str, character: int, units: Units) -> int:
    """Return the code point column of ``character``; inside a character means before it."""
    if units == "utf-32" or line.isascii():
        return min(character, len(line))
    seen = 0
    for index, each in enumerate(line):
        seen += _width(each, units)
        if seen > character:
            return index
    return len(line)


def _width(character: str, units: Units) -> int:
    point = ord(character)
    if units == "utf-16":
        return 2 if point > 0xFFFF else 1
    return 1 if point < 0x80 else 2 if point < 0x800 else 3 if point < 0x10000 else 4


def _gather(lines: Iterable[str], budget: int) -> Sequence[str]:
    """Take whole lines while there is a budget of code points left; the last may exceed it."""
    taken: list[str] = []
    for line in lines:
        if budget <= 0:
            break
        taken.append(line)
        budget -= len(line) + 1
    return taken
