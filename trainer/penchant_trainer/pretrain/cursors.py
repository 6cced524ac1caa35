"""Where a cursor stands when somebody writes Python, and how much of the text it is asked for.

A cut is a pair of character offsets: the middle lies between them. Training draws its samples here
and the evaluation its questions, so that both mean the same by "after the indentation". Pure
functions of text and random source. Knows nothing of tokens.
"""

import random
import re
from dataclasses import dataclass
from typing import Literal, TypeVar

T = TypeVar("T")
Case = Literal["indentation", "mid_line", "identifier_end", "mid_identifier", "line_end"]
Extent = Literal["line", "block", "span"]
SINGLE_LINE: tuple[Case, ...] = ("indentation", "mid_line", "identifier_end")
BLOCK_LINES = 6

_TOKEN = re.compile(r"\w+|[^\w\s]+")
_WORD = re.compile(r"[^\W\d]\w*")
_CASES: dict[Case, float] = {
    "indentation": 0.30,
    "mid_line": 0.33,
    "identifier_end": 0.13,
    "mid_identifier": 0.20,
    "line_end": 0.04,
}
_EXTENTS: dict[Extent, float] = {"line": 0.78, "block": 0.13, "span": 0.09}


@dataclass(frozen=True, slots=True)
class Cut:
    """The middle of a text: ``text[begin:end]``."""

    begin: int
    end: int


def column(line: str, case: Case, chance: random.Random) -> int | None:
    """Return a column of ``line`` (without its end) for a case, or None if it has none."""
    text = line.strip()
    if not text:
        return None
    indent = len(line) - len(line.lstrip())
    match case:
        case "indentation":
            return indent
        case "line_end":
            return len(line)
        case "mid_line":
            columns = {edge for t in _TOKEN.finditer(line) for edge in t.span()} - {indent}
        case "identifier_end":
            columns = {t.end() for t in _WORD.finditer(line)}
        case "mid_identifier":
            words = [t for t in _WORD.finditer(line) if len(t.group()) >= 3]
            columns = {i for t in words for i in range(t.start() + 1, t.end())}
    inside = sorted(columns - {len(line.rstrip()), len(line)})
    return chance.choice(inside) if inside else None


def draw(text: str, near: int, chance: random.Random) -> Cut | None:
    """Return a cut in the line at offset ``near``, of a case and extent drawn by their shares."""
    start = text.rfind("\n", 0, near) + 1
    stop = _line_end(text, start)
    case = _drawn(_CASES, chance)
    extent = _drawn(_EXTENTS, chance)
    col = column(text[start:stop], "indentation" if extent == "block" else case, chance)
    if col is None:
        return None
    begin = start + col
    match extent:
        case "line":
            return Cut(begin, stop)
        case "block":
            return Cut(begin, block_end(text, start))
        case "span":
            return Cut(begin, min(len(text), begin + 1 + int(chance.expovariate(1 / 60))))


def block_end(text: str, start: int, most_lines: int = BLOCK_LINES) -> int:
    """Return where the statement or block that begins in the line at ``start`` ends.

    It goes on while lines are indented at least as deep as the first one, up to a blank line or
    ``most_lines``. The offset is that of the last line's end.
    """
    stop = _line_end(text, start)
    depth = _depth(text[start:stop])
    for _ in range(most_lines - 1):
        following = text[stop + 1 : _line_end(text, stop + 1)]
        if not following.strip() or _depth(following) < depth:
            break
        stop = _line_end(text, stop + 1)
    return stop


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _line_end(text: str, start: int) -> int:
    found = text.find("\n", start)
    return len(text) if found < 0 else found


def _drawn(shares: dict[T, float], chance: random.Random) -> T:
    return chance.choices(list(shares), list(shares.values()))[0]
