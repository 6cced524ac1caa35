"""Whether what has come of an answer is the whole of it already, so that its stream can be ended.

Pure functions of the text so far and of what stands around the cursor. Lines are judged one after
the other, each as soon as it can be, so that the verdict does not depend on how the text was cut
into pieces on its way. Knows nothing of streams, of models and of what is shown in the end.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from penchant_core.signals import Candidate
from penchant_lsp.filters.artefacts import PROSE
from penchant_lsp.filters.below import similar
from penchant_lsp.filters.scope import (
    OPENING,
    brackets,
    closed,
    comment_mark,
    inside_string,
    still_open,
)
from penchant_lsp.filters.surroundings import Surroundings, indentation

_TALK = ("```", "~~~", "<think")
"""What a line of talk begins with: what then follows is judged once all of it is there."""
_GO_ON = frozenset(("else", "elif", "elsif", "except", "finally", "rescue", "ensure", "catch"))
_END = frozenset(("end", "fi", "done", "esac", "od"))
_WORD = re.compile(r"\w*")
_LOOPING = 40
"""So many characters of one piece said over and over (at least five times) lead nowhere; the filter
``stuttering`` refuses that line."""
_PIECES = ((3, 3, 13), (4, 4, 9), (5, 5, 7), (6, 6, 6), (7, 7, 5), (8, 40, 4))
"""The least and most characters of a piece, and how often it must come again to be as much."""
_STUTTER = re.compile(
    "|".join(
        rf"(?=.{{0,{most - 1}}}\w)(?P<p{least}>.{{{least},{most}}}?)(?P=p{least}){{{again}}}"
        for least, most, again in _PIECES
    )
)


class Why(StrEnum):
    """What ended an answer."""

    LINE = "line"
    SCOPE = "scope"
    BRACKETS = "brackets"
    BELOW = "below"
    BLANK = "blank"
    LOOP = "loop"
    STUTTER = "stutter"


@dataclass(frozen=True, slots=True)
class Stop:
    """The answer is whole: it is ``text``, and what follows it was not asked for."""

    text: str
    why: Why


def stop(text: str, around: Surroundings) -> Stop | None:
    """Return where an answer ends that begins with ``text``, None while that cannot be told."""
    if not around.many or around.right.strip():
        head, end, _ = text.partition("\n")
        stutter = _stuttering([head])
        return stutter or (Stop(head, Why.LINE) if end else None)
    following = next(iter(around.lines_below), "")
    block = _Block(around)
    lines = text.split("\n")
    for at, line in enumerate(lines):
        whole = at + 1 < len(lines)
        if around.language not in PROSE and _talk(line, whole=whole):
            break
        if at and block.left_by(line, whole=whole):
            return _first(lines, at, Why.SCOPE)
        if stutter := _stuttering(lines[: at + 1]):
            return stutter
        found = _after(lines[: at + 1], around, block, following) if whole else None
        if found is not None:
            return found
    return None


def concluded(candidate: Candidate, around: Surroundings, *, late: bool) -> Candidate:
    """Return a candidate as far as it counts.

    One that ended here ended by itself; of several lines that were unfinished at the deadline
    (``late``) only the whole ones are left.
    """
    found = stop(candidate.text, around)
    if found is not None:
        return replace(candidate, text=found.text, finish_reason="stop")
    if late and candidate.finish_reason is None:
        lines, several, _ = candidate.text.rpartition("\n")
        return replace(candidate, text=lines if several else candidate.text)
    return candidate


class _Block:
    """What the cursor's line has begun: nothing, brackets, or a block without brackets."""

    def __init__(self, around: Surroundings) -> None:
        left = around.left
        self._mark = comment_mark(around.language)
        self._floor = indentation(left)
        self._open = [] if inside_string(left) else still_open(left, self._mark)
        self._bracketed = bool(self._open)
        self._begun = bool(left.strip()) and not self._bracketed

    def left_by(self, line: str, *, whole: bool) -> bool:
        """Whether a line, or the beginning of one, stands outside of the block."""
        size, content = indentation(line), line.lstrip(" \t")
        if not content.rstrip() or size > self._floor:
            return False
        if size < self._floor:
            return True
        word = _WORD.match(content)
        name = word.group() if word else ""
        if not whole and name == content and any(e.startswith(name) for e in _GO_ON | _END):
            return False
        return self._begun and name not in _GO_ON | _END

    def ended_by(self, line: str, *, first: bool) -> Why | None:
        """Return what ends with a whole line that belongs to it; lines come in their order."""
        for _, character in brackets(line, self._mark):
            if character in OPENING:
                self._open.append(character)
            else:
                closed(self._open, character)
        if self._bracketed:
            return Why.BRACKETS if not self._open else None
        at_floor = not first and self._begun and indentation(line) == self._floor
        word = _WORD.match(line.lstrip(" \t"))
        return Why.SCOPE if at_floor and word and word.group() in _END else None


def _after(
    lines: Sequence[str], around: Surroundings, block: _Block, following: str
) -> Stop | None:
    """Return where an answer ends whose newest line is whole."""
    line, at = lines[-1], len(lines) - 1
    ended = block.ended_by(line, first=at == 0)
    if ended is not None:
        return _first(lines, at + 1, ended)
    if _stands_below(at, line, around, following):
        return _first(lines, at, Why.BELOW)
    again = _again(lines, around)
    return None if again is None else _first(lines, at - 1, again)


def _stuttering(lines: Sequence[str]) -> Stop | None:
    """Return where the newest line has said one piece too often, as early as that shows."""
    line = lines[-1]
    if len(line) < _LOOPING or not _STUTTER.search(line):
        return None
    sizes = range(len(line) + 1)
    shown = bisect_left(sizes, True, key=lambda size: _STUTTER.search(line, 0, size) is not None)
    return Stop("\n".join([*lines[:-1], line[:shown]]), Why.STUTTER)


def _talk(line: str, *, whole: bool) -> bool:
    begun = line.lstrip()
    return begun.startswith(_TALK) or (
        not whole and bool(begun) and any(each.startswith(begun) for each in _TALK)
    )


def _stands_below(at: int, line: str, around: Surroundings, following: str) -> bool:
    if not following or not (at or around.begins_line):
        return False
    whole = line if at else around.left + line
    return whole.rstrip() == following or similar(whole, following)


def _again(lines: Sequence[str], around: Surroundings) -> Why | None:
    """Return what the last three lines are: the same three times, or two blank ones after one."""
    if len(lines) < 3:
        return None
    first, *others = (line.rstrip() for line in lines[-3:])
    if len(lines) == 3 and around.begins_line:
        first = (around.left + lines[0]).rstrip()
    if not first.strip():
        return None
    if not any(others):
        return Why.BLANK
    return Why.LOOP if all(each == first for each in others) else None


def _first(lines: Sequence[str], count: int, why: Why) -> Stop:
    return Stop("\n".join(lines[:count]), why)
