"""A text in its place: the syntax tree of the file around it, and which part of it is the text.

What is known of a file is a window that may begin and end in the middle of anything, so its head
and its tail are mended before a file counts as broken: lines are dropped up to the first that can
stand at the beginning, and after the last that can end it. Nothing is run. Pure functions, cached,
because several checks look at the same place. Knows nothing of what is looked for.
"""

import ast
import codeop
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from penchant_core.settings import CompletionSettings
from penchant_core.syntax import parsed

_SERVED = CompletionSettings()
PREFIX_CHARS, SUFFIX_CHARS = _SERVED.prefix_chars, _SERVED.suffix_chars
"""Windows of at least this size (characters) count as cut: what is sent by default."""

_FLAGS = ast.PyCF_ONLY_AST | codeop.PyCF_ALLOW_INCOMPLETE_INPUT  # type: ignore[attr-defined]
_STARTS = re.compile(r"^(?:@|(?:async def|def|class|import|from|if|for|while|with|try)\b)", re.M)
_WORD = re.compile(r"\w+$")
_TRIES = 4
_CACHED = 256

Position = tuple[int, int]
"""Line (from 1) and column (from 0, in UTF-8 bytes), as in a syntax tree."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A file that parses with the text in place, between ``begin`` and ``end``.

    ``head_cut`` and ``tail_cut`` tell that there is more of the file than is known.
    """

    tree: ast.Module
    source: str
    begin: Position
    end: Position
    head_cut: bool
    tail_cut: bool

    def touches(self, node: ast.expr | ast.stmt | ast.keyword) -> bool:
        """Whether a part of the node is a part of the text."""
        start, stop = (node.lineno, node.col_offset), _end(node)
        return start < self.end and stop > self.begin


@lru_cache(maxsize=_CACHED)
def placed(prefix: str, text: str, suffix: str) -> Placement | None:
    """Return the text in its place, None when that does not parse however the window is mended."""
    head = mended_head(prefix)
    if head is None:
        return None
    for tail in _tails(suffix):
        source = head + text + tail
        tree = parsed(source)
        if tree is not None:
            cut_head = head != prefix or len(prefix) >= PREFIX_CHARS
            cut_tail = tail != suffix or len(suffix) >= SUFFIX_CHARS
            begin, end = _position(head), _position(head + text)
            return Placement(tree, source, begin, end, cut_head, cut_tail)
    return None


def viable(source: str) -> bool:
    """Whether more text could still make valid Python of it (it may be so already)."""
    # The end of a line is a token of its own; a backslash takes it away.
    return _may_go_on(source) or _may_go_on(source.rstrip(" ") + "\\")


def _may_go_on(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "?", "exec", _FLAGS, dont_inherit=True)
    except SyntaxError as error:
        return "incomplete input" in str(error)
    except (ValueError, RecursionError, MemoryError):
        return False
    return True


@lru_cache(maxsize=_CACHED)
def mended_head(prefix: str) -> str | None:
    """Return the largest end of a window's prefix that a file could begin with, None if none."""
    heads = _heads(prefix)
    return next((head for head in heads if viable(head) or viable(_WORD.sub("", head))), None)


def _heads(prefix: str) -> Iterator[str]:
    yield prefix
    starts = [match.start() for match in _STARTS.finditer(prefix)]
    for start in starts[:_TRIES]:
        if start:
            yield prefix[start:]
    if not starts:
        yield from _wrapped(prefix)


def _wrapped(prefix: str) -> Iterator[str]:
    """Give indented lines without a beginning the blocks that they stand in."""
    lines = prefix.split("\n")[1:]
    depths = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    if not depths or not min(depths):
        return
    shallow = min(depths)
    for index, line in enumerate(lines):
        if line.strip() and len(line) - len(line.lstrip()) == shallow:
            opening = "if True:\n" if shallow <= 4 else "if True:\n    if True:\n"
            yield opening + "\n".join(lines[index:])
            return


def _tails(suffix: str) -> Iterator[str]:
    yield suffix
    if suffix.endswith("\n") and len(suffix) < SUFFIX_CHARS:
        return  # the file ends there: what is broken is broken
    lines = suffix.split("\n")
    tops = [n for n, line in enumerate(lines) if n and line[:1].strip() and line[0] not in ")]}#"]
    if tops:
        yield "\n".join(lines[: tops[-1]]) + "\n"
    for dropped in (1, 2, 4, 8):
        if len(lines) > dropped:
            yield "\n".join(lines[:-dropped]) + "\n"


def _position(before: str) -> Position:
    last = before.rpartition("\n")[2]
    return before.count("\n") + 1, len(last.encode("utf-8", "surrogatepass"))


def _end(node: ast.expr | ast.stmt | ast.keyword) -> Position:
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
